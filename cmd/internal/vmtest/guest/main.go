// Command guest is the first and only program of the test machine: it loads the
// kernel's USB drivers, makes a scanner, a keyboard wedge and a printer of its
// gadget functions, starts the built daemon beside them, plugs and unplugs, and
// says whether the till did what a shop would want (dev 12.3). It is never run
// outside that machine.
package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// What the machine says at its end; the test outside waits for one of them.
const (
	passed = "VM PASSED"
	failed = "VM FAILED: "
)

func main() {
	if os.Getpid() != 1 {
		fmt.Fprintln(os.Stderr, "guest: only for the test machine")
		os.Exit(2)
	}
	began := time.Now()
	if err := run(); err != nil {
		fmt.Println(failed + strings.ReplaceAll(err.Error(), "\n", " | "))
	} else {
		fmt.Println(passed, "in", time.Since(began).Round(100*time.Millisecond))
	}
	unix.Sync()
	time.Sleep(200 * time.Millisecond) // for the console
	_ = unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}

func run() error {
	if err := boot(); err != nil {
		return err
	}
	b, err := newBench()
	if err != nil {
		return err
	}
	defer func() { _ = watched(func() error { b.stop(); return nil }) }()
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"devices are listed by what they are", b.list},
		{"the daemon runs on without them, and says what is missing", b.startWithout},
		{"plugged in, all are taken up", b.plugAll},
		{"a scan of the serial scanner is sold", b.serialScan},
		{"a scan of the wedge is sold, and nobody else hears it", b.wedgeScan},
		{"unplugged in mid-scan, the serial scanner loses only that scan", b.serialUnplugged},
		{"unplugged in mid-scan, the wedge loses only that scan", b.wedgeUnplugged},
		{"a scanner in the wrong mode is told so", b.wrongMode},
		{"a sale is on paper", b.printed},
		{"without its printer the till sells on, and prints once it is back", b.printerUnplugged},
		{"unplugged in mid-voucher, its paper is in doubt, and is printed again under its number", b.voucherUnplugged},
		{"many times out and in: no scan lost, none invented", b.manyTimes},
	} {
		began := time.Now()
		if err := watched(step.do); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
		fmt.Printf("ok   %v %s\n", time.Since(began).Round(100*time.Millisecond), step.what)
	}
	return nil
}
