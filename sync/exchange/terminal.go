package exchange

import (
	"crypto/ed25519"
	"fmt"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/guard"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// TerminalOptions are the parts of a terminal's end.
type TerminalOptions struct {
	ID        ledger.TerminalID
	Key       ed25519.PrivateKey
	Code      string // enrolment code
	Software  string
	Station   Station
	Shelf     Shelf
	Papers    Papers
	Kept      func(ledger.Head)   // HQ has all up to it in two places; nil: nobody wants to know
	Faults    func() []wire.Fault // what a person should see to here; nil: nothing ever
	Gather    time.Duration       // that entries which do not fill a batch wait for others
	Unguarded guard.Off           // set by the simulation only
}

// Terminal is the terminal's end. It is used from one goroutine.
type Terminal struct {
	o   TerminalOptions
	out []Out

	open     bool
	greeted  bool      // HQ has said how far it is
	hello    time.Time // when last said
	reported time.Time
	batched  time.Time // when entries last left
	applied  int       // entries of HQ's journal since HQ was told how far it is here
	heard    time.Time // when HQ last answered anything
	denied   string

	acked   ledger.Head   // by HQ, signed
	sent    ledger.Head   // newest entry on its way; acked when none is
	flying  []ledger.Head // of the batches on their way, oldest first
	fresh   time.Time     // since when entries wait to fill a batch; zero when none do
	looked  ledger.Head   // up to this entry nobody waits for one of them
	since   time.Time     // when the oldest of them left, or HQ last acked one
	resumed time.Time     // when HQ last said from where on to send again
	waiting time.Time     // since when an ack is missing, resends or not; zero when none is
	patient time.Duration
	asks    []*wire.Ask
	epoch   uint64 // the newest that HQ has spoken in

	paused  time.Time // no batch before it
	fetched time.Time // when a part of a document was asked for
	renewed time.Time // when a certificate was asked for
	missed  time.Time // when a part of the own journal was asked for
}

// NewTerminal makes an end.
func NewTerminal(o TerminalOptions) *Terminal { return &Terminal{o: o, patient: resendAfter} }

// SetCode changes the enrolment code: somebody has just typed it.
func (t *Terminal) SetCode(code string) { t.o.Code = code }

// Online reports whether HQ has answered on this connection.
func (t *Terminal) Online() bool { return t.open && t.greeted }

// Denied is why HQ takes nothing from this board, a word of the catalogue, or "".
func (t *Terminal) Denied() string { return t.denied }

// Opened starts a conversation.
func (t *Terminal) Opened(now time.Time) error {
	t.open, t.greeted, t.out, t.asks = true, false, nil, nil
	t.paused, t.fetched, t.renewed, t.missed, t.resumed = time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}
	t.applied = 0
	t.heard = now
	return t.greet(now)
}

// Closed ends a conversation; what was on its way is not known.
func (t *Terminal) Closed() {
	t.open, t.greeted, t.out, t.asks = false, false, nil, nil
	t.restart(t.acked)
}

func (t *Terminal) greet(now time.Time) error {
	t.hello = now
	known := t.o.Station.HQKey()
	if known == nil || t.denied == unknown && t.o.Code != "" {
		public := t.o.Key.Public().(ed25519.PublicKey)
		m := &wire.Enrol{Software: t.o.Software, Mac: wire.EnrolMac(t.o.Code, t.o.ID, public)}
		copy(m.Key[:], public)
		copy(m.Knows[:], known)
		t.say(m, true)
		return nil
	}
	s, err := t.o.Station.Status()
	if err != nil {
		return fmt.Errorf("greet HQ: %w", err)
	}
	t.epoch = max(t.epoch, s.Epoch)
	m := &wire.Hello{
		Software: t.o.Software, Streams: newest(s.Streams), Down: s.Down, Backlog: s.Backlog,
		Oldest: milli(s.Oldest), Wall: s.Wall.UnixMilli(), Clock: s.Clock, Last: s.Last, Epoch: t.epoch,
	}
	t.say(m, true)
	return nil
}

// greetAgain greets HQ anew, now and then.
func (t *Terminal) greetAgain(now time.Time) error {
	if now.Sub(t.hello) < helloAgain {
		return nil
	}
	return t.greet(now)
}

func newest(streams []ledger.Head) []ledger.Head {
	return streams[max(len(streams)-wire.StreamsMax, 0):]
}

func (t *Terminal) say(m wire.Message, sure bool) {
	t.out = append(t.out, Out{Bytes: wire.Seal(t.o.ID, 0, m, t.o.Key), Sure: sure})
}

// Ask sends a question as soon as HQ can be heard; a question that cannot be
// sent is dropped, and its asker gives up at its deadline.
func (t *Terminal) Ask(m *wire.Ask) {
	if t.Online() && len(t.asks) < asksMax {
		t.asks = append(t.asks, m)
	}
}

// Receive takes in a message. An error means that it was not believed or
// understood; nothing was changed by it.
func (t *Terminal) Receive(b []byte, now time.Time) error {
	e, err := wire.Open(b)
	if err != nil {
		return err
	}
	if e.Terminal != t.o.ID {
		return fmt.Errorf("message for %s: %w", e.Terminal, ErrForeign)
	}
	if e.Kind == wire.KindEnrolled {
		return t.enrolled(&e, now)
	}
	key := t.o.Station.HQKey()
	if key != nil || e.Kind != wire.KindDenied {
		if err := t.verify(&e, key); err != nil && !t.o.Unguarded.SignedMessages {
			return err
		}
	}
	if e.Epoch < t.epoch && key != nil && !t.o.Unguarded.NewestEpoch {
		return t.stale(e.Epoch, now)
	}
	m, err := e.Message()
	if err != nil {
		return err
	}
	if err := t.obey(e.Epoch); err != nil {
		return err
	}
	t.heard = now
	return t.take(m, now)
}

func (t *Terminal) take(m wire.Message, now time.Time) error {
	switch m := m.(type) {
	case *wire.Denied:
		t.denied, t.greeted = m.Code, false
	case *wire.Welcome:
		return t.welcome(m)
	case *wire.Ack:
		t.paused = now.Add(min(time.Duration(max(m.PauseMS, 0))*time.Millisecond, pauseMost))
		if err := t.ack(m.Head, now); err != nil {
			return err
		}
		if m.Twice && t.o.Kept != nil {
			t.o.Kept(m.Head)
		}
	case *wire.Chunk:
		if t.o.Shelf == nil {
			return nil
		}
		took, err := t.o.Shelf.Take(m)
		if err != nil {
			return fmt.Errorf("part of a document: %w", err)
		}
		if took { // else HQ has not got it any more, or the line doubled it: it is asked again later, not at once
			return t.fetch(now)
		}
	case *wire.Certificate:
		if t.o.Papers != nil {
			return t.o.Papers.Take(m)
		}
	case *wire.History:
		return t.history(m, now)
	case *wire.Resume:
		return t.resume(m.Head, now)
	case *wire.Down:
		return t.down(m, now)
	case *wire.Lacks:
		return t.echo(m.After)
	case *wire.Answer:
		t.o.Station.Answered(m)
	}
	return nil
}

// enrolled learns HQ's key from a message that proves knowledge of the code.
func (t *Terminal) enrolled(e *wire.Envelope, now time.Time) error {
	m, err := e.Message()
	if err != nil {
		return err
	}
	got := m.(*wire.Enrolled)
	key := ed25519.PublicKey(got.Key[:])
	if err := e.Verify(key); err != nil {
		return err
	}
	if got.Mac != wire.EnrolledMac(t.o.Code, t.o.ID, t.o.Key.Public().(ed25519.PublicKey), key) {
		return fmt.Errorf("enrolment: %w", wire.ErrSignature)
	}
	known := t.o.Station.HQKey()
	if known != nil && (t.denied != unknown || !known.Equal(key)) {
		return nil
	}
	if known == nil {
		if err := t.o.Station.SetHQKey(key); err != nil {
			return err
		}
	}
	t.heard, t.denied = now, ""
	return t.greet(now)
}

// down takes in entries of HQ's journal. HQ hears of it with what is sent next,
// and at once only when so many have come that it may be waiting to send on.
func (t *Terminal) down(m *wire.Down, now time.Time) error {
	if m.Answer != nil {
		t.o.Station.Answered(m.Answer)
	}
	at, err := t.o.Station.ApplyDown(m.Entries)
	if err != nil {
		return fmt.Errorf("down entries from %d: %w", m.First, err)
	}
	if at == 0 {
		return nil
	}
	t.fetched, t.missed = time.Time{}, time.Time{} // it may have announced a document
	if t.applied += len(m.Entries); t.applied >= wire.DownEntriesMax/2 {
		return t.report(now)
	}
	return nil
}

func (t *Terminal) report(now time.Time) error {
	t.reported, t.applied = now, 0
	s, err := t.o.Station.Status()
	if err != nil {
		return fmt.Errorf("report to HQ: %w", err)
	}
	m := &wire.Report{Down: s.Down, Backlog: s.Backlog, Oldest: milli(s.Oldest), Wall: s.Wall.UnixMilli(), Clock: s.Clock}
	if n := len(s.Streams); n > 0 {
		m.Head = s.Streams[n-1]
	}
	if t.o.Faults != nil {
		m.Faults = t.o.Faults()
	}
	t.say(m, false)
	return nil
}

// Tick does what is due.
func (t *Terminal) Tick(now time.Time) error {
	if !t.open {
		return nil
	}
	if !t.greeted {
		again := helloAgain
		if t.denied != "" {
			again = helloDenied
		}
		if now.Sub(t.hello) >= again {
			return t.greet(now)
		}
		return nil
	}
	if len(t.flying) > 0 && now.Sub(t.since) >= t.patient {
		t.patient = min(2*t.patient, resendMost)
		t.rewind()
	}
	if t.o.Papers != nil && now.Sub(t.renewed) >= renewAgain {
		if m, ok := t.o.Papers.Renew(now); ok {
			t.renewed = now
			t.say(m, true)
		}
	}
	if now.Sub(t.fetched) >= fetchAgain {
		if err := t.fetch(now); err != nil {
			return err
		}
	}
	if now.Sub(t.missed) >= fetchAgain {
		t.recall(now)
	}
	if said := now.Sub(t.reported); said >= reportMost || said >= reportEvery && now.Sub(t.batched) >= reportEvery {
		return t.report(now)
	}
	return nil
}

// fetch asks for the next part of a document, one at a time: they are large,
// and nothing waits for them.
func (t *Terminal) fetch(now time.Time) error {
	if t.o.Shelf == nil {
		return nil
	}
	t.fetched = now
	m, err := t.o.Shelf.Wanted()
	if err != nil || m == nil {
		return err
	}
	t.say(m, true)
	return nil
}

// recall asks for the next part of what HQ has of the own journal and the
// terminal has not: its disk had gone back.
func (t *Terminal) recall(now time.Time) {
	after, before, ok := t.o.Station.Lacks()
	if !ok {
		return
	}
	t.missed = now
	t.say(&wire.Forgot{After: after, Before: before}, true)
}

// history takes in what HQ has of the own journal, and asks on for what follows. What
// came late or twice moves nothing and asks for nothing: else questions and answers
// would be more with each that the line doubles.
func (t *Terminal) history(m *wire.History, now time.Time) error {
	after, before, _ := t.o.Station.Lacks()
	if err := t.o.Station.History(m); err != nil {
		return fmt.Errorf("history after %s: %w", m.After, err)
	}
	if then, still, _ := t.o.Station.Lacks(); then != after || still != before {
		t.recall(now)
	}
	return nil
}

// Stalled reports that the connection looks alive but HQ answers nothing.
func (t *Terminal) Stalled(now time.Time) bool {
	if !t.open || t.denied != "" || now.Sub(t.heard) < stalledAfter {
		return false
	}
	return !t.greeted || !t.waiting.IsZero() && now.Sub(t.waiting) >= stalledAfter
}

// Outgoing hands over what is to be sent: asks first, then what was said, then
// as much of the backlog as the window allows.
func (t *Terminal) Outgoing(now time.Time) ([]Out, error) {
	if !t.open {
		return nil, nil
	}
	said := t.out
	t.out = nil
	for _, a := range t.asks {
		t.say(a, false) // its asker does not wait longer than for an answer
	}
	t.asks = nil
	out := append(t.out, said...)
	t.out = nil
	for t.greeted && len(t.flying) < window && !now.Before(t.paused) {
		more, err := t.batch(now)
		out = append(out, t.out...)
		t.out = nil
		if err != nil || !more {
			return out, err
		}
	}
	return out, nil
}

// batch says the entries that follow on what is on its way.
func (t *Terminal) batch(now time.Time) (bool, error) {
	s, err := t.o.Station.Status()
	if err != nil {
		return false, err
	}
	i, from, waiting := next(s.Streams, t.sent)
	if waiting == 0 {
		t.fresh = time.Time{}
		return false, nil
	}
	newest := s.Streams[len(s.Streams)-1]
	due := t.due(i, waiting, newest, now)
	if !due && newest == t.looked {
		return false, nil
	}
	b, err := t.o.Station.Batch(i, from)
	if err != nil {
		return false, err
	}
	if len(b.Entries) == 0 { // sealed and gone, since HQ had them: a late word said that it has not
		return false, t.greetAgain(now)
	}
	if !due && !slices.ContainsFunc(b.Entries, awaited) {
		t.looked = newest
		return false, nil
	}
	m := &wire.Batch{Incarnation: i, First: from, Entries: b.Entries, Signature: b.Signature, Down: s.Down}
	if from == 1 {
		m.Epoch = t.epoch
		if at := slices.IndexFunc(s.Streams, func(h ledger.Head) bool { return h.Incarnation == i }); at > 0 {
			m.Before, m.BeforeLast = s.Streams[at-1].Incarnation, s.Streams[at-1].Seq
		}
	}
	t.say(m, len(b.Entries) > looseMost)
	t.applied, t.batched = 0, now
	if len(t.flying) == 0 {
		t.since = now
	}
	if t.waiting.IsZero() {
		t.waiting = now
	}
	t.sent = b.Head
	t.flying = append(t.flying, b.Head)
	return true, nil
}

// next finds the entry after the newest one on its way, in this incarnation or
// the first of the one after it, and how many there are from it on.
func next(streams []ledger.Head, sent ledger.Head) (i ledger.Incarnation, from ledger.Seq, waiting uint64) {
	at := slices.IndexFunc(streams, func(h ledger.Head) bool { return h.Incarnation == sent.Incarnation })
	if at < 0 || sent.Seq >= streams[at].Seq {
		at, sent.Seq = at+1, 0
	}
	if at == len(streams) {
		return 0, 0, 0
	}
	i, from = streams[at].Incarnation, sent.Seq+1
	waiting = uint64(streams[at].Seq - sent.Seq)
	for _, later := range streams[at+1:] {
		waiting += uint64(later.Seq)
	}
	return i, from, waiting
}
