package till_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// written lists the entries of a kind.
func written[T ledger.Body](t *testing.T, b *tilltest.Bench) []T {
	t.Helper()
	progress, err := b.Till.Progress()
	if err != nil {
		t.Fatalf("Progress: %v", err)
	}
	var out []T
	for _, s := range progress.Streams {
		list, err := b.Till.Entries(s.Incarnation, 1, 1000, 1<<20)
		if err != nil {
			t.Fatalf("Entries: %v", err)
		}
		for _, r := range list {
			e, err := ledger.Decode(r.Raw)
			if err != nil {
				t.Fatalf("Decode: %v", err)
			}
			if body, ok := e.Body.(T); ok {
				out = append(out, body)
			}
		}
	}
	return out
}

func tick(t *testing.T, b *tilltest.Bench) {
	t.Helper()
	if err := b.Till.Tick(); err != nil {
		t.Fatalf("Tick: %v", err)
	}
}

func TestVersionsInForceAreWrittenDownOnce(t *testing.T) {
	b := newBench(t)
	tick(t, b)
	tick(t, b)
	b.Restart(t)
	tick(t, b)
	got := map[string]string{}
	for _, f := range written[*ledger.InForce](t, b) {
		got[f.What] += f.After
	}
	want := map[string]string{"programme": b.Programme.Version(), "software": "test"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("in force (-want +got):\n%s", diff)
	}
}

func TestClockThatJumpsIsWrittenDown(t *testing.T) {
	b := newBench(t)
	tick(t, b)
	b.Clock.Advance(time.Minute)
	tick(t, b)
	b.Clock.Step(-time.Hour)
	b.Clock.Advance(time.Second)
	tick(t, b)
	steps := written[*ledger.ClockStep](t, b)
	if len(steps) != 1 || steps[0].Before-steps[0].After != time.Hour.Milliseconds() {
		t.Errorf("clock steps %+v, want one of an hour back", steps)
	}
}

func TestOutageIsWrittenDownWithWhatWasDeclined(t *testing.T) {
	b := newBench(t)
	b.Line.Set(true)
	tick(t, b)
	b.Line.Set(false)
	tick(t, b)
	scan(t, b, wang)
	if _, err := b.Till.Redeem(by, view(t, b).Ref, "tea-set"); err == nil {
		t.Fatal("Redeem without points went through")
	}
	b.Clock.Advance(3 * time.Hour)
	b.Line.Set(true)
	tick(t, b)
	b.Line.Set(false)
	tick(t, b)
	b.Clock.Advance(10 * time.Second) // too short to be worth an entry
	b.Line.Set(true)
	tick(t, b)
	got := written[*ledger.Outage](t, b)
	if len(got) != 1 || got[0].To-got[0].From != (3*time.Hour).Milliseconds() || got[0].Declined != 1 {
		t.Errorf("outages %+v, want one of three hours with one wish declined", got)
	}
}

func TestWhatBecameOfAPaperIsWrittenDown(t *testing.T) {
	b := newBench(t)
	scan(t, b, rice)
	sale := pay(t, b)
	job, _, err := b.Till.NextJob()
	if err != nil {
		t.Fatalf("NextJob: %v", err)
	}
	if err := b.Till.EndJob(job.ID, printjob.Queued, "2"); err != nil { // no paper: not worth an entry
		t.Fatalf("EndJob: %v", err)
	}
	if job, _, err = b.Till.NextJob(); err != nil {
		t.Fatalf("NextJob: %v", err)
	}
	if err := b.Till.EndJob(job.ID, printjob.Printed, ""); err != nil {
		t.Fatalf("EndJob: %v", err)
	}
	want := []*ledger.Printed{{Of: sale.Origin, Job: job.ID, Attempt: 1, State: "printed"}}
	if diff := cmp.Diff(want, written[*ledger.Printed](t, b)); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}

func TestWhoSignedInIsWrittenDown(t *testing.T) {
	b := newBench(t)
	if err := b.Till.SignIn(by); err != nil { // again: nothing changes
		t.Fatalf("SignIn: %v", err)
	}
	if err := b.Till.SignOut(by); err != nil {
		t.Fatalf("SignOut: %v", err)
	}
	if diff := cmp.Diff([]*ledger.SignIn{{}, {Out: true}}, written[*ledger.SignIn](t, b)); diff != "" {
		t.Errorf("sign-ins (-want +got):\n%s", diff)
	}
}
