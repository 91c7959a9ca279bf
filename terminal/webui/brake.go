package webui

import (
	"sync"
	"time"
)

// The waits after wrong PINs (sec U2): 1 s, 2 s, 4 s … 15 min.
const (
	brakeFirst = time.Second
	brakeMost  = 15 * time.Minute
)

// brake slows down guessing: for each person, and for the whole server.
type brake struct {
	now func() time.Time

	mu  sync.Mutex
	all failures
	of  map[string]failures
}

// failures counts wrong PINs in a row.
type failures struct {
	wait  time.Duration // after the newest one
	until time.Time
}

func newBrake(now func() time.Time) *brake { return &brake{now: now, of: map[string]failures{}} }

// wait is how long the next attempt for a person has to wait; nobody known is "".
func (b *brake) wait(person string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	return max(b.all.until.Sub(now), b.of[person].until.Sub(now), 0)
}

func (b *brake) failed(person string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	b.all = b.all.again(now)
	if person != "" {
		b.of[person] = b.of[person].again(now)
	}
}

// succeeded lets a person and the server start anew.
func (b *brake) succeeded(person string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.all = failures{}
	delete(b.of, person)
}

func (f failures) again(now time.Time) failures {
	f.wait = min(max(2*f.wait, brakeFirst), brakeMost)
	f.until = now.Add(f.wait)
	return f
}
