package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// How long a test may go on with a fault in the code, and all tests of a
// package, on a busy machine. One that hangs has noticed nothing that a reader
// could use.
const (
	testMost  = "60s"
	wholeMost = "15m"
)

// skipped is said of a test that needs what is not on this machine. In CI such
// a test fails, so nothing is left out there.
const skipped = "left out: its test is skipped here"

// Verdict is what became of a mutant.
type Verdict struct {
	Mutant
	Killed  bool
	LeftOut bool   // its test is skipped on this machine
	By      int    // how many tests noticed it, when all of the package are run
	Why     string // it was not killed
}

// String says it on one line, and why below.
func (v Verdict) String() string {
	if v.Killed {
		return fmt.Sprintf("mutant %s: killed by %d of %s", v.Name, v.By, v.Package)
	}
	return fmt.Sprintf("mutant %s: %s\n  %s\n  %s, %s %s", v.Name, v.Why, v.Rule, v.Changes[0].File, v.Package, v.Test)
}

// bench runs mutants.
type bench struct {
	root  fs.FS
	dir   string // for what the compiler reads in place of files
	whole bool
}

// all runs every mutant, a few at a time, in their order.
func (b *bench) all(ctx context.Context, mutants []Mutant, workers int) []Verdict {
	verdicts := make([]Verdict, len(mutants))
	sound := b.sound(ctx, mutants)
	var group sync.WaitGroup
	next := make(chan int)
	for range workers {
		group.Go(func() {
			for n := range next {
				m := mutants[n]
				why := sound[m.Package+" "+m.Test]
				if verdicts[n] = (Verdict{Mutant: m, Why: why, LeftOut: why == skipped}); why == "" {
					verdicts[n] = b.one(ctx, n, m)
				}
			}
		})
	}
	for n := range mutants {
		next <- n
	}
	close(next)
	group.Wait()
	return verdicts
}

// sound runs the tests as the code is, each package's once, and says of each
// that does not pass why its mutants prove nothing.
func (b *bench) sound(ctx context.Context, mutants []Mutant) map[string]string {
	tests := map[string][]string{}
	for _, m := range mutants {
		top, _, _ := strings.Cut(m.Test, "/")
		tests[m.Package] = append(tests[m.Package], top)
	}
	why := map[string]string{}
	for pkg, tops := range tests {
		slices.Sort(tops)
		out := test(ctx, "", pkg, "^("+strings.Join(slices.Compact(tops), "|")+")$")
		for _, m := range mutants {
			switch {
			case m.Package != pkg || said(out, "PASS", m.Test):
			case said(out, "SKIP", m.Test):
				why[pkg+" "+m.Test] = skipped
			default:
				why[pkg+" "+m.Test] = "its test does not pass without it: " + lastOf(out)
			}
		}
	}
	return why
}

// one puts the fault where the compiler finds it and runs the test.
func (b *bench) one(ctx context.Context, n int, m Mutant) Verdict {
	v := Verdict{Mutant: m}
	overlay, err := b.overlay(n, m)
	if err != nil {
		v.Why = err.Error()
		return v
	}
	pattern := ""
	if !b.whole {
		pattern = "^" + strings.ReplaceAll(m.Test, "/", "$/^") + "$"
	}
	out := test(ctx, overlay, m.Package, pattern)
	v.By = len(topFailure.FindAllString(out, -1))
	switch {
	case said(out, "FAIL", m.Test):
		v.Killed = true
	case said(out, "PASS", m.Test):
		v.Why = "survived: its test passes with the fault in the code"
	default:
		v.Why = "its test said nothing: " + lastOf(out)
	}
	return v
}

// overlay writes the faulty files aside, and the list by which the compiler
// finds them.
func (b *bench) overlay(n int, m Mutant) (path string, err error) {
	files, err := m.Faulty(b.root)
	if err != nil {
		return "", err
	}
	replace := map[string]string{}
	for file, text := range files {
		real, err := filepath.Abs(file)
		if err != nil {
			return "", err
		}
		replace[real] = filepath.Join(b.dir, fmt.Sprintf("%d-%d.go", n, len(replace)))
		if err := os.WriteFile(replace[real], []byte(text[1:]), 0o600); err != nil { // without the first line feed
			return "", err
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path = filepath.Join(b.dir, fmt.Sprintf("%d.json", n))
	return path, os.WriteFile(path, list, 0o600)
}

// test runs tests of a package and returns all that was said.
func test(ctx context.Context, overlay, pkg, pattern string) string {
	most := testMost
	if pattern == "" { // all tests of the package
		most = wholeMost
	}
	args := []string{"test", "-count=1", "-vet=off", "-v", "-timeout", most}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	if pattern != "" {
		args = append(args, "-run", pattern)
	}
	out, _ := exec.CommandContext(ctx, "go", append(args, "./"+pkg)...).CombinedOutput() // a test that fails is what is wanted
	return string(out)
}

var topFailure = regexp.MustCompile(`(?m)^--- FAIL: `)

// said reports whether a test ended in a way.
func said(out, end, name string) bool {
	return regexp.MustCompile(`(?m)^ *--- ` + end + `: ` + regexp.QuoteMeta(name) + ` \(`).MatchString(out)
}

// lastOf is the end of what was said.
func lastOf(out string) string {
	const most = 600
	out = strings.TrimSpace(out)
	return out[max(0, len(out)-most):]
}
