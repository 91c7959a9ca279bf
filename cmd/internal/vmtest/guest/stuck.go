package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// stepLimit is how long a step may take before the machine counts as stuck: more
// than the waits within one, which tell better what did not happen.
const stepLimit = 5 * patience

// watched does a step. If it does not end, nothing else would ever say where it
// stands: then the console is told what everybody waits for.
func watched(do func() error) error {
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-time.After(stepLimit):
		fmt.Println(waiting())
		return errStuck
	}
}

// errStuck says that a step did not end.
var errStuck = errors.New("it does not end; what everybody waits for stands above")

// waiting tells where this program's goroutines stand, and where in the kernel
// every thread that waits there.
func waiting() string {
	var said strings.Builder
	stacks := make([]byte, 64<<10)
	said.Write(stacks[:runtime.Stack(stacks, true)])
	threads, _ := filepath.Glob("/proc/[0-9]*/task/[0-9]*")
	for _, t := range threads {
		name, _ := os.ReadFile(filepath.Join(t, "comm"))
		stat, _ := os.ReadFile(filepath.Join(t, "stat"))
		_, rest, _ := strings.Cut(string(stat), ") ")
		if ours := strings.HasPrefix(string(name), "init") || strings.HasPrefix(string(name), "jifend"); !ours && !strings.HasPrefix(rest, "D") {
			continue
		}
		stack, _ := os.ReadFile(filepath.Join(t, "stack"))
		fmt.Fprintf(&said, "%s %s%.1s\n%s", t, name, rest, stack)
	}
	return said.String()
}
