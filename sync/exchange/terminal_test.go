package exchange_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

func same(t testing.TB, call string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", call, diff)
	}
}

func TestHelloIsSaidUntilItIsAnswered(t *testing.T) {
	b := newBench(t, head(1, 5))
	b.open()
	same(t, "first words", sayings(b.said()), []string{"Hello"})
	b.wait(2 * time.Second)
	same(t, "after 2 s", sayings(b.said()), []string{})
	for range 3 {
		b.wait(time.Second)
		same(t, "after 3 s", sayings(b.said()), []string{"Hello"})
		b.wait(2 * time.Second)
		same(t, "after 2 s more", sayings(b.said()), []string{})
	}
	if b.end.Online() {
		t.Error("Online() before HQ has answered")
	}
	b.hear(&wire.Welcome{})
	b.wait(4 * time.Second)
	if slices.Contains(sayings(b.said()), "Hello") || !b.end.Online() {
		t.Errorf("Hello after the answer; online %v, want true", b.end.Online())
	}
	b.end.Closed()
	b.wait(time.Minute)
	if b.end.Online() || len(b.said()) != 0 {
		t.Error("something is said while closed")
	}
}

// What a broker had kept back says that HQ is where entries are not kept any more:
// HQ is asked anew how far it is, and the sales of today go on.
func TestALateWelcomeDoesNotStopTheSending(t *testing.T) {
	b := greeted(t, []ledger.Head{head(1, 50)}, head(1, 60))
	b.gone = 40
	same(t, "at first", sayings(b.said()), []string{"Batch"})
	b.hear(&wire.Ack{Head: head(1, 60)})
	b.hear(&wire.Welcome{Has: []ledger.Head{head(1, 20)}})
	b.streams[0] = head(1, 61)
	b.wait(4 * time.Second)
	same(t, "after a late Welcome", sayings(b.said()), []string{"Report", "Hello"})
	same(t, "at once after it", sayings(b.said()), []string{})
	b.hear(&wire.Welcome{Has: []ledger.Head{head(1, 60), head(2, 7)}})
	same(t, "what the till heard that HQ has", b.has, []ledger.Head{head(1, 60), head(2, 7)})
	b.wait(time.Second)
	same(t, "after HQ's answer", sayings(b.said()), []string{"Batch"})
}

func TestHelloSaysHowTheJournalsStand(t *testing.T) {
	b := newBench(t)
	for i := range ledger.Incarnation(100) {
		b.streams = append(b.streams, head(i+1, 2))
	}
	b.down = 7
	b.open()
	m := b.said()[0].(*wire.Hello)
	if len(m.Streams) != wire.StreamsMax || m.Streams[wire.StreamsMax-1] != head(100, 2) || m.Down != 7 || m.Backlog != 3 || m.Oldest != start.UnixMilli() {
		t.Errorf("Hello = %+v, want the newest %d streams, down 7, backlog 3", m, wire.StreamsMax)
	}
}

func TestWelcomeSetsTheCursor(t *testing.T) {
	for _, c := range []struct {
		name    string
		has     []ledger.Head
		streams []ledger.Head
		acked   ledger.Head
		sends   []string
	}{
		{"hq-has-nothing", nil, []ledger.Head{head(1, 15)}, ledger.Head{}, []string{"1/1-10", "1/11-15"}},
		{"hq-is-behind", []ledger.Head{head(1, 12)}, []ledger.Head{head(1, 15)}, head(1, 12), []string{"1/13-15"}},
		{"hq-has-all", []ledger.Head{head(1, 15)}, []ledger.Head{head(1, 15)}, head(1, 15), []string{}},
		{"hq-is-ahead", []ledger.Head{head(1, 20)}, []ledger.Head{head(1, 15)}, head(1, 20), []string{}},
		{"next-incarnation", []ledger.Head{head(1, 15)}, []ledger.Head{head(1, 15), head(2, 3)}, head(1, 15), []string{"2/1-3"}},
		{"two-incarnations", []ledger.Head{head(1, 9)}, []ledger.Head{head(1, 12), head(2, 3)}, head(1, 9), []string{"1/10-12", "2/1-3"}},
		{"three-and-the-second-half", []ledger.Head{head(1, 2), head(2, 2)}, []ledger.Head{head(1, 2), head(2, 4), head(3, 1)}, head(2, 2), []string{"2/3-4", "3/1-1"}},
		{"hq-ahead-in-the-first-of-two", []ledger.Head{head(1, 20)}, []ledger.Head{head(1, 15), head(2, 1)}, head(1, 20), []string{"2/1-1"}},
		{"hq-knows-another-life", []ledger.Head{head(9, 4)}, []ledger.Head{head(1, 2)}, ledger.Head{}, []string{"1/1-2"}},
		{"hq-has-an-empty-stream", []ledger.Head{{Incarnation: 1}}, []ledger.Head{head(1, 2)}, ledger.Head{}, []string{"1/1-2"}},
		{"nothing-written-yet", nil, nil, ledger.Head{}, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := greeted(t, c.has, c.streams...)
			same(t, "Acked", b.acked, []ledger.Head{c.acked})
			same(t, "batches", b.batches(), c.sends)
		})
	}
}

func TestWindowOfFour(t *testing.T) {
	b := greeted(t, nil, head(1, 95))
	same(t, "first", b.batches(), []string{"1/1-10", "1/11-20", "1/21-30", "1/31-40"})
	same(t, "with four on their way", b.batches(), []string{})
	b.hear(&wire.Ack{Head: head(1, 10)})
	same(t, "after one ack", b.batches(), []string{"1/41-50"})
	b.hear(&wire.Ack{Head: head(1, 10)})
	b.hear(&wire.Ack{Head: head(1, 5)})
	same(t, "after doubled and late acks", b.batches(), []string{})
	b.hear(&wire.Ack{Head: head(1, 40)})
	same(t, "after an ack of three", b.batches(), []string{"1/51-60", "1/61-70", "1/71-80"})
	b.hear(&wire.Ack{Head: head(1, 20)})
	same(t, "after a late ack", b.batches(), []string{})
	b.hear(&wire.Ack{Head: head(1, 80)})
	same(t, "after all acks", b.batches(), []string{"1/81-90", "1/91-95"})
	same(t, "Acked", b.acked, []ledger.Head{{}, head(1, 10), head(1, 40), head(1, 80)})
	b.streams[0] = head(1, 97)
	same(t, "what is written later", b.batches(), []string{"1/96-97"})
}

// What HQ does not say that it has twice stays here.
func TestWhatHQHasTwice(t *testing.T) {
	b := greeted(t, nil, head(1, 95))
	b.batches()
	b.hear(&wire.Ack{Head: head(1, 10)})
	b.hear(&wire.Ack{Head: head(1, 20), Twice: true})
	same(t, "kept", b.kept, []ledger.Head{head(1, 20)})
}

func TestAcksOverTwoIncarnations(t *testing.T) {
	b := greeted(t, nil, head(1, 10), head(2, 10), head(3, 10))
	same(t, "first", b.batches(), []string{"1/1-10", "2/1-10", "3/1-10"})
	b.hear(&wire.Ack{Head: head(2, 10)})
	b.hear(&wire.Ack{Head: head(1, 10)}) // late
	b.hear(&wire.Ack{Head: head(7, 99)}) // of nothing that was sent
	same(t, "Acked", b.acked, []ledger.Head{{}, head(2, 10)})
	b.wait(6 * time.Second)
	same(t, "resent", b.batches(), []string{"3/1-10"})
	b.hear(&wire.Ack{Head: head(3, 10)})
	b.wait(time.Minute)
	same(t, "when all is acked", b.batches(), []string{})
}

// The first batch of a life says how far the terminal has the one before, and to which
// epoch of HQ it keeps.
func TestFirstBatchOfALifeNamesTheOneBefore(t *testing.T) {
	b := greeted(t, nil, head(1, 10), head(2, 20))
	var got []string
	for _, m := range b.said() {
		if m, ok := m.(*wire.Batch); ok {
			got = append(got, fmt.Sprintf("%d/%d after %d/%d in %d", m.Incarnation, m.First, m.Before, m.BeforeLast, m.Epoch))
		}
	}
	same(t, "batches", got, []string{"1/1 after 0/0 in 1", "2/1 after 1/10 in 1", "2/11 after 0/0 in 0"})
}

// TestAckOfWhatWasNeverWrittenIsRefused: HQ's signature alone does not move the
// cursor past what is there (fault H15).
func TestAckOfWhatWasNeverWrittenIsRefused(t *testing.T) {
	b := greeted(t, nil, head(1, 10))
	same(t, "first", b.batches(), []string{"1/1-10"})
	other := head(1, 10)
	other.Hash[7]++
	for name, h := range map[string]ledger.Head{"further": head(1, 11), "another-entry": other} {
		err := b.end.Receive(wire.Seal(id, 1, &wire.Ack{Head: h}, hqKey), b.now)
		if !errors.Is(err, exchange.ErrAck) {
			t.Errorf("%s: Receive(Ack) = %v, want ErrAck", name, err)
		}
	}
	same(t, "Acked", b.acked, []ledger.Head{{}})
	b.wait(6 * time.Second)
	same(t, "resent", b.batches(), []string{"1/1-10"})
}

// TestHQCanSlowATerminalDown: no batch leaves in the pause, and questions do.
func TestHQCanSlowATerminalDown(t *testing.T) {
	b := greeted(t, nil, head(1, 100))
	b.batches()
	b.hear(&wire.Ack{Head: head(1, 40), PauseMS: 2000})
	b.end.Ask(&wire.Ask{ID: 7})
	same(t, "in the pause", sayings(b.said()), []string{"Ask"})
	b.wait(1900 * time.Millisecond)
	same(t, "before its end", b.batches(), []string{})
	b.wait(200 * time.Millisecond)
	same(t, "after it", b.batches(), []string{"1/41-50", "1/51-60", "1/61-70", "1/71-80"})
	b.hear(&wire.Ack{Head: head(1, 80), PauseMS: 1 << 60})
	b.wait(10*time.Minute + time.Second)
	same(t, "after the longest that HQ may ask for", b.batches(), []string{"1/81-90", "1/91-100"})
}

func TestResendsWithDoubledPatience(t *testing.T) {
	b := greeted(t, nil, head(1, 15))
	want := []string{"1/1-10", "1/11-15"}
	same(t, "first", b.batches(), want)
	for _, patience := range []time.Duration{5, 10, 20, 40, 60, 60} {
		b.wait(patience*time.Second - time.Millisecond)
		same(t, "too early", b.batches(), []string{})
		b.wait(time.Millisecond)
		same(t, "resent", b.batches(), want)
	}
	b.hear(&wire.Ack{Head: head(1, 10)})
	b.wait(5*time.Second - time.Millisecond)
	same(t, "too early after an ack", b.batches(), []string{})
	b.wait(time.Millisecond)
	same(t, "patience is short again after an ack", b.batches(), []string{"1/11-15"})
}

func TestClosedLineMeansSendAgain(t *testing.T) {
	b := greeted(t, nil, head(1, 15))
	b.batches()
	b.hear(&wire.Ack{Head: head(1, 10)})
	b.end.Closed()
	b.open()
	same(t, "before the answer", sayings(b.said()), []string{"Hello"})
	b.hear(&wire.Welcome{Has: []ledger.Head{head(1, 10)}})
	same(t, "after it", b.batches(), []string{"1/11-15"})
}

func TestResumeGoesBack(t *testing.T) {
	b := greeted(t, []ledger.Head{head(1, 30)}, head(1, 35))
	same(t, "first", b.batches(), []string{"1/31-35"})
	b.hear(&wire.Resume{Head: head(1, 12)})
	same(t, "after resume", b.batches(), []string{"1/13-22", "1/23-32", "1/33-35"})
	same(t, "Acked", b.acked, []ledger.Head{head(1, 30), head(1, 12)})
	for range 3 { // for each of the batches that had followed on a lost one
		b.hear(&wire.Resume{Head: head(1, 12)})
	}
	same(t, "after the same again", b.batches(), []string{})
	b.wait(time.Second)
	b.hear(&wire.Resume{Head: head(1, 12)})
	same(t, "after the same a while later", b.batches(), []string{"1/13-22", "1/23-32", "1/33-35"})
}

// Where HQ says that it goes on further than its acks have said, they come too late to
// tell the till: it would say for good that HQ lacks something, with nothing to send.
func TestResumeThatIsQuickerThanTheAckIsTold(t *testing.T) {
	b := greeted(t, []ledger.Head{head(1, 10)}, head(1, 10), head(2, 1))
	same(t, "first", b.batches(), []string{"2/1-1"})
	b.hear(&wire.Resume{Head: head(2, 1)})
	b.hear(&wire.Ack{Head: head(2, 1)})
	same(t, "Acked", b.acked, []ledger.Head{head(1, 10), head(2, 1)})
	b.wait(time.Minute)
	same(t, "when HQ has all", b.batches(), []string{})
}

// A life that the disk has lost says nothing of what HQ has of those that are here.
// To begin with their first entries is no way: they may be sealed and gone.
func TestResumeAfterALostLifeAsksWhatHQHas(t *testing.T) {
	b := greeted(t, []ledger.Head{head(1, 10)}, head(1, 10), head(3, 1))
	same(t, "first", b.batches(), []string{"3/1-1"})
	b.hear(&wire.Resume{Head: head(2, 4)})
	same(t, "a moment after the last greeting", len(b.said()), 0)
	b.wait(5 * time.Second)
	same(t, "again", b.batches(), []string{"3/1-1"})
	b.hear(&wire.Resume{Head: head(2, 4)})
	same(t, "after resume", sayings(b.said()), []string{"Hello"})
	same(t, "Acked", b.acked, []ledger.Head{head(1, 10)})
	b.hear(&wire.Welcome{Has: []ledger.Head{head(1, 8), head(2, 4)}})
	same(t, "after the answer", b.batches(), []string{"1/9-10", "3/1-1"})
	same(t, "Acked in the end", b.acked, []ledger.Head{head(1, 10), head(1, 8)})
}

func TestDeniedIsTold(t *testing.T) {
	b := greeted(t, nil, head(1, 5))
	b.batches()
	b.hear(&wire.Denied{Code: "trouble-fork"})
	if b.end.Denied() != "trouble-fork" {
		t.Errorf("Denied() = %q, want trouble-fork", b.end.Denied())
	}
	b.wait(10 * time.Minute)
	if b.end.Stalled(b.now) {
		t.Error("Stalled() of a denied board: connecting anew would not help")
	}
	b.hear(&wire.Welcome{})
	if b.end.Denied() != "" || !b.end.Online() {
		t.Errorf("Denied() = %q, Online() = %v after a welcome, want none, true", b.end.Denied(), b.end.Online())
	}
}

func TestWhatIsNotBelievedChangesNothing(t *testing.T) {
	ack := &wire.Ack{Head: head(1, 10)}
	for _, c := range []struct {
		name string
		b    []byte
		want error
	}{
		{"signed-by-another", wire.Seal(id, 1, ack, otherKey), wire.ErrSignature},
		{"not-signed", wire.Seal(id, 1, ack, nil), wire.ErrSignature},
		{"for-another", wire.Seal(2, 1, ack, hqKey), exchange.ErrForeign},
		{"no-message", []byte("hello"), codec.ErrMalformed},
		{"denied-not-signed", wire.Seal(id, 1, &wire.Denied{Code: "denied-code"}, nil), wire.ErrSignature},
		{"unknown-kind", wire.Seal(id, 1, later{}, hqKey), wire.ErrKind},
		{"key-of-a-stranger", wire.Seal(id, 1, proofOf(otherKey, code), otherKey), nil},
		{"enrolled-under-another-code", wire.Seal(id, 1, proofOf(otherKey, "WR0NG"), otherKey), wire.ErrSignature},
		{"enrolled-not-signed", wire.Seal(id, 1, proofOf(hqKey, code), nil), wire.ErrSignature},
		{"down-with-a-gap", wire.Seal(id, 1, &wire.Down{First: 5, Entries: [][]byte{{5}}}, hqKey), errAny},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := greeted(t, nil, head(1, 20))
			b.batches()
			err := b.end.Receive(c.b, b.now)
			if c.want == errAny && err == nil || c.want != errAny && !errors.Is(err, c.want) {
				t.Errorf("Receive() = %v, want %v", err, c.want)
			}
			same(t, "Acked", b.acked, []ledger.Head{{}})
			same(t, "said", b.said(), []wire.Message(nil))
			if !b.key.Equal(public(hqKey)) || b.end.Denied() != "" || b.down != 0 || !b.end.Online() {
				t.Errorf("HQ's key, denied %q, down %d or online %v changed", b.end.Denied(), b.down, b.end.Online())
			}
		})
	}
}

var errAny = errors.New("any error")

// later is a message of a kind that this build does not know.
type later struct{}

func (later) Kind() wire.Kind { return 999 }

func (later) Fields(*codec.Coder) {}

func TestAsksOnlyWhileOnline(t *testing.T) {
	b := newBench(t, head(1, 35))
	b.end.Ask(&wire.Ask{ID: 1})
	b.open()
	b.end.Ask(&wire.Ask{ID: 2})
	same(t, "before the answer", sayings(b.said()), []string{"Hello"})
	b.hear(&wire.Welcome{})
	b.end.Ask(&wire.Ask{ID: 3})
	b.end.Ask(&wire.Ask{ID: 4})
	list := b.said()
	same(t, "asks go before the backlog", sayings(list), []string{"Ask", "Ask", "Batch", "Batch", "Batch", "Batch"})
	if list[0].(*wire.Ask).ID != 3 || list[1].(*wire.Ask).ID != 4 {
		t.Errorf("asked %+v and %+v, want 3 and 4", list[0], list[1])
	}
	same(t, "an ask is sent once", b.said(), []wire.Message(nil))
	b.end.Ask(&wire.Ask{ID: 5})
	b.end.Closed()
	b.open()
	b.hear(&wire.Welcome{})
	if slices.Contains(sayings(b.said()), "Ask") {
		t.Error("an ask of the conversation before is sent")
	}
	for n := range 1000 {
		b.end.Ask(&wire.Ask{ID: 6, WithinMS: int64(n)})
	}
	asks := 0
	for _, s := range sayings(b.said()) {
		if s == "Ask" {
			asks++
		}
	}
	if asks != 64 {
		t.Errorf("%d asks wait to be sent, want at most 64", asks)
	}
}

func TestAnswerIsHandedOn(t *testing.T) {
	b := greeted(t, nil)
	b.hear(&wire.Down{First: 1, Entries: [][]byte{{1}}, Answer: &wire.Answer{Ask: 8}})
	if len(b.answered) != 1 || b.answered[0].Ask != 8 || b.down != 1 {
		t.Errorf("answered %+v with HQ's journal up to %d, want ask 8 and 1", b.answered, b.down)
	}
	b.answered = nil
	b.hear(&wire.Answer{Ask: 9, Member: 4})
	if len(b.answered) != 1 || b.answered[0].Ask != 9 {
		t.Errorf("answered %+v, want ask 9", b.answered)
	}
}

// TestHQHearsOfItsJournal: with what is sent next, and at once where so much came
// that HQ may wait to send on.
func TestHQHearsOfItsJournal(t *testing.T) {
	b := greeted(t, nil, head(1, 1))
	b.said()
	some := func(n int) (list [][]byte) {
		for seq := range n {
			list = append(list, []byte{byte(seq + 1)})
		}
		return list
	}
	b.hear(&wire.Down{First: 1, Entries: some(2)})
	same(t, "of two", sayings(b.said()), []string{})
	b.streams = []ledger.Head{head(1, 2)}
	b.hear(&wire.Ack{Head: head(1, 1)})
	list := b.said()
	same(t, "with an entry", sayings(list), []string{"Batch"})
	if got := list[0].(*wire.Batch).Down; got != 2 {
		t.Errorf("the batch says that HQ's journal is here up to %d, want 2", got)
	}
	b.hear(&wire.Down{First: 1, Entries: some(32)})
	list = b.said()
	same(t, "of many", sayings(list), []string{"Report"})
	if got := list[0].(*wire.Report).Down; got != 32 {
		t.Errorf("reported down %d, want 32", got)
	}
	b.hear(&wire.Down{First: 33, Entries: [][]byte{{33}}})
	same(t, "of one more", sayings(b.said()), []string{})
	b.wait(15 * time.Second)
	list = b.said()
	if last := list[0].(*wire.Report); last.Down != 33 {
		t.Errorf("reported down %d in the end, want 33", last.Down)
	}
}

func TestReportsNowAndThen(t *testing.T) {
	b := greeted(t, []ledger.Head{head(1, 5)}, head(1, 5))
	b.wait(time.Second)
	b.said()
	for range 4 {
		b.wait(15*time.Second - time.Millisecond)
		same(t, "too early", b.said(), []wire.Message(nil))
		b.wait(time.Millisecond)
		list := b.said()
		same(t, "after 15 s", sayings(list), []string{"Report"})
		if m := list[0].(*wire.Report); m.Head != head(1, 5) || m.Backlog != 3 {
			t.Errorf("Report = %+v, want head %v, backlog 3", m, head(1, 5))
		}
	}
}

// Batches say for a while what a report would: how far both journals are.
func TestNoReportBesideBatches(t *testing.T) {
	b := greeted(t, []ledger.Head{head(1, 5)}, head(1, 5))
	b.wait(time.Minute)
	b.said()
	reported := 0
	for n := range 18 { // three minutes
		b.streams[0].Seq++
		b.wait(10 * time.Second)
		list := sayings(b.said())
		if !slices.Contains(list, "Batch") {
			t.Fatalf("after %d entries %v is said, want a batch", n+1, list)
		}
		if slices.Contains(list, "Report") {
			reported++
		}
		b.hear(&wire.Ack{Head: b.streams[0]})
	}
	if reported != 3 {
		t.Errorf("%d reports in three minutes of batches, want one a minute", reported)
	}
	b.wait(15 * time.Second)
	same(t, "when no batch leaves", sayings(b.said()), []string{"Report"})
}

func TestStalledOnlyWhileSomethingIsOutstanding(t *testing.T) {
	t.Run("hello-unanswered", func(t *testing.T) {
		b := newBench(t)
		b.open()
		b.stalls(25 * time.Second)
	})
	t.Run("idle", func(t *testing.T) {
		b := greeted(t, []ledger.Head{head(1, 5)}, head(1, 5))
		b.batches()
		b.wait(time.Hour)
		if b.end.Stalled(b.now) {
			t.Error("Stalled() = true with nothing outstanding")
		}
		b.streams[0] = head(1, 6) // after an hour of silence there is a sale
		b.batches()
		b.stalls(25 * time.Second)
	})
	t.Run("backlog-unacked-in-spite-of-resends", func(t *testing.T) {
		b := greeted(t, nil, head(1, 15))
		b.batches()
		b.stalls(25 * time.Second)
	})
	t.Run("acks-come-in", func(t *testing.T) {
		b := greeted(t, nil, head(1, 1000))
		for n := range ledger.Seq(50) {
			b.batches()
			b.wait(2 * time.Second)
			b.hear(&wire.Ack{Head: head(1, (n+1)*10)})
			if b.end.Stalled(b.now) {
				t.Fatalf("Stalled() = true after ack %d", n)
			}
		}
	})
	t.Run("closed", func(t *testing.T) {
		b := greeted(t, nil, head(1, 15))
		b.batches()
		b.end.Closed()
		b.now = b.now.Add(time.Hour)
		if b.end.Stalled(b.now) {
			t.Error("Stalled() = true while closed")
		}
	})
}

// stalls expects the end to stall after d, and not before.
func (b *bench) stalls(after time.Duration) {
	b.Helper()
	const step = 500 * time.Millisecond
	for gone := step; gone < after; gone += step {
		b.wait(step)
		b.said()
		if b.end.Stalled(b.now) {
			b.Fatalf("Stalled() after %s, want it after %s", gone, after)
		}
	}
	b.wait(step)
	if !b.end.Stalled(b.now) {
		b.Errorf("Stalled() = false after %s of silence", after)
	}
}

func TestEnrolment(t *testing.T) {
	b := newBench(t)
	b.key = nil
	b.open()
	m := b.said()[0].(*wire.Enrol)
	if m.Mac != wire.EnrolMac(code, id, public(boardKey)) || string(m.Key[:]) != string(public(boardKey)) || m.Software != "test" {
		t.Errorf("Enrol = %+v, want the board's key and the proof of the code", m)
	}
	// Before HQ's key is known, only a refusal is heard without one.
	if err := b.end.Receive(wire.Seal(id, 1, &wire.Welcome{}, hqKey), b.now); !errors.Is(err, wire.ErrSignature) {
		t.Errorf("Receive(welcome before enrolment) = %v, want ErrSignature", err)
	}
	b.ok("Receive(denied)", b.end.Receive(wire.Seal(id, 1, &wire.Denied{Code: "denied-code"}, nil), b.now))
	if b.end.Denied() != "denied-code" {
		t.Errorf("Denied() = %q, want denied-code", b.end.Denied())
	}
	b.wait(time.Minute)
	same(t, "later", sayings(b.said()), []string{"Enrol"})
	b.hear(proofOf(hqKey, code))
	if !b.key.Equal(public(hqKey)) || b.end.Denied() != "" {
		t.Errorf("HQ's key = %x, denied %q, want it learned", b.key, b.end.Denied())
	}
	same(t, "after enrolment", sayings(b.said()), []string{"Hello"})
}

// HQ's book went back to before the board enrolled: it says so, and a code brings
// the board in again, under the key that it knows.
func TestForgottenBoardEnrolsAgain(t *testing.T) {
	b := greeted(t, nil, head(1, 5))
	b.hear(&wire.Denied{Code: "denied-unknown"})
	b.end.SetCode("")
	b.wait(time.Minute)
	same(t, "without a code", sayings(b.said()), []string{"Hello"})
	b.end.SetCode(code)
	b.wait(time.Minute)
	same(t, "with a code", sayings(b.said()), []string{"Enrol"})
	stranger := proofOf(otherKey, code)
	b.ok("Receive(another HQ's answer)", b.end.Receive(wire.Seal(id, 1, stranger, otherKey), b.now))
	if !b.key.Equal(public(hqKey)) || b.end.Denied() != "denied-unknown" {
		t.Errorf("HQ's key = %x, denied %q, want both as they were", b.key, b.end.Denied())
	}
	b.hear(proofOf(hqKey, code))
	if b.end.Denied() != "" {
		t.Errorf("Denied() = %q, want nothing", b.end.Denied())
	}
	same(t, "after enrolment", sayings(b.said()), []string{"Hello"})
}

// proofOf is an answer to an enrolment by whoever has a key and a code.
func proofOf(key ed25519.PrivateKey, code string) *wire.Enrolled {
	m := &wire.Enrolled{Mac: wire.EnrolledMac(code, id, public(boardKey), public(key))}
	copy(m.Key[:], public(key))
	return m
}

func TestBrokenStationIsSaid(t *testing.T) {
	b := greeted(t, nil, head(1, 5))
	b.broken = errors.New("ledger is closed")
	if _, err := b.end.Outgoing(b.now); !errors.Is(err, b.broken) {
		t.Errorf("Outgoing() = %v, want the station's error", err)
	}
	b.now = b.now.Add(time.Minute)
	for call, err := range map[string]error{
		"Tick":             b.end.Tick(b.now),
		"Opened":           b.end.Opened(b.now),
		"Receive(welcome)": b.end.Receive(wire.Seal(id, 1, &wire.Welcome{}, hqKey), b.now),
		"Receive(down)":    b.end.Receive(wire.Seal(id, 1, &wire.Down{Entries: [][]byte{{1}}}, hqKey), b.now),
	} {
		if !errors.Is(err, b.broken) {
			t.Errorf("%s = %v, want the station's error", call, err)
		}
	}
}

// TestWhatTheDiskForgotIsAskedForUntilItIsThere: a lost answer is asked for again.
func TestWhatTheDiskForgotIsAskedForUntilItIsThere(t *testing.T) {
	b := newBench(t, head(1, 5))
	b.open()
	b.hear(&wire.Welcome{})
	b.said()
	b.lacks, b.lacking = head(1, 3), true
	for range 2 {
		b.wait(10 * time.Second)
		asked := slices.DeleteFunc(b.said(), func(m wire.Message) bool { return m.Kind() != wire.KindForgot })
		want := []wire.Message{&wire.Forgot{After: head(1, 3), Before: 9}}
		same(t, "asked", asked, want)
	}
	b.hear(&wire.History{After: head(1, 3), Incarnation: 1, Entries: [][]byte{{4}}})
	same(t, "the next part is asked for at once", sayings(b.said()), []string{"Forgot"})
	b.hear(&wire.History{After: head(1, 3), Incarnation: 1, Entries: [][]byte{{4}}})
	same(t, "after the same part again", sayings(b.said()), []string{})
	b.hear(&wire.History{After: head(1, 4), Incarnation: 1, Entries: [][]byte{{5}}, Done: true})
	b.wait(10 * time.Second)
	if slices.Contains(sayings(b.said()), "Forgot") || len(b.history) != 2 {
		t.Errorf("after all of it: %d entries came, and it is asked for again", len(b.history))
	}
}
