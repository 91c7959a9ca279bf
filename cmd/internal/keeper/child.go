package keeper

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/debug"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
)

// Child is the process that looks through a copy of a ledger: it writes what it
// found and ends. It gives way to the terminal in everything.
func Child(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("audit", flag.ContinueOnError)
	f.SetOutput(errs)
	text := f.String("key", "", "the terminal's public key, in hexadecimal digits")
	if err := f.Parse(args); err != nil {
		return err
	}
	key, err := hex.DecodeString(*text)
	if err != nil || len(key) != 0 && len(key) != ed25519.PublicKeySize || f.NArg() != 1 {
		return errors.New("audit -key KEY FILE: not a public key, or not one file")
	}
	if err := giveWay(); err != nil {
		fmt.Fprintln(errs, "audit:", err) // it is only slower for others
	}
	debug.SetPanicOnFault(true)
	return json.NewEncoder(out).Encode(found(f.Arg(0), key))
}

// found looks through a ledger that nobody writes.
func found(path string, key ed25519.PublicKey) (r Result) {
	if len(key) == 0 {
		key = nil
	}
	err := survive(func() error {
		store, err := boltstore.OpenRead(path)
		if err != nil {
			return err
		}
		err = store.CheckPages()
		if err == nil {
			var report audit.Report
			report, err = audit.Verify(store, store.Terminal(), key)
			r.Entries, r.Head = report.Entries, report.Head.String()
		}
		return errors.Join(err, store.Close())
	})
	if err == nil {
		return r
	}
	r.Fault = short(err.Error())
	r.Whole = survive(func() error {
		store, err := boltstore.OpenRead(path)
		if err != nil {
			return err
		}
		return errors.Join(audit.Journals(store, store.Terminal(), key), store.Close())
	}) == nil
	return r
}

// survive turns the panics that damaged pages lead to into errors.
func survive(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", boltstore.ErrDamaged, p)
		}
	}()
	return fn()
}

// giveWay makes this process the last to get the processor and the disk, and
// the first to be ended for want of memory.
func giveWay() error {
	const who, idle = 1, 3 << 13 // IOPRIO_WHO_PROCESS, IOPRIO_CLASS_IDLE
	tasks, err := os.ReadDir("/proc/self/task")
	for _, t := range tasks { // threads that begin later take after these
		id, e := strconv.Atoi(t.Name())
		if e != nil {
			continue
		}
		err = errors.Join(err, unix.Setpriority(unix.PRIO_PROCESS, id, 19))
		if _, _, n := unix.Syscall(unix.SYS_IOPRIO_SET, who, uintptr(id), idle); n != 0 {
			err = errors.Join(err, n)
		}
	}
	return errors.Join(err, os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0))
}

// killed reports whether a process was ended from outside.
func killed(e *exec.ExitError) bool {
	status, ok := e.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}
