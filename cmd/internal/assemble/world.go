package assemble

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// built is a day on which this code existed: a clock before it is wrong.
var built = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// RealWorld is the machine the daemon runs on.
func RealWorld(version string, log *slog.Logger) World {
	return World{
		Now: realNow, Rand: rand.Reader, BootID: firstLine("/proc/sys/kernel/random/boot_id"), Board: fingerprint(),
		RunDir: runDir(), Version: version, Log: log,
	}
}

// realNow reads the clocks, and asks the kernel whether the wall clock is
// synchronised.
func realNow() clerk.Reading {
	r := clerk.Reading{Wall: time.Now(), Quality: ledger.ClockRunning}
	var boot unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot); err == nil {
		r.Mono = time.Duration(boot.Nano())
	}
	var state unix.Timex
	const unsynchronised = 0x40 // STA_UNSYNC
	switch _, err := unix.Adjtimex(&state); {
	case r.Wall.Before(built): // a board without a clock: it is later than that
		r.Wall, r.Quality = built.Add(r.Mono), ledger.ClockUnset
	case err == nil && state.Status&unsynchronised == 0:
		r.Quality = ledger.ClockSynced
	}
	return r
}

// fingerprint tells this board from another one that carries a copy of its
// disk.
func fingerprint() string {
	h := sha256.New()
	for _, path := range []string{"/sys/firmware/devicetree/base/serial-number", "/sys/class/dmi/id/product_uuid", "/etc/machine-id"} {
		h.Write([]byte(firstLine(path) + "\n"))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

func firstLine(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(b), "\n")
	return strings.Trim(line, "\x00 ")
}

// runDir is a folder that a cold boot empties: systemd's, or shared memory.
func runDir() string {
	if dir := os.Getenv("RUNTIME_DIRECTORY"); dir != "" {
		return dir
	}
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return os.TempDir()
}
