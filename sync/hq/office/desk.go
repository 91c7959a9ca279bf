package office

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/held"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Desk is what HQ remembers beside journals and accounts: a table with changes
// on top of it that are not yet written. All of it follows from the office's
// journal and the terminals'.
type Desk struct {
	table fold.Table
	cache map[string]codec.Message
	dirty map[string]bool
	early bool // what is entered may come before what it follows from
}

// Early lets entries be entered before what they follow from is heard again:
// HQ was restored from a backup.
func (d *Desk) Early() { d.early = true }

// NewDesk starts from a table.
func NewDesk(table fold.Table) *Desk {
	return &Desk{table: table, cache: map[string]codec.Message{}, dirty: map[string]bool{}}
}

// Flush writes what has changed, in order of keys. The desk stays usable.
func (d *Desk) Flush(put func(key, value []byte) error) error {
	for _, k := range slices.Sorted(maps.Keys(d.dirty)) {
		b, err := codec.Kept(d.cache[k])
		if err == nil {
			err = put([]byte(k), b)
		}
		if err != nil {
			return fmt.Errorf("desk record %x: %w", k, err)
		}
	}
	clear(d.dirty)
	return nil
}

// read returns the record under a key, decoded once; an absent one is zero.
func read[T any, P interface {
	*T
	codec.Message
}](d *Desk, key []byte) (P, error) {
	if r, ok := d.cache[string(key)]; ok {
		return r.(P), nil
	}
	b, err := d.table.Get(key)
	if err != nil {
		return nil, err
	}
	r := P(new(T))
	if err := codec.Unmarshal(bytes.Clone(b), r); err != nil {
		return nil, fmt.Errorf("desk record %x: %w: %w", key, ErrRecord, err)
	}
	d.cache[string(key)] = r
	return r, nil
}

// edit changes a record.
func edit[T any, P interface {
	*T
	codec.Message
}](d *Desk, key []byte, change func(P) error) error {
	r, err := read[T, P](d, key)
	if err != nil {
		return err
	}
	d.dirty[string(key)] = true
	return change(r)
}

// Person is what is known of one id; it must not be changed.
func (d *Desk) Person(id member.ID) (*Person, error) { return read[Person](d, PersonKey(id)) }

// Kept is what is remembered of a lot; it must not be changed.
func (d *Desk) Kept(id lot.ID) (*Kept, error) { return read[Kept](d, lotKey(id)) }

// Claim is the claim that an entry made; it must not be changed.
func (d *Desk) Claim(of lot.Origin) (*Claim, error) { return read[Claim](d, claimKey(of)) }

// Sold is what came back of a sale by claims; it must not be changed.
func (d *Desk) Sold(of lot.Origin) (*Sold, error) { return read[Sold](d, soldKey(of)) }

// Waiting are the claims that are open, oldest first.
func (d *Desk) Waiting() ([]Open, error) {
	w, err := read[waiting](d, openKey)
	if err != nil {
		return nil, err
	}
	return slices.Clone(w.Claims), nil
}

// Incidents are all of them, oldest first.
func (d *Desk) Incidents() ([]Incident, error) {
	i, err := read[incidents](d, incidentKey)
	if err != nil {
		return nil, err
	}
	return slices.Clone(i.List), nil
}

// Persons are the ids of one member: the oldest, then its aliases.
func (d *Desk) Persons(id member.ID) ([]member.ID, error) {
	p, err := d.Person(id)
	if err != nil {
		return nil, err
	}
	if p.To != 0 {
		id = p.To
		if p, err = d.Person(id); err != nil {
			return nil, err
		}
	}
	return append([]member.ID{id}, p.Aliases...), nil
}

// See notes that a terminal has to do with a member; news is true for the
// first time, whichever of the member's ids it was.
func (d *Desk) See(id member.ID, t ledger.TerminalID) (news bool, err error) {
	at, err := d.SeenBy(id)
	if err != nil || slices.Contains(at, t) {
		return false, err
	}
	return true, edit(d, PersonKey(id), func(p *Person) error {
		if len(p.Seen) < seenMax {
			p.Seen = append(p.Seen, t)
		}
		return nil
	})
}

// SeenBy are the terminals that have to do with a member, in order.
func (d *Desk) SeenBy(id member.ID) ([]ledger.TerminalID, error) {
	var out []ledger.TerminalID
	err := d.each(id, func(_ member.ID, p *Person) { out = append(out, p.Seen...) })
	slices.Sort(out)
	return slices.Compact(out), err
}

// each shows the records of all ids of a member.
func (d *Desk) each(id member.ID, show func(member.ID, *Person)) error {
	persons, err := d.Persons(id)
	if err != nil {
		return err
	}
	for _, id := range persons {
		p, err := d.Person(id)
		if err != nil {
			return err
		}
		show(id, p)
	}
	return nil
}

// Dues are what is to be taken back of a member's lots.
func (d *Desk) Dues(id member.ID) (out []Due, err error) {
	err = d.each(id, func(_ member.ID, p *Person) {
		for _, due := range p.Due {
			if due.Amount > 0 {
				out = append(out, due)
			}
		}
	})
	return out, err
}

// Owed is what a member owes, oldest first.
func (d *Desk) Owed(id member.ID) (out []Owing, err error) {
	err = d.each(id, func(_ member.ID, p *Person) { out = append(out, p.Owed...) })
	slices.SortStableFunc(out, func(a, b Owing) int { return cmp.Compare(a.Since, b.Since) })
	return out, err
}

// Said is the ruling that terminals were last told, or nil; Say keeps it.
func (d *Desk) Said(id member.ID) ([]byte, error) {
	p, err := d.Person(id)
	if err != nil {
		return nil, err
	}
	return p.Said, nil
}

// Say keeps what terminals are told of a member's ruling.
func (d *Desk) Say(id member.ID, ruling []byte) error {
	return edit(d, PersonKey(id), func(p *Person) error {
		p.Said = ruling
		return nil
	})
}

// Give keeps for which reasons something is to be given to a member.
func (d *Desk) Give(id member.ID, reasons []string) error {
	return edit(d, PersonKey(id), func(p *Person) error {
		p.Gifts = reasons
		return nil
	})
}

// Ruling is what HQ alone decides of a member, as terminals are told.
func (d *Desk) Ruling(id member.ID) (ledger.Ruling, error) {
	persons, err := d.Persons(id)
	if err != nil {
		return ledger.Ruling{}, err
	}
	p, err := d.Person(persons[0])
	if err != nil {
		return ledger.Ruling{}, err
	}
	s := ledger.Ruling{Member: persons[0], Tier: p.Tier, Grade: p.Green.Step, Pool: p.Pool, Household: slices.Clone(p.Household), Gifts: p.Gifts}
	owed := map[lot.Asset]ledger.Owed{}
	err = d.each(id, func(_ member.ID, p *Person) {
		s.Blocked = s.Blocked || p.Blocked // under any of their ids
		s.Lasts = append(s.Lasts, p.Lasts...)
		for _, due := range p.Due {
			o := owed[due.Asset]
			o.Due += max(due.Amount, 0)
			owed[due.Asset] = o
		}
		for _, x := range p.Owed {
			o := owed[x.Asset]
			o.Owed += x.Amount
			owed[x.Asset] = o
		}
	})
	for _, asset := range slices.Sorted(maps.Keys(owed)) {
		o := owed[asset]
		o.Asset = asset
		if len(s.Owed) < ledger.OwedMax {
			s.Owed = append(s.Owed, o)
		}
	}
	s.Lasts = s.Lasts[max(len(s.Lasts)-ledger.LastsMax, 0):]
	return s, err
}

// Hold keeps an entry of HQ's journal for a terminal until it is heard. A ruling
// takes the place of an earlier one; a recall is made again when it is needed.
func (d *Desk) Hold(id ledger.TerminalID, entry ledger.Down) error {
	if entry.Recall != nil {
		return nil
	}
	for page, more := uint32(0), true; more; page++ {
		p, err := read[held.Page](d, heldKey(id, page))
		if err == nil && p.Concerns(entry) {
			err = edit(d, heldKey(id, page), func(p *held.Page) error { p.Add(entry); return nil })
		}
		if err != nil {
			return err
		}
		more = p.More
	}
	return nil
}

// Release hands over what waited for a terminal.
func (d *Desk) Release(id ledger.TerminalID) (list []ledger.Down, err error) {
	for page, more := uint32(0), true; more && err == nil; page++ {
		err = edit(d, heldKey(id, page), func(p *held.Page) error {
			list, more = append(list, p.List...), p.More
			*p = held.Page{}
			return nil
		})
	}
	return list, err
}
