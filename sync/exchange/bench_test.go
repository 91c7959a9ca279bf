package exchange_test

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

const (
	id   ledger.TerminalID = 1
	code                   = "ENR0LENR0LENR0LENR0L"
)

var (
	boardKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
	hqKey    = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, ed25519.SeedSize))
	otherKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{3}, ed25519.SeedSize))
	start    = time.Unix(1795000000, 0)
)

func public(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// station is a terminal with journals that are only numbers. A batch has ten
// entries.
type station struct {
	former   []ed25519.PublicKey
	key      ed25519.PublicKey
	streams  []ledger.Head
	down     ledger.DownSeq
	acked    []ledger.Head
	has      []ledger.Head
	answered []*wire.Answer
	broken   error
	lacks    ledger.Head
	lacking  bool
	obeys    uint64
	history  [][]byte
	bodies   map[ledger.Head]ledger.Body // of entries that are real ones
	gone     ledger.Seq                  // up to here they are kept no more
}

const batchSize = 10

func head(i ledger.Incarnation, seq ledger.Seq) ledger.Head {
	return ledger.Head{Incarnation: i, Seq: seq, Hash: ledger.Hash{byte(i), byte(seq)}}
}

func (s *station) HQKey() ed25519.PublicKey { return s.key }

func (s *station) FormerHQKeys() []ed25519.PublicKey { return s.former }

func (s *station) HQKeyHeard() error {
	s.former = nil
	return nil
}

func (s *station) SetHQKey(key ed25519.PublicKey) error {
	s.key = key
	return s.broken
}

func (s *station) Obey(epoch uint64) error {
	s.obeys = epoch
	return s.broken
}

func (s *station) Status() (exchange.Status, error) {
	return exchange.Status{Streams: s.streams, Down: s.down, Backlog: 3, Oldest: start, Wall: start, Epoch: s.obeys}, s.broken
}

func (s *station) Batch(i ledger.Incarnation, from ledger.Seq) (exchange.Batch, error) {
	var b exchange.Batch
	for _, h := range s.streams {
		for seq := from; h.Incarnation == i && from > s.gone && seq <= h.Seq && len(b.Entries) < batchSize; seq++ {
			b.Head = head(i, seq)
			raw := fmt.Appendf(nil, "%d/%d", i, seq)
			if body := s.bodies[b.Head]; body != nil {
				var err error
				if raw, err = ledger.Encode(ledger.Entry{Body: body}); err != nil {
					return b, err
				}
			}
			b.Entries = append(b.Entries, raw)
		}
	}
	return b, s.broken
}

// ApplyDown reads entries that are one byte each: their numbers.
func (s *station) ApplyDown(raws [][]byte) (ledger.DownSeq, error) {
	for _, raw := range raws {
		n := ledger.DownSeq(raw[0])
		if n > s.down+1 {
			return 0, fmt.Errorf("gap before %d", n)
		}
		s.down = max(s.down, n)
	}
	return s.down, s.broken
}

// Down lists entries that are one byte each.
func (s *station) Down(after ledger.DownSeq) (raws [][]byte, err error) {
	for seq := after + 1; seq <= s.down && len(raws) < wire.DownEntriesMax; seq++ {
		raws = append(raws, []byte{byte(seq)})
	}
	return raws, s.broken
}

func (s *station) Acked(h ledger.Head) { s.acked = append(s.acked, h) }

func (s *station) HQHas(list []ledger.Head) { s.has = list }

func (s *station) Lacks() (ledger.Head, ledger.Incarnation, bool) { return s.lacks, 9, s.lacking }

func (s *station) History(m *wire.History) error {
	if m.After == s.lacks { // else it was not asked for
		s.history, s.lacking = append(s.history, m.Entries...), !m.Done
		s.lacks = head(m.Incarnation, s.lacks.Seq+ledger.Seq(len(m.Entries)))
	}
	return nil
}

func (s *station) Answered(m *wire.Answer) { s.answered = append(s.answered, m) }

// bench is a terminal's end alone, with a clock in the test's hand.
type bench struct {
	*testing.T
	*station
	end  *exchange.Terminal
	now  time.Time
	kept []ledger.Head // that HQ has twice
}

// newBench is an enrolled terminal whose journals stand at the heads given.
func newBench(t *testing.T, streams ...ledger.Head) *bench {
	b := &bench{T: t, station: &station{key: public(hqKey), streams: streams}, now: start}
	b.end = exchange.NewTerminal(exchange.TerminalOptions{ID: id, Key: boardKey, Code: code, Software: "test", Station: b.station, Kept: func(h ledger.Head) { b.kept = append(b.kept, h) }})
	return b
}

// greeted is a bench to which HQ has said how far it is.
func greeted(t *testing.T, has []ledger.Head, streams ...ledger.Head) *bench {
	b := newBench(t, streams...)
	b.open()
	b.said()
	b.hear(&wire.Welcome{Has: has})
	return b
}

func (b *bench) open() {
	b.Helper()
	b.ok("Opened", b.end.Opened(b.now))
}

func (b *bench) ok(call string, err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("%s() = %v, want nil", call, err)
	}
}

// wait lets time go by.
func (b *bench) wait(d time.Duration) {
	b.Helper()
	b.now = b.now.Add(d)
	b.ok("Tick", b.end.Tick(b.now))
}

// hear gives the end a message from HQ.
func (b *bench) hear(m wire.Message) {
	b.Helper()
	b.ok("Receive", b.end.Receive(wire.Seal(id, 1, m, hqKey), b.now))
}

// said is what the end sends now, each as the terminal signed it.
func (b *bench) said() []wire.Message {
	b.Helper()
	out, err := b.end.Outgoing(b.now)
	b.ok("Outgoing", err)
	var list []wire.Message
	for _, o := range out {
		e, err := wire.Open(o.Bytes)
		b.ok("Open", err)
		b.ok("Verify", e.Verify(public(boardKey)))
		m, err := e.Message()
		b.ok("Message", err)
		if sure := worthWaiting(m); o.Sure != sure || e.Terminal != id || e.Epoch != 0 {
			b.Errorf("%T is sent with sure %v for %s in epoch %d, want %v, t1, 0", m, o.Sure, e.Terminal, e.Epoch, sure)
		}
		list = append(list, m)
	}
	return list
}

// worthWaiting: not what HQ's own answer or the next one makes up for.
func worthWaiting(m wire.Message) bool {
	batch, ok := m.(*wire.Batch)
	return ok && len(batch.Entries) > 8 || !ok && m.Kind() != wire.KindReport && m.Kind() != wire.KindAsk
}

// batches is what is sent of the journals, as "incarnation/first-last".
func (b *bench) batches() []string {
	b.Helper()
	list := []string{}
	for _, m := range b.said() {
		if batch, ok := m.(*wire.Batch); ok {
			last := batch.First + ledger.Seq(len(batch.Entries)) - 1
			list = append(list, fmt.Sprintf("%d/%d-%d", batch.Incarnation, batch.First, last))
		}
	}
	return list
}

func sayings(list []wire.Message) []string {
	out := []string{}
	for _, m := range list {
		out = append(out, fmt.Sprintf("%T", m)[len("*wire."):])
	}
	return out
}

// office is HQ behind its end: what it is told and what it answers.
type office struct {
	behind   error // of a report
	keys     map[ledger.TerminalID]ed25519.PublicKey
	downs    map[ledger.TerminalID][][]byte
	ingested []*wire.Batch
	commits  int
	alone    bool // several batches at once are not taken in
	reports  []*wire.Report
	asks     []*wire.Ask
	refused  []error
	resume   bool
	epoch    uint64
	echoes   []*wire.Echo
	lacks    *exchange.LacksError
	gives    int // down entries that an ask makes
	fault    error
}

func newOffice() *office {
	return &office{keys: map[ledger.TerminalID]ed25519.PublicKey{id: public(boardKey), 2: public(boardKey)}, downs: map[ledger.TerminalID][][]byte{}}
}

var errBook = errors.New("book is away")

func (o *office) Epoch() uint64 { return max(o.epoch, 4) }

func (o *office) Fetch(_ ledger.TerminalID, m *wire.Fetch) (*wire.Chunk, error) {
	return &wire.Chunk{Root: m.Root}, o.fault
}

func (o *office) History(_ ledger.TerminalID, m *wire.Forgot) (*wire.History, error) {
	return &wire.History{After: m.After, Incarnation: m.Before, Entries: [][]byte{{7}}, Done: true}, o.fault
}

func (o *office) Certify(ledger.TerminalID) (*wire.Certificate, error) { return nil, o.fault }

func (o *office) Echo(_ ledger.TerminalID, m *wire.Echo) error {
	o.echoes = append(o.echoes, m)
	if o.lacks != nil {
		o.lacks.After += ledger.DownSeq(len(m.Entries))
		return o.lacks
	}
	return o.fault
}

func (o *office) Key(id ledger.TerminalID) (ed25519.PublicKey, error) {
	if errors.Is(o.fault, errBook) {
		return nil, o.fault
	}
	return o.keys[id], nil
}

func (o *office) Enrol(id ledger.TerminalID, m *wire.Enrol) (*wire.Enrolled, error) {
	if m.Mac != wire.EnrolMac(code, id, m.Key[:]) {
		return nil, &exchange.RefusedError{Code: "denied-code"}
	}
	answer := &wire.Enrolled{Mac: wire.EnrolledMac(code, id, m.Key[:], public(hqKey))}
	copy(answer.Key[:], public(hqKey))
	return answer, o.fault
}

func (o *office) Hello(ledger.TerminalID, *wire.Hello) (*wire.Welcome, error) {
	return &wire.Welcome{Has: []ledger.Head{head(1, 5)}}, o.fault
}

func (o *office) Report(_ ledger.TerminalID, m *wire.Report) error {
	o.reports = append(o.reports, m)
	return errors.Join(o.behind, o.fault)
}

func (o *office) Ingest(_ ledger.TerminalID, list ...*wire.Batch) (ledger.Head, bool, error) {
	if len(list) > 1 && o.alone {
		return ledger.Head{}, false, errors.New("one of them is not as it should be")
	}
	m := list[len(list)-1]
	o.ingested = append(o.ingested, list...)
	o.commits++
	return head(m.Incarnation, m.First+ledger.Seq(len(m.Entries))-1), o.resume, o.fault
}

func (o *office) Ask(id ledger.TerminalID, m *wire.Ask) (*wire.Answer, error) {
	o.asks = append(o.asks, m)
	o.add(id, o.gives)
	return &wire.Answer{Ask: m.ID}, o.fault
}

// add puts entries on the journal for a terminal.
func (o *office) add(id ledger.TerminalID, n int) {
	for range n {
		o.downs[id] = append(o.downs[id], []byte{byte(len(o.downs[id]) + 1)})
	}
}

func (o *office) Down(id ledger.TerminalID, after ledger.DownSeq) ([][]byte, error) {
	list := o.downs[id][min(int(after), len(o.downs[id])):]
	return list[:min(len(list), wire.DownEntriesMax)], o.fault
}

func (o *office) Refused(_ ledger.TerminalID, _ []byte, why error) {
	o.refused = append(o.refused, why)
}
