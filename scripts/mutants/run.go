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
	dir   string // for what the compiler reads in place of files, and for what it makes
	whole bool
}

// all runs every mutant, a few at a time, in their order. Most are in test
// programs that have all faults of the package's mutants to choose from; such a
// program without any chosen tells also whether a mutant's test passes at all.
func (b *bench) all(ctx context.Context, mutants []Mutant, workers int) ([]Verdict, error) {
	files, alone, err := Weave(b.root, mutants)
	if err != nil {
		return nil, err
	}
	overlay, err := b.overlay("woven", files)
	if err != nil {
		return nil, err
	}
	var pkgs []string
	for _, m := range mutants {
		pkgs = append(pkgs, m.Package)
	}
	pkgs = slices.Compact(slices.Sorted(slices.Values(pkgs)))
	programs := make([]program, len(pkgs))
	each(len(pkgs), workers, func(n int) { programs[n] = b.compile(ctx, fmt.Sprintf("woven-%d", n), overlay, pkgs[n]) })
	why := make([]map[string]string, len(pkgs))
	each(len(pkgs), workers, func(n int) { why[n] = b.sound(ctx, programs[n], mutants) })
	verdicts := make([]Verdict, len(mutants))
	each(len(mutants), workers, func(n int) {
		m := mutants[n]
		at, _ := slices.BinarySearch(pkgs, m.Package)
		v := Verdict{Mutant: m, Why: why[at][m.Test]}
		switch {
		case v.Why != "":
			v.LeftOut = v.Why == skipped
		case alone[m.Name]:
			b.alone(ctx, &v)
		default:
			b.one(ctx, programs[at], &v)
		}
		verdicts[n] = v
	})
	return verdicts, nil
}

// each calls do with 0 to n-1, some at a time.
func each(n, workers int, do func(int)) {
	var group sync.WaitGroup
	next := make(chan int)
	for range workers {
		group.Go(func() {
			for i := range next {
				do(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	group.Wait()
}

// sound runs the tests of a package's mutants with no fault in the code, and
// says of each that does not pass why its mutants prove nothing.
func (b *bench) sound(ctx context.Context, p program, mutants []Mutant) map[string]string {
	var tops, tests []string
	for _, m := range mutants {
		if m.Package == p.pkg {
			top, _, _ := strings.Cut(m.Test, "/")
			tops, tests = append(tops, top), append(tests, m.Test)
		}
	}
	slices.Sort(tops)
	out := p.run(ctx, "", "^("+strings.Join(slices.Compact(tops), "|")+")$")
	why := map[string]string{}
	for _, test := range tests {
		switch {
		case said(out, "PASS", test):
		case said(out, "SKIP", test):
			why[test] = skipped
		default:
			why[test] = "its test does not pass without it: " + lastOf(out)
		}
	}
	return why
}

// alone compiles what has one fault in it, which cannot be chosen, and runs its
// test.
func (b *bench) alone(ctx context.Context, v *Verdict) {
	files, err := v.Faulty(b.root)
	if err == nil {
		var overlay string
		if overlay, err = b.overlay(v.Name, files); err == nil {
			b.one(ctx, b.compile(ctx, v.Name, overlay, v.Package), v)
			return
		}
	}
	v.Why = err.Error()
}

// one runs the test of a mutant.
func (b *bench) one(ctx context.Context, p program, v *Verdict) {
	pattern := ""
	if !b.whole {
		pattern = "^" + strings.ReplaceAll(v.Test, "/", "$/^") + "$"
	}
	out := p.run(ctx, v.Name, pattern)
	v.By = len(topFailure.FindAllString(out, -1))
	switch {
	case said(out, "FAIL", v.Test):
		v.Killed = true
	case said(out, "PASS", v.Test):
		v.Why = "survived: its test passes with the fault in the code"
	default:
		v.Why = "its test said nothing: " + lastOf(out)
	}
}

// overlay writes files aside, and the list by which the compiler finds them in
// place of the real ones.
func (b *bench) overlay(name string, files map[string]string) (path string, err error) {
	replace := map[string]string{}
	for file, text := range files {
		real, err := filepath.Abs(file)
		if err != nil {
			return "", err
		}
		replace[real] = filepath.Join(b.dir, fmt.Sprintf("%s-%d.go", name, len(replace)))
		if err := os.WriteFile(replace[real], []byte(text), 0o600); err != nil {
			return "", err
		}
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path = filepath.Join(b.dir, name+".json")
	return path, os.WriteFile(path, list, 0o600)
}

// program is a package's tests, compiled.
type program struct {
	pkg, path string
	why       string // it could not be compiled
}

func (b *bench) compile(ctx context.Context, name, overlay, pkg string) program {
	p := program{pkg: pkg, path: filepath.Join(b.dir, name+".test")}
	out, err := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", overlay, "-o", p.path, "./"+pkg).CombinedOutput()
	if err != nil {
		p.why = fmt.Sprintf("%v: %s", err, out)
	}
	return p
}

// run runs tests with a fault chosen, and returns all that was said.
func (p program) run(ctx context.Context, mutant, pattern string) string {
	if p.why != "" {
		return p.why
	}
	most := testMost
	if pattern == "" { // all tests of the package
		most = wholeMost
	}
	cmd := exec.CommandContext(ctx, p.path, "-test.v", "-test.timeout", most, "-test.run", pattern)
	cmd.Dir = p.pkg
	cmd.Env = append(cmd.Environ(), chosen+"="+mutant)
	out, _ := cmd.CombinedOutput() // a test that fails is what is wanted
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
