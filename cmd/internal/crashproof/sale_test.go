//go:build crash

package crashproof_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/crashproof"
	"github.com/jifen-pos/jifen/scripts/needs"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// The environment of a child that sells: the ledger's path.
const ledgerVariable = "JIFEN_CRASH_LEDGER"

// said is a line that a child that sells prints.
type said struct {
	Told    int                 // commits that are confirmed
	Done    bool                // award and redemption are done
	Commits []crashproof.Digest // with Done: what each commit left
	Fault   string
}

// TestChildSells makes a ledger, gives one award and takes one redemption. It
// is the program that TestAnySystemCallFails runs.
func TestChildSells(t *testing.T) {
	path := os.Getenv(ledgerVariable)
	if path == "" {
		return
	}
	runtime.LockOSThread() // calls are counted by thread
	out := json.NewEncoder(os.Stdout)
	if err := sell(t, path, out); err != nil {
		_ = out.Encode(said{Fault: err.Error()})
	}
}

func sell(t *testing.T, path string, out *json.Encoder) error {
	store, err := boltstore.Open(path, tilltest.Terminal)
	if err != nil {
		return err
	}
	t.Cleanup(func() { store.Close() })
	r := &crashproof.Recorder{}
	j, err := crashproof.NewJournal(store, r)
	if err != nil {
		return err
	}
	b := tilltest.New(t, j)
	s := crashproof.NewScript(t, b, r, rand.New(rand.NewPCG(1, 1)))
	for _, step := range []func() error{s.SignIn, s.Redeem} { // the redemption earns its points first
		if err := step(); err != nil {
			return err
		}
		if err := out.Encode(said{Told: len(r.Trace().Commits) - 1}); err != nil {
			return err
		}
	}
	last := said{Told: len(r.Trace().Commits) - 1, Done: true}
	for _, c := range r.Trace().Commits {
		last.Commits = append(last.Commits, c.Digest)
	}
	return out.Encode(last)
}

// run has a child sell under strace and returns what it said last of each.
func run(t *testing.T, dir string, strace ...string) (told said, log []byte) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := append([]string{"-f", "-qq", "-o", filepath.Join(dir, "log")}, strace...)
	cmd := exec.Command(needs.Program(t, "strace"), append(args, self, "-test.run=^TestChildSells$")...)
	cmd.Env = append(os.Environ(), ledgerVariable+"="+filepath.Join(dir, "ledger.db"), "GOMAXPROCS=2")
	var out, problems bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problems
	late := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	_ = cmd.Run() // a child that fails or is killed is what is wanted
	late.Stop()
	for line := range strings.Lines(out.String()) {
		var s said
		if json.Unmarshal([]byte(line), &s) != nil {
			continue
		}
		told.Told, told.Done = max(told.Told, s.Told), told.Done || s.Done
		if s.Done {
			told.Commits = s.Commits
		}
		told.Fault += s.Fault
	}
	if log, err = os.ReadFile(filepath.Join(dir, "log")); err != nil {
		t.Fatalf("strace left no log: %v\n%s", err, problems.String())
	}
	return told, log
}

// fault is what strace does to the n-th call of a name.
type fault struct {
	call, what string
	n          int
}

func (f fault) String() string { return fmt.Sprintf("%s:%s:when=%d", f.call, f.what, f.n) }

// calls are the system calls that fail, each with the ways in which it does.
var calls = map[string][]string{
	"pwrite64": {"error=EIO", "error=ENOSPC", "signal=KILL"}, "fdatasync": {"error=EIO", "error=ENOSPC", "signal=KILL"},
	"fsync": {"error=EIO", "signal=KILL"}, "renameat": {"error=EIO", "error=ENOSPC", "signal=KILL"},
	"ftruncate": {"error=EIO", "error=ENOSPC", "signal=KILL"},
	"openat":    {"error=EIO", "error=ENOSPC", "signal=KILL"}, "mmap": {"error=ENOMEM", "signal=KILL"},
}

var callLine = regexp.MustCompile(`(?m)^(\d+) +(\w+)\(`)

// faults lists what can fail in a run, from the log of a run without failures.
func faults(t *testing.T, log []byte) []fault {
	t.Helper()
	lines := callLine.FindAllSubmatch(log, -1)
	writes := map[string]int{}
	thread := ""
	for _, l := range lines {
		if id := string(l[1]); string(l[2]) == "pwrite64" {
			if writes[id]++; writes[id] > writes[thread] {
				thread = id
			}
		}
	}
	var list []fault
	count := map[string]int{}
	for _, l := range lines {
		if string(l[1]) != thread {
			continue
		}
		name := string(l[2])
		count[name]++
		for _, what := range calls[name] {
			list = append(list, fault{name, what, count[name]})
		}
	}
	for name := range calls {
		if count[name] == 0 && name != "ftruncate" {
			t.Errorf("the child never calls %s", name)
		}
	}
	t.Logf("one award and one redemption: %v", count)
	return list
}

func TestAnySystemCallFails(t *testing.T) {
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range calls {
			if !yield(name) {
				return
			}
		}
	})
	trace := "trace=" + strings.Join(names, ",")
	whole, log := run(t, crashproof.Scratch(t), "-e", trace)
	if !whole.Done {
		t.Fatalf("the child did not sell: %+v", whole)
	}
	list := faults(t, log)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	begin, tried, hit := time.Now(), 0, 0
	for _, f := range list {
		if !*all && time.Since(begin) > systemCallBudget {
			break
		}
		tried++
		if fails(t, f, trace, whole) {
			hit++
		}
	}
	fmt.Printf("crash proof: failing system calls: %d of %d tried, %d struck, in %s\n", tried, len(list), hit, time.Since(begin).Round(time.Second))
	if tried < systemCallsLeast || hit < tried*9/10 {
		t.Errorf("%d failures tried and %d struck, want at least %d and nearly all", tried, hit, systemCallsLeast)
	}
}

// How long the failing calls may take without -all, and how many there must be.
const (
	systemCallBudget = 40 * time.Second
	systemCallsLeast = 10
)

// fails runs one failure and checks what is left; it reports whether it struck.
func fails(t *testing.T, f fault, trace string, whole said) bool {
	t.Helper()
	dir := crashproof.Scratch(t)
	told, log := run(t, dir, "-e", trace, "-e", "inject="+f.String())
	struck := bytes.Contains(log, []byte("INJECTED")) || bytes.Contains(log, []byte("killed by SIGKILL"))
	if told.Done && struck && (f.call == "pwrite64" || f.call == "fdatasync") {
		t.Errorf("%s: the child says that all is done", f)
	}
	if (f.call == "pwrite64" || f.call == "fdatasync") && told.Told > 0 && strings.HasPrefix(f.what, "error") &&
		!strings.Contains(told.Fault, journal.ErrUnknownResult.Error()) {
		t.Errorf("%s: the child says %q, want that the result is unknown", f, told.Fault)
	}
	if err := left(t, filepath.Join(dir, "ledger.db"), told, whole); err != nil {
		t.Errorf("%s: after %d of %d commits were confirmed: %v", f, told.Told, len(whole.Commits)-1, err)
	}
	return struck
}

// left checks the ledger that a child left: each commit that was confirmed is
// there, the next one wholly or not at all.
func left(t *testing.T, path string, told, whole said) error {
	t.Helper()
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) && told.Told == 0 {
		return nil
	}
	f := crashproof.Look(t, crashproof.Question{Path: path, Write: true})
	if f.Fault != "" {
		return errors.New(f.Fault)
	}
	if !slices.Contains(whole.Commits[told.Told:], f.Digest) {
		return fmt.Errorf("the ledger holds what commit %d left (-1: none of them)", slices.Index(whole.Commits, f.Digest))
	}
	return nil
}
