package webui

import (
	"fmt"
	"sync"
	"time"
)

// The waits after wrong PINs (sec U2): 1 s, 2 s, 4 s … 15 min. Where wrong PINs
// lock, few can be tried at all, and nobody else need wait long for it.
const (
	brakeFirst  = time.Second
	brakeMost   = 15 * time.Minute
	brakeOthers = 8 * time.Second
)

// Tried is what is kept of the wrong PINs in a row of one person.
type Tried struct {
	Wrong  int
	Wait   time.Duration // after the newest
	Locked bool
}

// Tries keeps wrong PINs by person, and under "" for the whole server, so that no
// restart ends a wait or a lock. Whom it has locked no more may try again.
type Tries interface {
	Load() (map[string]Tried, error)
	Save(person string, t Tried) error // the zero Tried: nothing is known
}

// brake slows down guessing, for each person and for the whole server, and ends
// it for a person.
type brake struct {
	now   func() time.Time
	kept  Tries // nil: none
	after int   // wrong PINs in a row that lock; 0: none do

	mu sync.Mutex
	of map[string]failures // "" is the whole server
}

// failures are wrong PINs in a row.
type failures struct {
	Tried
	until time.Time
	kept  bool // that it is locked
}

// newBrake goes on from what was kept. Each wait begins anew: how long the server
// was away nobody knows who does not trust its clock.
func newBrake(now func() time.Time, kept Tries, after int) (*brake, error) {
	b := &brake{now: now, kept: kept, after: after, of: map[string]failures{}}
	if kept == nil {
		return b, nil
	}
	all, err := kept.Load()
	if err != nil {
		return nil, fmt.Errorf("waits after wrong PINs: %w", err)
	}
	for person, t := range all {
		t.Wait = min(max(t.Wait, brakeFirst), brakeMost)
		b.of[person] = failures{t, now().Add(t.Wait), t.Locked}
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

func (f failures) left(now time.Time) time.Duration { return min(max(f.until.Sub(now), 0), f.Wait) }

// locked reports whether a person is, and forgets who was unlocked meanwhile.
func (b *brake) locked(person string) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	f := b.of[person]
	if !f.Locked || b.kept == nil || !f.kept {
		return f.Locked, nil
	}
	all, err := b.kept.Load()
	if err == nil && !all[person].Locked {
		delete(b.of, person)
		return false, nil
	}
	return true, err
}

// failed makes a person and the server wait, and locks the person in the end. It
// is over when that is kept; what could not be kept holds until a restart.
func (b *brake) failed(person string) (locked bool, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now, most := b.now(), brakeMost
	if b.after > 0 {
		most = brakeOthers
	}
	b.of[""] = b.of[""].again(now, most)
	if err = b.save(""); person == "" {
		return false, err
	}
	f := b.of[person].again(now, brakeMost)
	f.Locked = b.after > 0 && f.Wrong >= b.after
	b.of[person] = f
	if unkept := b.save(person); unkept != nil {
		return f.Locked, unkept
	}
	f.kept = f.Locked
	b.of[person] = f
	return f.Locked, err
}

// succeeded lets a person and the server start anew.
func (b *brake) succeeded(person string) (err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, who := range []string{"", person} {
		if _, failed := b.of[who]; !failed || err != nil {
			continue
		}
		delete(b.of, who)
		err = b.save(who)
	}
	return err
}

func (b *brake) save(person string) error {
	if b.kept == nil {
		return nil
	}
	if err := b.kept.Save(person, b.of[person].Tried); err != nil {
		return fmt.Errorf("keep the waits after wrong PINs: %w", err)
	}
	return nil
}

func (f failures) again(now time.Time, most time.Duration) failures {
	f.Wrong++
	f.Wait = min(max(2*f.Wait, brakeFirst), most)
	f.until = now.Add(f.Wait)
	return f
}
