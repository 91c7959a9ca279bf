package audit

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/place"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// ErrTally matches what a tally finds wrong.
var ErrTally = errors.New("not what the journals give")

// Tally adds up what all journals give, whatever the order in which they came,
// to be held against what a book keeps.
type Tally struct {
	lots     map[lot.ID]lot.Lot
	papers   map[lot.ID]lot.Lot // as a receipt had them
	accounts map[account]lot.Amount
	due      map[lot.ID]lot.Amount
	owed     map[debt]lot.Amount
	to       map[member.ID]member.ID
	ruling   map[member.ID]office.Ruling
	claims   map[lot.Origin]office.Status
	passed   map[lot.Origin]bool // notes that their terminal passed over
	lapsed   map[lot.ID]lot.Amount
	again    map[lot.ID]lot.Amount // what came back of them after incidents
	gone     map[ledger.TerminalID]*office.Decommission
}

type account struct {
	lot   lot.ID
	place office.Place
}

type debt struct {
	owner member.ID
	asset lot.Asset
	since lot.Day
}

// NewTally is one to which nothing has been added.
func NewTally() *Tally {
	return &Tally{
		lots: map[lot.ID]lot.Lot{}, papers: map[lot.ID]lot.Lot{}, accounts: map[account]lot.Amount{}, due: map[lot.ID]lot.Amount{}, owed: map[debt]lot.Amount{},
		to: map[member.ID]member.ID{}, ruling: map[member.ID]office.Ruling{}, claims: map[lot.Origin]office.Status{},
		passed: map[lot.Origin]bool{}, lapsed: map[lot.ID]lot.Amount{}, again: map[lot.ID]lot.Amount{}, gone: map[ledger.TerminalID]*office.Decommission{},
	}
}

// Gone says how a terminal was decommissioned, entry by entry. It must be said
// before anything of the terminal is added.
func (t *Tally) Gone(g *office.Decommission) {
	if first := t.gone[g.Terminal]; first != nil {
		first.Heard(g.Heads)
		return
	}
	t.gone[g.Terminal] = g
}

// late reports whether an entry came after its terminal was decommissioned.
func (t *Tally) late(id ledger.TerminalID, before ledger.Head) bool {
	g := t.gone[id]
	return g != nil && g.After(before.Incarnation, before.Seq)
}

// Heard adds what an entry of a terminal did, or of HQ's journal for it, with
// the lots that were named for it; head is the entry's own or, for HQ's
// journal, that of the entry which took it in.
func (t *Tally) Heard(id ledger.TerminalID, head ledger.Head, e fold.Effects, named []lot.Lot) {
	late := t.late(id, head)
	for _, l := range append(slices.Clone(e.Issued), named...) {
		t.lots[l.ID] = l
	}
	if late {
		t.post(place.LatePosts(id, e, t.gone[id].After))
	} else {
		t.post(place.Posts(id, e))
		for _, d := range place.DuesOf(e) {
			t.due[d.Lot] += d.Amount
		}
		if e.Left != nil && t.gone[id] == nil {
			t.passed[e.Left.ID] = true
		}
	}
	if e.Claims {
		t.claims[e.Origin] = max(t.claims[e.Origin], office.ClaimOpen)
	}
}

func (t *Tally) post(posts []office.Post) {
	for _, p := range posts {
		t.accounts[account{p.Lot, p.Place}] += p.Amount
	}
}

// Decided adds what an entry of the office did.
func (t *Tally) Decided(at lot.Origin, b office.Body) {
	m := b.Moves(at)
	for _, l := range m.Lots {
		t.lots[l.ID] = l
	}
	t.post(m.Posts)
	switch b := b.(type) {
	case *office.SettleDue:
		t.due[b.Lot] -= lot.Sum(b.Draws) + b.Short
		t.owed[debt{b.Owner, b.Asset, b.Day}] += b.Short
	case *office.Waive:
		t.due[b.Lot] -= b.Amount
	case *office.Expire:
		for _, p := range m.Posts {
			if p.Place.Kind == office.Expired {
				t.lapsed[p.Lot] += p.Amount
			}
		}
	case *office.MakeGood:
		for _, l := range b.Lots {
			if l.From != (lot.ID{}) {
				t.again[l.From] += l.Amount
			}
		}
	case *office.Net:
		t.less(b.Owed)
	case *office.Forgive:
		t.less(b.Owed)
	case *office.Alias:
		if t.to[b.From] = b.To; b.Undo {
			delete(t.to, b.From)
		}
	case *office.Ruling:
		t.ruling[b.Member] = *b
	case *office.SettleClaim:
		t.settle(b)
	case *office.Heard:
		t.claims[at] = max(t.claims[at], office.ClaimOpen)
	case *office.TakeBack:
		delete(t.passed, b.Note.ID)
	case *office.Regain:
		t.regain(b)
	}
}

func (t *Tally) settle(b *office.SettleClaim) {
	for _, l := range b.Lots {
		if l.ID != (lot.ID{}) {
			t.papers[l.ID] = l
		}
	}
	t.claims[b.Of] = office.ClaimRefused
	if b.Granted {
		t.claims[b.Of] = office.ClaimGranted
	}
	if b.Back != nil {
		for _, d := range b.Back.Due {
			t.due[d.Lot] += d.Amount
		}
	}
}

func (t *Tally) regain(b *office.Regain) {
	switch {
	case b.Alias != nil && b.Alias.Undo:
		delete(t.to, b.Alias.From)
	case b.Alias != nil:
		t.to[b.Alias.From] = b.Alias.To
	case b.Ruling != nil:
		t.ruling[b.Ruling.Member] = office.Ruling{Member: b.Ruling.Member, Tier: b.Ruling.Tier, Blocked: b.Ruling.Blocked}
	case b.Settled != nil && t.claims[b.Settled.Of] <= office.ClaimOpen:
		if t.claims[b.Settled.Of] = office.ClaimRefused; b.Settled.Granted {
			t.claims[b.Settled.Of] = office.ClaimOpen // a person looks at it
		}
	}
}

func (t *Tally) less(parts []office.Owing) {
	for _, o := range parts {
		t.owed[debt{o.Owner, o.Asset, o.Since}] -= o.Amount
	}
}

// Account holds an account of a book against the tally, which then forgets it.
func (t *Tally) Account(l lot.Lot, place office.Place, n lot.Amount) error {
	want, ok := t.lots[l.ID]
	if brought, is := t.papers[l.ID]; is { // before its entry was heard, if ever
		want, ok = brought, true
	}
	if !ok || want != l {
		return fmt.Errorf("lot %s is kept as %+v, the journals give %+v: %w", l.ID, l, want, ErrTally)
	}
	a := account{l.ID, place}
	if t.accounts[a] != n {
		return fmt.Errorf("lot %s at place %d: %d is kept, the journals give %d: %w", l.ID, place.Kind, n, t.accounts[a], ErrTally)
	}
	delete(t.accounts, a)
	return nil
}

// Row holds a record of a desk against the tally, which then forgets it.
func (t *Tally) Row(key, value []byte) error {
	switch {
	case bytes.HasPrefix(key, office.PersonRows):
		var p office.Person
		if err := codec.Unmarshal(value, &p); err != nil {
			return fmt.Errorf("%x: %w: %w", key, err, ErrTally)
		}
		return t.person(office.PersonOf(key), &p)
	case bytes.HasPrefix(key, office.EndRows):
		return t.end(office.EndOf(key), value)
	case bytes.HasPrefix(key, office.ClaimRows):
		var k office.Claim
		if err := codec.Unmarshal(value, &k); err != nil {
			return fmt.Errorf("%x: %w: %w", key, err, ErrTally)
		}
		of := office.ClaimOf(key)
		status := k.Status
		if status == office.ClaimParked {
			status = office.ClaimOpen
		}
		if t.claims[of] != status {
			return fmt.Errorf("claim %s stands at %d, the journals give %d: %w", of, k.Status, t.claims[of], ErrTally)
		}
		delete(t.claims, of)
	}
	return nil
}

func (t *Tally) person(id member.ID, p *office.Person) error {
	for _, d := range p.Due {
		if t.due[d.Lot] != d.Amount {
			return fmt.Errorf("%d is due of %s, the journals give %d: %w", d.Amount, d.Lot, t.due[d.Lot], ErrTally)
		}
		delete(t.due, d.Lot)
	}
	for _, o := range p.Owed {
		k := debt{id, o.Asset, o.Since}
		if o.Owner != id || t.owed[k] != o.Amount {
			return fmt.Errorf("%s owes %d of %s, the journals give %d: %w", id, o.Amount, o.Asset, t.owed[k], ErrTally)
		}
		delete(t.owed, k)
	}
	if t.to[id] != p.To {
		return fmt.Errorf("%s is %s, the journals say %s: %w", id, p.To, t.to[id], ErrTally)
	}
	delete(t.to, id)
	if s := t.ruling[id]; s.Tier != p.Tier || s.Blocked != p.Blocked {
		return fmt.Errorf("ruling of %s is %q, the journals say %q: %w", id, p.Tier, s.Tier, ErrTally)
	}
	return nil
}

// end holds the record of a terminal's lives against the tally.
func (t *Tally) end(id ledger.TerminalID, value []byte) error {
	var e office.End
	if err := codec.Unmarshal(value, &e); err != nil {
		return fmt.Errorf("lives of %s: %w: %w", id, err, ErrTally)
	}
	if (e.Gone != nil) != (t.gone[id] != nil) {
		return fmt.Errorf("%s is decommissioned: %v is kept, the journals say %v: %w", id, e.Gone != nil, t.gone[id] != nil, ErrTally)
	}
	for _, n := range e.Passed {
		if !t.passed[n.ID] {
			return fmt.Errorf("note %s was passed over by %s, the journals say it was not: %w", n.ID, id, ErrTally)
		}
		delete(t.passed, n.ID)
	}
	return nil
}

// Rest says what the journals give and the book does not have.
func (t *Tally) Rest() error {
	for _, a := range slices.SortedFunc(maps.Keys(t.accounts), account.compare) {
		if n := t.accounts[a]; n != 0 {
			return fmt.Errorf("lot %s has nothing at place %d, the journals give %d: %w", a.lot, a.place.Kind, n, ErrTally)
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(t.due), lot.ID.Compare) {
		if n := t.due[id]; n != 0 {
			return fmt.Errorf("nothing is due of %s, the journals give %d: %w", id, n, ErrTally)
		}
	}
	for d, n := range t.owed {
		if n != 0 {
			return fmt.Errorf("%s owes nothing of %s, the journals give %d: %w", d.owner, d.asset, n, ErrTally)
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(t.again), lot.ID.Compare) {
		if n := t.again[id]; n > t.lapsed[id] {
			return fmt.Errorf("%d came back of lot %s after incidents, of which %d lapsed: %w", n, id, t.lapsed[id], ErrTally)
		}
	}
	if len(t.passed) > 0 {
		return fmt.Errorf("%d notes that were passed over are not in the book: %w", len(t.passed), ErrTally)
	}
	if len(t.to)+len(t.claims) > 0 {
		return fmt.Errorf("%d aliases and %d claims are not in the book: %w", len(t.to), len(t.claims), ErrTally)
	}
	return nil
}

func (a account) compare(b account) int {
	return cmp.Or(a.lot.Compare(b.lot), cmp.Compare(a.place.Kind, b.place.Kind),
		cmp.Compare(a.place.Terminal, b.place.Terminal), cmp.Compare(a.place.Incarnation, b.place.Incarnation))
}
