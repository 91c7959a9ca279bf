package clerk

import (
	"crypto/ed25519"
	"errors"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lineage"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Errors of a witness.
var (
	// ErrForeign says that what a witness shows was not said by this terminal.
	ErrForeign = errors.New("not this terminal's word")
)

// Named is what a witness says: which entry moved a right last.
type Named struct {
	Witness ledger.Witness
	Head    ledger.Head
}

// Verdict is what came of a witness: a word of the catalogue.
type Verdict string

// The verdicts.
const (
	WitnessFreed Verdict = "witness-freed"   // what waited may be used again
	WitnessOlder Verdict = "witness-older"   // it names an older entry than the journal shows: it proves nothing
	WitnessLost  Verdict = "witness-lost"    // it names an entry that is not there: the end of the journal is lost
	WitnessBoard Verdict = "witness-board"   // what waits was held on another board
	WitnessAwait Verdict = "witness-await"   // HQ has entries after it that have not come back yet
	WitnessIdle  Verdict = "witness-no-need" // nothing waits
)

// standing is where an entry that a witness named stands in the journal.
type standing uint8

const (
	here  standing = iota // it is there
	older                 // it was there, and is kept no more
	lost                  // it is not there, or with other bytes
)

// find looks for the entry that a witness named.
func find(x *Txn, head ledger.Head) (standing, error) {
	r, err := x.Record(head.Incarnation, head.Seq)
	switch {
	case err == nil && r.Head == head:
		return here, nil
	case err == nil:
		return lost, nil
	case !errors.Is(err, journal.ErrNotFound):
		return 0, err
	}
	streams, err := x.Streams()
	for _, s := range streams {
		if s.Incarnation == head.Incarnation && head.Seq <= s.Seq && head.Seq > 0 {
			return older, err
		}
	}
	return lost, err
}

// provedBy looks among the witnesses that were there at the start for one that
// proves the parent. One that names an entry that is not there disproves it,
// whatever others say.
func (c *Clerk) provedBy(x *Txn) (proof, doubt *Named, err error) {
	for _, n := range c.o.Boot.Named {
		if n.Head.Seq == 0 || !n.Witness.Names() {
			continue
		}
		at, err := find(x, n.Head)
		switch {
		case err != nil:
			return nil, nil, err
		case at == lost:
			return nil, &n, nil
		case proof == nil && n.Head == x.State.Moved():
			proof = &n
		}
	}
	return proof, nil, nil
}

// trust is what may be used of what waits after a boot that nothing proves: the
// programme's table, or HQ's standing order where that is more.
func (c *Clerk) trust(state *fold.State) []ledger.Bound {
	out := c.Programme().Bounds()
	for _, more := range state.Standing() {
		known := false
		for n := range out {
			if b := &out[n]; b.Asset == more.Asset {
				b.Member, b.Terminal, b.Each = max(b.Member, more.Member), max(b.Terminal, more.Terminal), most(b.Each, more.Each)
				known = true
			}
		}
		if !known && len(out) < ledger.BoundsMax {
			out = append(out, more)
		}
	}
	return out
}

// most is the wider of two bounds, of which 0 is none.
func most(a, b lot.Fen) lot.Fen {
	if a == 0 || b == 0 {
		return 0
	}
	return max(a, b)
}

// Testify takes in what a witness shows in the text of an R code: a slip that
// was scanned, or what a till that calls remembers. ErrForeign is a text that
// this terminal did not sign, or no head.
func (c *Clerk) Testify(by By, w ledger.Witness, text string) (Verdict, token.Head, error) {
	h, err := c.OpenHead(text)
	if err != nil {
		return "", h, err
	}
	v, err := c.Witness(by, Named{w, h.Head})
	return v, h, err
}

// OpenHead reads a head that this terminal signed, or fails with ErrForeign.
func (c *Clerk) OpenHead(text string) (token.Head, error) {
	h, err := token.OpenHead(text, token.NewKeys(c.public()).Find)
	if err != nil || h.Terminal != c.o.Terminal {
		return h, errors.Join(ErrForeign, err)
	}
	return h, nil
}

// Witness takes in which entry a witness names. Where it is the last one that
// moved a right in the parent, what the parent held is freed, unless HQ has said
// that something is missing after it; where it is not in the journal, that is
// written down, and a person must look.
func (c *Clerk) Witness(by By, n Named) (v Verdict, err error) {
	defer c.changed()
	if !n.Witness.Names() {
		return WitnessOlder, nil
	}
	err = c.Update(func(x *Txn) error {
		if err := c.open(x); err != nil {
			return err
		}
		v, err = c.hear(x, by, n)
		return err
	})
	return v, err
}

func (c *Clerk) hear(x *Txn, by By, n Named) (Verdict, error) {
	at, err := find(x, n.Head)
	if err != nil {
		return "", err
	}
	waiting := x.State.Waiting()
	if at == lost {
		return WitnessLost, c.doubt(x, by, n, waiting)
	}
	for len(waiting) > 0 && waiting[len(waiting)-1].Moved.Seq == 0 {
		waiting = waiting[:len(waiting)-1]
	}
	if len(waiting) == 0 {
		return WitnessIdle, nil
	}
	switch top := waiting[len(waiting)-1]; {
	case top.Board:
		return WitnessBoard, nil
	case top.Lost:
		return WitnessLost, nil
	case top.Moved != n.Head:
		return WitnessOlder, nil
	default:
		if lacking, err := c.lackingAfter(x, top.Head.Incarnation); lacking || err != nil {
			return WitnessAwait, err
		}
		carry := &ledger.Carry{Parent: top.Head, Witness: n.Witness, Named: n.Head}
		_, err := c.Append(x, ledger.Entry{Actor: by.Actor, Lane: by.Lane, Body: carry})
		return WitnessFreed, err
	}
}

// doubt writes down that an entry is missing, unless that is known: for what waits
// it need not be said twice, and else once in a run for each witness's word.
func (c *Clerk) doubt(x *Txn, by By, n Named, waiting []lineage.Waiting) error {
	known := len(waiting) > 0
	for _, w := range waiting {
		known = known && w.Lost
	}
	c.mu.Lock()
	known = known || len(waiting) == 0 && c.doubted == n.Head
	c.mu.Unlock()
	if known {
		return nil
	}
	x.Landed(func() {
		c.mu.Lock()
		c.doubted = n.Head
		c.mu.Unlock()
	})
	_, err := c.Append(x, ledger.Entry{Actor: by.Actor, Lane: by.Lane, Body: &ledger.Doubt{Witness: n.Witness, Named: n.Head}})
	return err
}

// seal is the text of an R code, kept until another head is to be told.
type seal struct {
	head ledger.Head
	text string
}

// HeadCode is what a witness is to keep: the last entry on the disk that moved
// a right, as the text of an R code; "" while none did.
func (c *Clerk) HeadCode() (string, error) {
	c.mu.Lock()
	head, kept := c.moved, c.seal
	c.mu.Unlock()
	if head.Seq == 0 || kept.head == head {
		return kept.text, nil
	}
	text, err := c.SealHead(head, 0)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	c.seal = seal{head, text}
	c.mu.Unlock()
	return text, nil
}

// SealVoucher signs a voucher that was issued here: its code, the same each time.
func (c *Clerk) SealVoucher(v token.Voucher) (string, error) { return token.SealVoucher(v, c.o.Key) }

// SealHead signs a head as the text of an R code, with the business day whose
// close it is of, or 0.
func (c *Clerk) SealHead(head ledger.Head, day lot.Day) (string, error) {
	minute := uint32(max(c.o.Now().Wall.Unix()/60, 0))
	return token.SealHead(token.Head{Terminal: c.o.Terminal, Head: head, Day: day, Minute: minute}, c.o.Key)
}

func (c *Clerk) public() ed25519.PublicKey { return c.o.Key.Public().(ed25519.PublicKey) }
