package scenario_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkDaemon measures what a store board has to carry. The bars are 40 MB
// of memory, 300 ms to start and 25 MB of program on armv7; it prints what it
// finds and asserts nothing.
func BenchmarkDaemon(b *testing.B) {
	b.Run("memory", benchmarkMemory)
	b.Run("start", benchmarkStart)
	for _, target := range []struct{ name, arch, arm string }{
		{"amd64", "amd64", ""}, {"arm64", "arm64", ""}, {"armv7", "arm", "7"}, {"armv6", "arm", "6"},
	} {
		b.Run("size-"+target.name, func(b *testing.B) { benchmarkSize(b, target.arch, target.arm) })
	}
}

// benchmarkMemory runs the terminal with the sample documents and the virtual
// scanner and printer, in touch with HQ, and sells 200 times.
func benchmarkMemory(b *testing.B) {
	for b.Loop() {
		w := newWorld(b)
		w.openHQ()
		w.openTill()
		w.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
		pid := w.till.cmd.Process.Pid
		b.ReportMetric(megabytes(b, pid, "VmRSS"), "MB-ready")
		b.ReportMetric(megabytes(b, pid, "RssAnon"), "MB-anon-ready")
		for n := range 200 {
			w.sell([]string{rice, red}[n%2])
		}
		w.at.sees("HQ to have everything", func(v view) bool { return v.Ledger.Backlog == 0 })
		b.ReportMetric(megabytes(b, pid, "VmRSS"), "MB-200-sales")
		b.ReportMetric(megabytes(b, pid, "RssAnon"), "MB-anon-200-sales")
		b.ReportMetric(megabytes(b, pid, "VmHWM"), "MB-peak")
		w.closeAll()
	}
}

// megabytes reads a figure of a process's memory.
func megabytes(b testing.TB, pid int, name string) float64 {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		var kilobytes float64
		if value, ok := strings.CutPrefix(line, name+":"); ok {
			if _, err := fmt.Sscan(value, &kilobytes); err != nil {
				b.Fatal(err)
			}
			return kilobytes / 1024
		}
	}
	b.Fatalf("process %d has no %s", pid, name)
	return 0
}

// benchmarkStart measures from starting the terminal to its ready line, on the
// ledger that the run before has left; the median of eleven counts.
func benchmarkStart(b *testing.B) {
	for b.Loop() {
		w := newWorld(b)
		var took []time.Duration
		for range 11 {
			c := w.tillCommand()
			began := time.Now()
			p := start(b, c)
			p.ready()
			took = append(took, time.Since(began))
			p.stop(syscall.SIGTERM)
		}
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Milliseconds()), "ms-to-ready")
		b.ReportMetric(float64(took[len(took)-1].Milliseconds()), "ms-to-ready-slowest")
	}
}

// benchmarkSize builds the programs as a release does and weighs them.
func benchmarkSize(b *testing.B, arch, arm string) {
	for b.Loop() {
		dir := b.TempDir()
		env := []string{"GOOS=linux", "GOARCH=" + arch, "GOARM=" + arm}
		if err := buildFor(dir, env, "./../../jifend", "./../../jifenhq", "./../../jifen"); err != nil {
			b.Fatal(err)
		}
		for _, name := range []string{"jifend", "jifenhq", "jifen"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(info.Size())/(1<<20), "MB-"+name)
		}
	}
}
