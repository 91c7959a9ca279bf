package office

import (
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Decommission ends a terminal for good: a person says that its board is stolen,
// burnt or dead. What it held goes back to whom it belongs, and what is heard of
// it afterwards is the store's exposure. There is no way back: the board enrols
// anew, under another number.
type Decommission struct {
	Terminal ledger.TerminalID
	Heads    []ledger.Head // how far HQ had heard it
	Held     []HeldThere
	Flight   []lot.Draw // in notes that it has not said it took in
	By
}

// heldThereMax bounds what one entry takes back; what is more takes several.
const heldThereMax = 4000

// HeldThere is what one incarnation held of a lot.
type HeldThere struct {
	Lot         lot.ID
	Incarnation ledger.Incarnation
	Amount      lot.Amount
}

// Fields lists the message's fields.
func (h *HeldThere) Fields(c *codec.Coder) {
	codec.Value(c, 1, &h.Lot)
	codec.Fixed64(c, 2, &h.Incarnation)
	codec.Int(c, 3, &h.Amount)
}

// Fields lists the message's fields.
func (g *Decommission) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &g.Terminal)
	codec.List(c, 2, &g.Heads, streamsMax)
	codec.List(c, 3, &g.Held, heldThereMax)
	codec.List(c, 4, &g.Flight, heldThereMax)
	g.By.fields(c)
}

// streamsMax bounds the incarnations of one terminal.
const streamsMax = 1 << 16

// Kind is decommission.
func (*Decommission) Kind() string { return "decommission" }

// Moves gives back what it held and what was on its way to it.
func (g *Decommission) Moves(lot.Origin) (m Moves) {
	for _, h := range g.Held {
		from := Place{Kind: AtTerminal, Terminal: g.Terminal, Incarnation: h.Incarnation}
		m.Posts = append(m.Posts, Post{Lot: h.Lot, Place: from, Amount: -h.Amount}, Post{Lot: h.Lot, Place: Place{Kind: AtHQ}, Amount: h.Amount})
	}
	m.Draw(g.Flight, InFlight, AtHQ)
	return m
}

// After reports whether an entry was heard after the decommission.
func (g *Decommission) After(i ledger.Incarnation, seq ledger.Seq) bool {
	return !slices.ContainsFunc(g.Heads, func(h ledger.Head) bool { return h.Incarnation == i && seq <= h.Seq })
}

// Heard adds how far lives were heard that a further entry names, of too many the last.
func (g *Decommission) Heard(heads []ledger.Head) {
	for _, h := range heads {
		if g.After(h.Incarnation, h.Seq) {
			g.Heads = append(g.Heads, h)
		}
	}
	g.Heads = g.Heads[max(len(g.Heads)-ListMax, 0):]
}

// SettleLate decides what becomes of what was awarded, or given back, late.
type SettleLate struct {
	Of      lot.Origin
	Granted bool
	Draws   []lot.Draw
	Booked  bool              // a receipt has brought the same before: there is one of it
	At      ledger.TerminalID // that told of it, where it is not the one whose lots these are; else 0
	By
}

// Fields lists the message's fields.
func (s *SettleLate) Fields(c *codec.Coder) {
	codec.Value(c, 1, &s.Of)
	codec.Bool(c, 2, &s.Granted)
	codec.List(c, 3, &s.Draws, lot.HoldingsMax)
	codec.Bool(c, 4, &s.Booked)
	codec.Uint(c, 5, &s.At)
	s.By.fields(c)
}

// Kind is settle-late.
func (*SettleLate) Kind() string { return "settle-late" }

// Moves gives the member what waited, or writes it off.
func (s *SettleLate) Moves(lot.Origin) (m Moves) {
	to := WrittenOff
	if s.Granted {
		to = AtHQ
	} else if s.Booked {
		to = Issued
	}
	for _, d := range s.Draws {
		m.Posts = append(m.Posts, Post{Lot: d.Lot, Place: Place{Kind: Late, Terminal: cmp.Or(s.At, ledger.TerminalID(s.Of.Terminal))}, Amount: -d.Amount}, Post{Lot: d.Lot, Place: Place{Kind: to}, Amount: d.Amount})
	}
	return m
}

// TakeBack takes back a note that its terminal has passed over, since it names
// an incarnation that was not alive there: that one is over now.
type TakeBack struct {
	Terminal ledger.TerminalID
	Note     lot.Note
	By
}

// Fields lists the message's fields.
func (b *TakeBack) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &b.Terminal)
	codec.Value(c, 2, &b.Note)
	b.By.fields(c)
}

// Kind is take-back.
func (*TakeBack) Kind() string { return "take-back" }

// Moves gives back what the note carried.
func (b *TakeBack) Moves(lot.Origin) (m Moves) {
	for _, h := range b.Note.Holdings {
		m.Move(h.Lot.ID, h.Amount, InFlight, AtHQ)
	}
	return m
}

// End is the desk's record of how a terminal's lives ended, and of what it passed over.
type End struct {
	Gone   *Decommission
	Over   []ledger.Incarnation
	Passed []lot.Note
	Barred []ledger.Incarnation // lives of another board with the same identity
	Taken  []lot.Origin         // notes taken back, says the grant log, before they were heard to be passed over
}

const (
	passedMax = 4096
	overMax   = 2000 // lives that are over, the newest: a note for an older one is for a person
)

// Fields lists the message's fields.
func (e *End) Fields(c *codec.Coder) {
	codec.Sub(c, 1, &e.Gone)
	codec.Numbers(c, 2, &e.Over, streamsMax)
	codec.List(c, 3, &e.Passed, passedMax)
	codec.Numbers(c, 4, &e.Barred, streamsMax)
	codec.List(c, 5, &e.Taken, passedMax)
}

func endKey(id ledger.TerminalID) []byte {
	return binary.BigEndian.AppendUint32([]byte{endPrefix}, uint32(id))
}

// Gone is how a terminal was decommissioned, or nil.
func (d *Desk) Gone(id ledger.TerminalID) (*Decommission, error) {
	e, err := read[End](d, endKey(id))
	if err != nil {
		return nil, err
	}
	return e.Gone, nil
}

func (d *Desk) decommission(b *Decommission) error {
	return edit(d, endKey(b.Terminal), func(e *End) error {
		if e.Gone == nil {
			e.Gone = &Decommission{Terminal: b.Terminal, By: b.By}
		}
		e.Gone.Heard(b.Heads)
		e.Passed = nil
		return nil
	})
}

// Pass notes that a terminal passed a note over.
func (d *Desk) Pass(id ledger.TerminalID, n lot.Note) error {
	return edit(d, endKey(id), func(e *End) error {
		if at := slices.Index(e.Taken, n.ID); at >= 0 {
			e.Taken = append(e.Taken[:at:at], e.Taken[at+1:]...)
		} else if len(e.Passed) < passedMax {
			e.Passed = append(e.Passed, n)
		}
		return nil
	})
}

// IsOver notes that an incarnation of a terminal is over.
func (d *Desk) IsOver(id ledger.TerminalID, i ledger.Incarnation) error {
	return edit(d, endKey(id), func(e *End) error {
		e.over(i)
		return nil
	})
}

func (e *End) over(i ledger.Incarnation) {
	e.Over = append(e.Over, i)
	e.Over = e.Over[max(len(e.Over)-overMax, 0):]
}

// Passed are the notes that a terminal passed over, with those of incarnations
// that are over first told apart.
func (d *Desk) Passed(id ledger.TerminalID) (over, waiting []lot.Note, err error) {
	e, err := read[End](d, endKey(id))
	if err != nil {
		return nil, nil, err
	}
	for _, n := range e.Passed {
		if slices.Contains(e.Over, ledger.Incarnation(n.Incarnation)) {
			over = append(over, n)
			continue
		}
		waiting = append(waiting, n)
	}
	return over, waiting, nil
}

func (d *Desk) takeBack(b *TakeBack) error {
	return edit(d, endKey(b.Terminal), func(e *End) error {
		for n := range e.Passed {
			if e.Passed[n].ID == b.Note.ID {
				e.Passed = append(e.Passed[:n:n], e.Passed[n+1:]...)
				return nil
			}
		}
		if !d.early {
			return ErrPassed
		}
		e.Taken = append(e.Taken, b.Note.ID)
		return nil
	})
}

// EndOf is whose lives a key names.
func EndOf(key []byte) ledger.TerminalID { return ledger.TerminalID(number(key[1:])) }
