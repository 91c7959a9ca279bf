package office

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Regain takes in as HQ's own what HQ once said to a terminal and has forgotten,
// since it was restored from a backup: the terminal sent it back, under HQ's
// own signature.
type Regain struct {
	Terminal ledger.TerminalID
	Seq      ledger.DownSeq
	Note     *lot.Note
	Made     []lot.Lot  // by HQ, in the time that was forgotten: issued once more, whole
	Ended    []lot.Draw // what HQ still has of lots that those go on with
	Alias    *ledger.Alias
	Ruling   *ledger.Ruling
	Settled  *ledger.Settled
	By
}

// Fields lists the message's fields.
func (r *Regain) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &r.Terminal)
	codec.Uint(c, 2, &r.Seq)
	codec.Sub(c, 3, &r.Note)
	codec.List(c, 4, &r.Made, lot.HoldingsMax)
	codec.Sub(c, 5, &r.Alias)
	codec.Sub(c, 6, &r.Ruling)
	codec.Sub(c, 7, &r.Settled)
	codec.List(c, 8, &r.Ended, lot.HoldingsMax)
	r.By.fields(c)
}

// Kind is regain.
func (*Regain) Kind() string { return "regain" }

// Moves issues what HQ had made and sends the note on its way once more.
func (r *Regain) Moves(lot.Origin) (m Moves) {
	for _, l := range r.Made {
		m.Lots = append(m.Lots, l)
		m.Move(l.ID, l.Amount, Issued, AtHQ)
	}
	m.Draw(r.Ended, AtHQ, Reissued)
	if r.Note == nil {
		return m
	}
	for _, h := range r.Note.Holdings {
		if !slices.ContainsFunc(m.Lots, func(l lot.Lot) bool { return l.ID == h.Lot.ID }) {
			m.Lots = append(m.Lots, h.Lot)
		}
		m.Move(h.Lot.ID, h.Amount, AtHQ, InFlight)
	}
	return m
}

// regain remembers again what a terminal was told.
func (d *Desk) regain(b *Regain) error {
	switch {
	case b.Alias != nil:
		from, err := d.Person(b.Alias.From)
		if err != nil || (from.To == b.Alias.To) != b.Alias.Undo {
			return err
		}
		return d.alias(&Alias{From: b.Alias.From, To: b.Alias.To, Undo: b.Alias.Undo})
	case b.Ruling != nil:
		return edit(d, PersonKey(b.Ruling.Member), func(p *Person) error {
			p.Tier, p.Blocked, p.Pool, p.Household = b.Ruling.Tier, b.Ruling.Blocked, b.Ruling.Pool, slices.Clone(b.Ruling.Household)
			p.Green.Step, p.Lasts = b.Ruling.Grade, slices.Clone(b.Ruling.Lasts)
			return nil
		})
	case b.Settled != nil:
		return d.regainClaim(b.Settled)
	}
	return nil
}

// regainClaim closes a claim that was refused; what was granted, a person must
// look at, since nothing says what it was.
func (d *Desk) regainClaim(s *ledger.Settled) error {
	err := edit(d, claimKey(s.Of), func(k *Claim) error {
		if k.Status == ClaimGranted || k.Status == ClaimRefused {
			return nil
		}
		if k.Status, k.Why = ClaimRefused, s.Reason; s.Granted {
			k.Status, k.Why = ClaimParked, "claim-regained"
		}
		return nil
	})
	if err != nil {
		return err
	}
	return d.closeClaim(s.Of)
}

// Restored says that HQ began a new life, and which terminals it must hear
// before it gives anything; or that a person does not wait for one of them.
type Restored struct {
	Unheard  []ledger.TerminalID
	Accepted ledger.TerminalID
	By
}

// Fields lists the message's fields.
func (r *Restored) Fields(c *codec.Coder) {
	codec.Numbers(c, 1, &r.Unheard, ListMax)
	codec.Uint(c, 2, &r.Accepted)
	r.By.fields(c)
}

// Kind is restored.
func (*Restored) Kind() string { return "restored" }

// Moves is nothing.
func (*Restored) Moves(lot.Origin) Moves { return Moves{} }
