// Command mutants puts deliberate faults into the code, one at a time, and runs
// for each the test that must notice it. The faults stand in mutants.txt. It
// fails when one goes unnoticed, when the text that it replaces is not there
// just once, and when its test does not pass without it. Nothing in the tree is
// changed: the compiler reads files with the faults in place of the real ones.
//
// Run from the root: go run ./scripts/mutants [-whole] [NAME...]
package main

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"syscall"
	"time"
)

//go:embed mutants.txt
var text string

func main() {
	whole := flag.Bool("whole", false, "run all tests of the package, and say how many notice each fault")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *whole, flag.Args()); err != nil {
		fmt.Fprintf(os.Stderr, "mutants: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, whole bool, names []string) error {
	mutants, err := Parse(text)
	if err != nil {
		return err
	}
	mutants = slices.DeleteFunc(mutants, func(m Mutant) bool { return len(names) > 0 && !slices.Contains(names, m.Name) })
	dir, err := os.MkdirTemp("", "jifen-mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	begin := time.Now()
	bench := &bench{root: os.DirFS("."), dir: dir, whole: whole}
	verdicts, err := bench.all(ctx, mutants, min(runtime.NumCPU(), 4))
	if err != nil {
		return err
	}
	killed, leftOut := 0, 0
	for _, v := range verdicts {
		switch {
		case v.Killed:
			killed++
		case v.LeftOut:
			leftOut++
		}
		if whole || !v.Killed {
			fmt.Println(v)
		}
	}
	fmt.Printf("mutants: %d of %d killed, %d left out, in %s\n", killed, len(mutants), leftOut, time.Since(begin).Round(time.Second))
	if survived := len(mutants) - killed - leftOut; survived > 0 || killed == 0 {
		return fmt.Errorf("%d not killed", survived)
	}
	return nil
}
