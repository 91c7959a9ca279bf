package webui

import (
	"fmt"
	"sync"
	"time"
)

// The waits after wrong PINs (sec U2): 1 s, 2 s, 4 s … 15 min.
const (
	brakeFirst = time.Second
	brakeMost  = 15 * time.Minute
)

// Waits keeps the waits after wrong PINs, by person and under "" for the whole
// server, so that no restart ends one.
type Waits interface {
	Load() (map[string]time.Duration, error)
	Save(map[string]time.Duration) error
}

// brake slows down guessing: for each person, and for the whole server.
type brake struct {
	now  func() time.Time
	kept Waits // nil: none

	mu sync.Mutex
	of map[string]failures // "" is the whole server
}

// failures counts wrong PINs in a row.
type failures struct {
	wait  time.Duration // after the newest one
	until time.Time
}

// newBrake goes on from the waits that were kept. Each begins anew: how long the
// server was away nobody knows who does not trust its clock.
func newBrake(now func() time.Time, kept Waits) (*brake, error) {
	b := &brake{now: now, kept: kept, of: map[string]failures{}}
	if kept == nil {
		return b, nil
	}
	waits, err := kept.Load()
	if err != nil {
		return nil, fmt.Errorf("waits after wrong PINs: %w", err)
	}
	for person, wait := range waits {
		wait = min(max(wait, brakeFirst), brakeMost)
		b.of[person] = failures{wait, now().Add(wait)}
	}
	return b, nil
}

// wait is how long the next attempt for a person has to wait; nobody known is "".
// A clock that was set back makes it no longer.
func (b *brake) wait(person string) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(b.of[""].left(b.now()), b.of[person].left(b.now()))
}

func (f failures) left(now time.Time) time.Duration { return min(max(f.until.Sub(now), 0), f.wait) }

// failed makes a person and the server wait, and is over when that is kept.
func (b *brake) failed(person string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	b.of[""] = b.of[""].again(now)
	if person != "" {
		b.of[person] = b.of[person].again(now)
	}
	return b.save()
}

// succeeded lets a person and the server start anew.
func (b *brake) succeeded(person string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, failed := b.of[""]; !failed {
		if _, failed = b.of[person]; !failed {
			return nil
		}
	}
	delete(b.of, "")
	delete(b.of, person)
	return b.save()
}

func (b *brake) save() error {
	if b.kept == nil {
		return nil
	}
	waits := map[string]time.Duration{}
	for person, f := range b.of {
		waits[person] = f.wait
	}
	if err := b.kept.Save(waits); err != nil {
		return fmt.Errorf("keep the waits after wrong PINs: %w", err)
	}
	return nil
}

func (f failures) again(now time.Time) failures {
	f.wait = min(max(2*f.wait, brakeFirst), brakeMost)
	f.until = now.Add(f.wait)
	return f
}
