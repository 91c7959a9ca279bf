package exchange_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// desk is HQ's end alone.
type desk struct {
	*testing.T
	*office
	end *exchange.HQ
	now time.Time
}

func newDesk(t *testing.T) *desk {
	d := &desk{T: t, office: newOffice(), now: start}
	d.end = exchange.NewHQ(exchange.HQOptions{Key: hqKey, Office: d.office})
	return d
}

// hear gives the end a message from the terminal, on its topic.
func (d *desk) hear(m wire.Message) {
	d.Helper()
	if err := d.end.Receive(id, wire.Seal(id, 0, m, boardKey), d.now); err != nil {
		d.Fatalf("Receive(%T) = %v, want nil", m, err)
	}
}

// said is what the end sends now, as HQ signed it.
func (d *desk) said() []wire.Message {
	d.Helper()
	var list []wire.Message
	for _, o := range d.end.Outgoing() {
		e, err := wire.Open(o.Bytes)
		if err == nil {
			err = e.Verify(public(hqKey))
		}
		m, wrong := e.Message()
		if err != nil || wrong != nil || o.To != e.Terminal || e.Epoch != 4 {
			d.Fatalf("message to %s for %s in epoch %d: %v, %v", o.To, e.Terminal, e.Epoch, err, wrong)
		}
		list = append(list, m)
	}
	return list
}

// pushed is what is sent of the down journal, as "first-last".
func (d *desk) pushed() []string {
	d.Helper()
	list := []string{}
	for _, m := range d.said() {
		if down, ok := m.(*wire.Down); ok {
			list = append(list, fmt.Sprintf("%d-%d", down.First, int(down.First)+len(down.Entries)-1))
		}
	}
	return list
}

func TestHQAnswers(t *testing.T) {
	d := newDesk(t)
	enrol := &wire.Enrol{Mac: wire.EnrolMac(code, id, public(boardKey))}
	copy(enrol.Key[:], public(boardKey))
	for _, c := range []struct {
		say    wire.Message
		answer []string
	}{
		{enrol, []string{"Enrolled"}},
		{&wire.Hello{}, []string{"Welcome"}},
		{&wire.Batch{Incarnation: 1, First: 1, Entries: [][]byte{{1}}}, []string{"Ack"}},
		{&wire.Ask{ID: 7}, []string{"Answer"}},
		{&wire.Report{}, []string{}},
	} {
		d.hear(c.say)
		same(t, fmt.Sprintf("answer to %T", c.say), sayings(d.said()), c.answer)
	}
	d.resume = true
	d.hear(&wire.Batch{Incarnation: 1, First: 9, Entries: [][]byte{{1}}})
	same(t, "answer to a batch that does not follow", sayings(d.said()), []string{"Resume"})
	if len(d.refused) != 0 {
		t.Errorf("refused %v, want nothing", d.refused)
	}
}

func TestHQSaysWhatItHasTwice(t *testing.T) {
	for _, twice := range []bool{false, true} {
		d := newDesk(t)
		d.end = exchange.NewHQ(exchange.HQOptions{Key: hqKey, Office: d.office, Twice: twice})
		d.hear(&wire.Batch{Incarnation: 1, First: 1, Entries: [][]byte{{1}}})
		if got := d.said()[0].(*wire.Ack).Twice; got != twice {
			t.Errorf("twice = %v, want %v", got, twice)
		}
	}
}

func TestHQBelievesOnlyTheTerminalItself(t *testing.T) {
	batch := &wire.Batch{Incarnation: 1, First: 1, Entries: [][]byte{{1}}}
	thief := &wire.Enrol{Mac: wire.EnrolMac("WR0NG", id, public(otherKey))}
	copy(thief.Key[:], public(otherKey))
	for _, c := range []struct {
		name   string
		from   ledger.TerminalID
		b      []byte
		answer []string
	}{
		{"on-the-topic-of-another", 2, wire.Seal(id, 0, batch, boardKey), []string{}},
		{"signed-by-another", id, wire.Seal(id, 0, &wire.Hello{}, otherKey), []string{}},
		{"batch-signed-by-another", id, wire.Seal(id, 0, batch, otherKey), []string{}},
		{"batch-not-signed", id, wire.Seal(id, 0, batch, nil), []string{}},
		{"not-enrolled", 3, wire.Seal(3, 0, batch, boardKey), []string{"Denied"}},
		{"no-message", id, []byte("hello"), []string{}},
		{"unknown-kind", id, wire.Seal(id, 0, later{}, boardKey), []string{}},
		{"code-unknown", id, wire.Seal(id, 0, thief, otherKey), []string{"Denied"}},
		{"enrolment-signed-by-another", id, wire.Seal(id, 0, thief, boardKey), []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			if err := d.end.Receive(c.from, c.b, d.now); err != nil {
				t.Errorf("Receive() = %v, want nil: it is not HQ's fault", err)
			}
			same(t, "answer", sayings(d.said()), c.answer)
			if len(d.refused) != 1 || len(d.ingested) != 0 {
				t.Errorf("%d pieces in quarantine, %d batches taken in, want 1 and 0", len(d.refused), len(d.ingested))
			}
		})
	}
}

func TestHQSaysWhyItRefuses(t *testing.T) {
	d := newDesk(t)
	d.fault = &exchange.RefusedError{Code: "trouble-fork"}
	for _, m := range []wire.Message{&wire.Hello{}, &wire.Batch{}} {
		d.hear(m)
		list := d.said()
		same(t, fmt.Sprintf("answer to %T", m), sayings(list), []string{"Denied"})
		if got := list[0].(*wire.Denied).Code; got != "trouble-fork" {
			t.Errorf("denied with %q, want trouble-fork", got)
		}
	}
	if !errors.Is(d.refused[0], exchange.ErrRefused) {
		t.Errorf("kept as %v, want ErrRefused", d.refused[0])
	}
}

func TestHQsOwnFaultAcksNothing(t *testing.T) {
	enrol := &wire.Enrol{Mac: wire.EnrolMac(code, id, public(boardKey))}
	copy(enrol.Key[:], public(boardKey))
	for _, m := range []wire.Message{&wire.Hello{}, &wire.Batch{}, &wire.Ask{}, &wire.Report{}, enrol} {
		d := newDesk(t)
		d.fault = errBook
		if err := d.end.Receive(id, wire.Seal(id, 0, m, boardKey), d.now); !errors.Is(err, errBook) {
			t.Errorf("Receive(%T) = %v, want HQ's own error", m, err)
		}
		if got := d.said(); len(got) != 0 || len(d.refused) != 0 {
			t.Errorf("%T: said %v, refused %v, want neither", m, got, d.refused)
		}
	}
}

func TestDownJournalIsPushed(t *testing.T) {
	d := newDesk(t)
	d.add(id, 3)
	d.hear(&wire.Hello{Down: 1})
	same(t, "after hello", d.pushed(), []string{"2-3"})
	d.gives = 1
	d.hear(&wire.Ask{ID: 1})
	same(t, "after an ask", d.pushed(), []string{"4-4"})
	d.hear(&wire.Ask{ID: 2})
	same(t, "after another ask", d.pushed(), []string{"5-5"})
	d.hear(&wire.Report{Down: 5})
	same(t, "when all is there", d.pushed(), []string{})
	d.add(id, 1)
	if err := d.end.Push(id, d.now); err != nil {
		t.Errorf("Push() = %v, want nil", err)
	}
	same(t, "pushed", d.pushed(), []string{"6-6"})
	if err := d.end.Push(2, d.now); err != nil || len(d.said()) != 0 {
		t.Errorf("Push(one that is not there) = %v, want nothing", err)
	}
}

// TestAnswerGoesWithItsNote: one message, not two.
func TestAnswerGoesWithItsNote(t *testing.T) {
	d := newDesk(t)
	d.hear(&wire.Hello{})
	d.said()
	d.gives = 1
	d.hear(&wire.Ask{ID: 7})
	list := d.said()
	same(t, "answer", sayings(list), []string{"Down"})
	if down := list[0].(*wire.Down); down.Answer == nil || down.Answer.Ask != 7 || len(down.Entries) != 1 {
		t.Errorf("the note goes with %+v, want it alone with the answer to 7", down)
	}
}

// TestBatchSaysHowFarTheJournalIsThere: HQ sends on without a report.
func TestBatchSaysHowFarTheJournalIsThere(t *testing.T) {
	d := newDesk(t)
	d.add(id, 200)
	d.hear(&wire.Hello{})
	for range 3 {
		if err := d.end.Push(id, d.now); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "unheard", d.pushed(), []string{"1-64", "65-128"})
	batch := &wire.Batch{Incarnation: 1, First: 1, Entries: [][]byte{{1}}, Down: 128}
	d.hear(batch)
	same(t, "after a batch", d.pushed(), []string{"129-192"})
	d.now = d.now.Add(time.Second)
	d.hear(batch) // what was sent may still be on its way
	same(t, "after an early batch", d.pushed(), []string{"193-200"})
	d.now = d.now.Add(5 * time.Second)
	d.hear(batch)
	same(t, "after a late batch", d.pushed(), []string{"129-192"})
}

func TestLostDownEntriesAreSentAgain(t *testing.T) {
	d := newDesk(t)
	d.add(id, 3)
	d.hear(&wire.Hello{})
	same(t, "after hello", d.pushed(), []string{"1-3"})
	d.now = d.now.Add(time.Second)
	d.hear(&wire.Report{Down: 1}) // it may still be on its way
	same(t, "after an early report", d.pushed(), []string{})
	d.now = d.now.Add(5 * time.Second)
	d.hear(&wire.Report{Down: 1})
	same(t, "after a late report", d.pushed(), []string{"2-3"})
	d.hear(&wire.Hello{Down: 0}) // its disk went back
	same(t, "after a hello that says less", d.pushed(), []string{"1-3"})
	d.end.Closed()
	d.hear(&wire.Report{Down: 2}) // HQ was away and has no hello
	same(t, "after HQ was away", d.pushed(), []string{"3-3"})
	d.hear(&wire.Report{Down: 9})
	same(t, "after a report that says more", d.pushed(), []string{})
	d.end.Closed()
	d.hear(&wire.Batch{Down: 1}) // a terminal that sells all the time reports seldom
	same(t, "after HQ was away and a batch", d.pushed(), []string{"2-3"})
}

func TestLongDownJournalIsSentPieceByPiece(t *testing.T) {
	d := newDesk(t)
	d.add(id, 200)
	d.hear(&wire.Hello{})
	same(t, "first", d.pushed(), []string{"1-64"})
	d.hear(&wire.Report{Down: 64})
	same(t, "second", d.pushed(), []string{"65-128"})
	// Without word from the terminal at most one more piece goes out.
	for range 5 {
		if err := d.end.Push(id, d.now); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "unheard", d.pushed(), []string{"129-192"})
}

func TestLargeDownEntriesFitTheirMessages(t *testing.T) {
	d := newDesk(t)
	for range 10 {
		d.downs[id] = append(d.downs[id], make([]byte, 30<<10))
	}
	d.downs[id] = append(d.downs[id], make([]byte, ledger.DownBytesMax+100)) // the largest, as signed
	d.hear(&wire.Hello{})
	for got := ledger.DownSeq(0); got < 11; {
		list := d.said()
		if len(list) == 0 {
			t.Fatalf("nothing is sent after entry %d", got)
		}
		for _, m := range list {
			if down, ok := m.(*wire.Down); ok {
				got = down.First + ledger.DownSeq(len(down.Entries)) - 1
			}
		}
		d.hear(&wire.Report{Down: got})
	}
}

// TestForgedEntryInAHelloIsNotHQsFault: HQ goes on, and keeps the bytes.
func TestForgedEntryInAHelloIsNotHQsFault(t *testing.T) {
	d := newDesk(t)
	d.office.fault = fmt.Errorf("entry that it shows: %w", wire.ErrSignature)
	if err := d.end.Receive(id, wire.Seal(id, 0, &wire.Hello{Last: []byte{1}}, boardKey), d.now); err != nil {
		t.Errorf("Receive() = %v, want nil", err)
	}
	same(t, "answer", sayings(d.said()), []string{"Denied"})
	if len(d.refused) != 1 {
		t.Errorf("%d pieces in quarantine, want 1", len(d.refused))
	}
}

// What HQ's book lacks of a terminal that believes it has everything, is asked for.
func TestTerminalIsAskedForWhatHQLacks(t *testing.T) {
	d := newDesk(t)
	d.behind = &exchange.BehindError{Head: head(1, 3)}
	d.hear(&wire.Report{Head: head(1, 5)})
	list := d.said()
	same(t, "answer", sayings(list), []string{"Resume"})
	if got := list[0].(*wire.Resume).Head; got != head(1, 3) {
		t.Errorf("resume after %s, want after %s", got, head(1, 3))
	}
}
