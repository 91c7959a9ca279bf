//go:build crash

package crashproof_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/jifen-pos/jifen/cmd/internal/crashproof"
)

var (
	statesWanted = flag.Int("states", 1000, "how many states are checked at least")
	all          = flag.Bool("all", false, "every n of every loop, not a part of them")
	children     = flag.Int("children", 2, "how many processes look at files")
)

func TestMain(m *testing.M) {
	switch kind := os.Getenv(crashproof.ChildVariable); kind {
	case "":
		bolt.CrashFile, bolt.CrashNames = hooks.of, hooks.names
		begin := time.Now()
		code := m.Run()
		took := time.Since(begin)
		if n := checked.Load(); os.Getenv(ledgerVariable) == "" {
			fmt.Printf("crash proof: %d states checked in %s, %d/s\n", n, took.Round(time.Second), int(float64(n)/took.Seconds()))
		}
		os.Exit(code)
	case "inspect":
		end(crashproof.Serve(os.Stdin, os.Stdout))
	default:
		end(fmt.Errorf("no child of kind %s", kind))
	}
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// hooks says which recorder stands at which file.
var hooks hookTable

type hookTable struct {
	mu    sync.Mutex
	paths map[string]*crashproof.Recorder
	named map[string]bool // written aside while the name was there

	folder *crashproof.Folder // that is recorded as a whole, or nil
}

// watch has a folder recorded as a whole from here on; nil ends it.
func (h *hookTable) watch(f *crashproof.Folder) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.folder = f
}

// names is the folder that a path is in.
func (h *hookTable) names(path string) bolt.CrashFolder {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.folder != nil && h.folder.Has(path) {
		return h.folder
	}
	return nil
}

func (h *hookTable) of(path string) bolt.CrashHook {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.folder != nil && h.folder.Has(path) {
		return h.folder
	}
	final, aside := strings.CutSuffix(path, ".new")
	r, ok := h.paths[final]
	if !ok {
		return nil
	}
	if _, err := os.Stat(final); aside && err == nil {
		h.named[final] = true
	}
	return r
}

// early reports whether a ledger had its name before it was whole.
func (h *hookTable) early(path string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.named[path]
}

// record puts a recorder at a new ledger's path.
func record(t *testing.T, r *crashproof.Recorder) (path string) {
	t.Helper()
	path = filepath.Join(crashproof.Scratch(t), "ledger.db")
	hooks.mu.Lock()
	defer hooks.mu.Unlock()
	if hooks.paths == nil {
		hooks.paths, hooks.named = map[string]*crashproof.Recorder{}, map[string]bool{}
	}
	hooks.paths[path] = r
	return path
}
