package simworld

import (
	"crypto/ed25519"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// The board between the till and the terminal's end of the exchange, as
// assembly joins them.

// Online reports whether HQ has answered on this connection.
func (b *board) Online() bool { return b.end != nil && b.line.connected && b.end.Online() }

// Ask queues a question.
func (b *board) Ask(a clerk.Ask) {
	b.waits.Asked(a, b.reading().Mono)
	m := &wire.Ask{ID: a.ID, Incarnation: a.Incarnation, Member: a.Member, WithinMS: a.Within.Milliseconds(), Voucher: a.Voucher}
	for _, want := range a.Wants {
		m.Wants = append(m.Wants, wire.Want(want))
	}
	b.asks = append(b.asks, m)
	b.w.Mark("asked")
	b.soon(0)
}

// HQKey is HQ's public key, or nil before enrolment.
func (b *board) HQKey() ed25519.PublicKey { return b.till.HQKey() }

// FormerHQKeys are those before it; HQKeyHeard lets them go.
func (b *board) FormerHQKeys() []ed25519.PublicKey { return b.till.FormerHQKeys() }
func (b *board) HQKeyHeard() error {
	b.w.Mark("hq-key-heard")
	return b.till.HQKeyHeard()
}

// SetHQKey keeps it.
func (b *board) SetHQKey(key ed25519.PublicKey) error {
	b.w.Mark("enrolled")
	return b.till.SetHQKey(key)
}

// Obey keeps the newest epoch that HQ has spoken in.
func (b *board) Obey(epoch uint64) error {
	b.w.Mark("obeyed")
	return b.till.Obey(epoch)
}

// Status says how the journals stand.
func (b *board) Status() (exchange.Status, error) {
	p, err := b.till.Progress()
	return exchange.Status{
		Streams: p.Streams, Down: p.Down, Backlog: p.Ledger.Backlog, Oldest: p.Ledger.Oldest,
		Wall: p.Reading.Wall, Clock: p.Reading.Quality, Last: p.Last, Epoch: p.Epoch,
	}, err
}

// Batch returns a run of entries.
func (b *board) Batch(i ledger.Incarnation, from ledger.Seq) (exchange.Batch, error) {
	list, err := b.till.Entries(i, from, wire.BatchEntriesMax, wire.BatchBytesMax/2)
	if err != nil || len(list) == 0 {
		return exchange.Batch{}, err
	}
	last := list[len(list)-1]
	out := exchange.Batch{Head: last.Head, Signature: last.Signature}
	for _, r := range list {
		out.Entries = append(out.Entries, r.Raw)
	}
	return out, nil
}

// Down lists entries of HQ's journal.
func (b *board) Down(after ledger.DownSeq) ([][]byte, error) {
	b.w.Mark("echoed")
	return b.till.DownEntries(after, wire.DownEntriesMax)
}

// Lacks says what is missing of the journal; HQHas hears what HQ has of it.
func (b *board) Lacks() (ledger.Head, ledger.Incarnation, bool) { return b.till.Lacks() }
func (b *board) HQHas(list []ledger.Head)                       { b.till.HQHas(list) }

// History takes in what HQ has of it.
func (b *board) History(m *wire.History) error {
	b.w.Mark("history")
	return b.till.History(clerk.Missing{After: m.After, Before: m.Before}, m.Incarnation, m.Entries, m.Done)
}

// Acked hears how far HQ has the journal: HQ must have it.
func (b *board) Acked(h ledger.Head) {
	if h.Incarnation != 0 && !b.w.had(b.id, h) {
		b.w.Fail("ack-of-nothing", "%s believes that HQ has %s, which it never had", b.id, h)
	}
	b.till.Acked(h)
}

// Answered tells the till what HQ said beside a note.
func (b *board) Answered(m *wire.Answer) {
	a := clerk.Answer{Ask: m.Ask, Member: m.Member, Given: m.Given, Why: clerk.Whereabouts{Code: m.Code, At: m.At, Store: m.Store}}
	for _, left := range m.Left {
		a.Left = append(a.Left, clerk.Balance(left))
	}
	if !m.Given {
		b.waits.Refused(m.Ask)
	}
	b.w.Mark("answered")
	b.till.Answered(a)
}
