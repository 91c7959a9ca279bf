package fold

import (
	"cmp"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Limits of one member's record.
const (
	aliasesMax = 16
	mintedMax  = 256
	trustedMax = ledger.BoundsMax
	heldMax    = lot.MemberLotsMax
)

// A full record leaves room for the rest of it: a message with more fields than
// the codec reads could never be read back. Less than nothing does not compile.
const _ = uint(codec.FieldsMax - heldMax - aliasesMax - count.MonthsMax - count.RulesMax - mintedMax - trustedMax - 8)

// Member is the record of what is held here of one member's rights, and of
// what is counted for them.
type Member struct {
	Held        []Held      // in order of lot and incarnation
	To          member.ID   // the older member that this one is, or 0
	Aliases     []member.ID // the younger ones that are this one
	Provisional bool        // enrolled here, not matched by HQ yet
	Ruling      *ledger.Ruling
	Months      []Month   // newest last
	Counted     []Counted // of the newest business day and the one before
	Minted      []lot.Minted
	Trusted     []trusted // used on trust after the newest boot that nothing proved
}

// Fields lists the message's fields.
func (m *Member) Fields(c *codec.Coder) {
	codec.List(c, 1, &m.Held, lot.MemberLotsMax)
	codec.Uint(c, 2, &m.To)
	aliases(c, 3, &m.Aliases)
	codec.Bool(c, 4, &m.Provisional)
	codec.Sub(c, 5, &m.Ruling)
	codec.List(c, 6, &m.Months, count.MonthsMax)
	codec.List(c, 7, &m.Counted, count.RulesMax)
	codec.List(c, 8, &m.Minted, mintedMax)
	codec.List(c, 9, &m.Trusted, trustedMax)
}

func aliases(c *codec.Coder, num int, p *[]member.ID) {
	list := make([]alias, len(*p))
	for n, id := range *p {
		list[n].ID = id
	}
	codec.List(c, num, &list, aliasesMax)
	if !c.Reading() {
		return
	}
	*p = nil
	for _, a := range list {
		*p = append(*p, a.ID)
	}
}

type alias struct{ ID member.ID }

func (a *alias) Fields(c *codec.Coder) { codec.Uint(c, 1, &a.ID) }

// What is counted of a member, by the fold's names.
type (
	Month   = count.Month
	Counted = count.Counted
	trusted = count.Trusted
	Paid    = count.Paid
)

// Held is a holding and the incarnation that came by it.
type Held struct {
	lot.Holding
	Incarnation ledger.Incarnation
}

// Fields lists the message's fields.
func (h *Held) Fields(c *codec.Coder) {
	h.Holding.Fields(c)
	codec.Fixed64(c, 3, &h.Incarnation)
}

func (m *Member) add(l lot.Lot, n lot.Amount, i ledger.Incarnation) {
	at, found := slices.BinarySearchFunc(m.Held, Held{lot.Holding{Lot: l}, i}, func(a, b Held) int {
		return cmp.Or(a.Lot.ID.Compare(b.Lot.ID), cmp.Compare(a.Incarnation, b.Incarnation))
	})
	if !found {
		m.Held = slices.Insert(m.Held, at, Held{lot.Holding{Lot: l}, i})
	}
	m.Held[at].Amount += n
}

// sum adds up what is held of each asset.
func (m *Member) sum(add map[lot.Asset]lot.Amount, sign lot.Amount) {
	for n := 0; n < len(m.Held); {
		asset, held := m.Held[n].Lot.Asset, lot.Amount(0)
		for ; n < len(m.Held) && m.Held[n].Lot.Asset == asset; n++ { // like follows on like, and there may be thousands
			held += m.Held[n].Amount
		}
		add[asset] += sign * held
	}
}

// flag is a record that only has to exist.
type flag struct{ Set bool }

func (f *flag) Fields(c *codec.Coder) { codec.Bool(c, 1, &f.Set) }
