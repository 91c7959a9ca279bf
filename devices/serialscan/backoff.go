package serialscan

import (
	"context"
	"os"
	"time"
)

// The waits between two attempts to open a scanner.
const (
	firstWait = 100 * time.Millisecond
	lastWait  = 5 * time.Second
	// lookEvery is how often a missing device is looked for during a wait, so
	// that a scanner plugged in again is read at once and not after lastWait.
	lookEvery = 200 * time.Millisecond
)

// pause waits before the next attempt and returns how long to wait after that
// one. It ends early, and the waits begin anew, when a device that was not
// there appears: the first attempts may come before its permissions are set.
func (s *Source) pause(ctx context.Context, wait time.Duration) time.Duration {
	gone := !s.exists()
	for left := wait; left > 0; left -= lookEvery {
		if !rest(ctx, min(left, lookEvery)) {
			return wait
		}
		if gone && s.exists() {
			return firstWait
		}
	}
	return min(2*wait, lastWait)
}

// exists reports that there is something at the path, whatever it is.
func (s *Source) exists() bool {
	_, err := os.Stat(s.opt.Path)
	return err == nil
}
