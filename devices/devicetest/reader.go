package devicetest

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jifen-pos/jifen/devices/scan"
)

// Patience is how long a test waits for what must come.
const Patience = 20 * time.Second

// A Source is what reads a scanner.
type Source interface {
	Run(ctx context.Context, deliver func(scan.Event)) error
	Status() scan.Status
}

// A Reader is a source that runs until the test ends. Its methods are for the
// goroutine of the test.
type Reader struct {
	Source
	Events chan scan.Event
	t      testing.TB
	cancel context.CancelFunc
	done   chan error
}

// Read runs a source.
func Read(t testing.TB, s Source) *Reader {
	t.Helper()
	return ReadWith(t, s, func() {})
}

// ReadWith runs a source whose goroutine first calls before.
func ReadWith(t testing.TB, s Source, before func()) *Reader {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &Reader{Source: s, Events: make(chan scan.Event, 4096), t: t, cancel: cancel, done: make(chan error, 1)}
	go func() {
		before()
		r.done <- s.Run(ctx, func(e scan.Event) { r.Events <- e })
	}()
	t.Cleanup(r.Stop)
	return r
}

// For has failures be those of another test, such as a subtest.
func (r *Reader) For(t testing.TB) { r.t = t }

// Cancel tells the source to end and does not wait for it.
func (r *Reader) Cancel() { r.cancel() }

// Stop ends the source and wants it to end cleanly. Twice is allowed.
func (r *Reader) Stop() {
	r.t.Helper()
	r.cancel()
	select {
	case err := <-r.done:
		if err != nil {
			r.t.Errorf("Run = %v, want nil", err)
		}
		r.done <- nil
	case <-time.After(Patience):
		r.t.Error("Run has not ended")
	}
}

// Await waits for a state and returns the status that has it.
func (r *Reader) Await(want scan.State) scan.Status {
	r.t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for limit := time.After(Patience); ; {
		if s := r.Status(); s.State == want {
			return s
		}
		select {
		case <-tick.C:
		case <-limit:
			r.t.Fatalf("state = %v, want %v", r.Status().State, want)
		}
	}
}

// Next is the next event.
func (r *Reader) Next() scan.Event {
	r.t.Helper()
	select {
	case e := <-r.Events:
		return e
	case <-time.After(Patience):
		r.t.Fatal("no scan came")
		return scan.Event{}
	}
}

// Want reads as many events as it is given and compares all but their time.
func (r *Reader) Want(want ...scan.Event) {
	r.t.Helper()
	var got []scan.Event
	limit := time.After(Patience)
	for len(got) < len(want) {
		select {
		case e := <-r.Events:
			got = append(got, e)
		case <-limit:
			r.t.Fatalf("events = %+v, want %d more", got, len(want)-len(got))
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(scan.Event{}, "At")); diff != "" {
		r.t.Errorf("events (-want +got):\n%s", diff)
	}
}

// descriptors counts the open files of this process.
func descriptors(t testing.TB) int {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}
