package serialscan_test

import (
	"os"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/devices/devicetest"
	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/devices/serialscan"
)

// The reading thread loses the right to open the device: as root by another
// file-system user of that thread alone, else by the mode of the device.
func TestNoPermission(t *testing.T) {
	t.Parallel()
	scanner := devicetest.Scanner(t)
	if err := os.Chmod(scanner.Device(), 0); err != nil {
		t.Fatal(err)
	}
	r := devicetest.ReadWith(t, serialscan.New(serialscan.Options{Path: scanner.Device()}), func() {
		if os.Geteuid() == 0 {
			runtime.LockOSThread() // never unlocked: the thread ends with its goroutine
			if _, err := unix.SetfsuidRetUid(65534); err != nil {
				t.Errorf("become another user: %v", err)
			}
		}
	})
	got := r.Await(scan.Refused).Sentence
	if !strings.Contains(got.EN, "No permission") || !strings.Contains(got.EN, "dialout") || !strings.Contains(got.ZH, "没有权限") {
		t.Errorf("sentence without permission = %+v", got)
	}
	// Permissions often come a moment after the device; no restart is needed.
	if err := os.Chmod(scanner.Device(), 0o666); err != nil {
		t.Fatal(err)
	}
	r.Await(scan.Ready)
}

// Any other user is turned away by the kernel as well, so that a program which
// knows nothing of our lock takes no bytes.
func TestKernelKeepsOthersOut(t *testing.T) {
	t.Parallel()
	scanner := devicetest.Scanner(t)
	if err := os.Chmod(scanner.Device(), 0o666); err != nil {
		t.Fatal(err)
	}
	r := start(t, serialscan.Options{Path: scanner.Path()})
	r.Await(scan.Ready)
	got := openAsOther(scanner.Device())
	if got != unix.EBUSY {
		t.Errorf("open of the scanner by another user = %v, want %v", got, unix.EBUSY)
	}
	r.Stop()
	if got := openAsOther(scanner.Device()); got != nil {
		t.Errorf("open of the scanner after Run ended = %v, want no error", got)
	}
}

// openAsOther opens the device without the rights of root.
func openAsOther(path string) error {
	got := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with its goroutine
		if os.Geteuid() == 0 {
			if err := dropSysAdmin(); err != nil {
				got <- err
				return
			}
		}
		fd, err := unix.Open(path, unix.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err == nil {
			_ = unix.Close(fd)
		}
		got <- err
	}()
	return <-got
}

// dropSysAdmin takes from this thread the capability that ignores TIOCEXCL.
func dropSysAdmin() error {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var caps [2]unix.CapUserData
	if err := unix.Capget(&head, &caps[0]); err != nil {
		return err
	}
	caps[0].Effective &^= 1 << unix.CAP_SYS_ADMIN
	return unix.Capset(&head, &caps[0])
}

func TestStopWithinASecond(t *testing.T) {
	scanner := devicetest.Scanner(t)
	for _, name := range []string{"with-a-read-pending", "while-missing"} {
		t.Run(name, func(t *testing.T) {
			want := scan.Ready
			if name == "while-missing" {
				scanner.Unplug()
				want = scan.Missing
			}
			r := start(t, serialscan.Options{Path: scanner.Path()})
			r.Await(want)
			began := time.Now()
			r.Stop()
			if took := time.Since(began); took > time.Second {
				t.Errorf("Run ended after %v, want within a second", took)
			}
		})
	}
}

// An unplugged line answers every read at once and for ever; a scanner that is
// gone or silent must cost next to nothing.
func TestIdleCostsNoCPU(t *testing.T) {
	scanner := devicetest.Scanner(t)
	r := start(t, serialscan.Options{Path: scanner.Path()})
	r.Await(scan.Ready)
	for _, state := range []string{"silent", "unplugged"} {
		if state == "unplugged" {
			scanner.Unplug()
			r.Await(scan.Missing)
		}
		before := cpu(t)
		time.Sleep(1500 * time.Millisecond) // the time over which the cost is measured
		if used := cpu(t) - before; used > 150*time.Millisecond {
			t.Errorf("a %s scanner cost %v of CPU in 1.5 s, want next to nothing", state, used)
		}
	}
}

// cpu returns what this process has used so far.
func cpu(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
