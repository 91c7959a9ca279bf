package shelf

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// postMax is the most that one account takes at once: two of them fit into 64
// bits.
const postMax = lot.Amount(1e18)

// accountsUsual is how many accounts most lots have at most.
const accountsUsual = 4

func comparePlaces(a, b book.Place) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Terminal, b.Terminal), cmp.Compare(a.Incarnation, b.Incarnation))
}

// at adds up what is at the places of a kind.
func (r *row) at(kind book.PlaceKind) (n lot.Amount) {
	for _, a := range r.accounts {
		if a.place.Kind == kind {
			n += a.amount
		}
	}
	return n
}

// appendTo adds the accounts of a lot that are not empty.
func (r *row) appendTo(out []book.Account) []book.Account {
	for _, a := range r.accounts {
		if a.amount != 0 {
			out = append(out, book.Account{Lot: r.lot, Place: a.place, Amount: a.amount})
		}
	}
	return out
}

// put writes a row, and what leads to it.
func (i *Image) put(r *row) {
	r.free = r.at(book.AtHQ)
	held := r.free > 0 || r.at(book.AtTerminal)+r.at(book.InFlight) > 0
	lots := lotKey(r.lot.ID)
	i.lots.Set(lots, r)
	of, _ := i.owners.Get(r.lot.Owner)
	i.owners.Set(r.lot.Owner, owner{all: placed(of.all, r, true), held: placed(of.held, r, held)})
	if lapses := dayKey(r.lot.Expires) + lots; r.free > 0 && r.lot.Expires > 0 {
		i.lapsing.Set(lapses, r)
	} else {
		i.lapsing.Delete(lapses)
	}
}

// placed is a list in order of lots with a row in it, or without it.
func placed(list []*row, r *row, stands bool) []*row {
	n, found := slices.BinarySearchFunc(list, r.lot.ID, func(a *row, id lot.ID) int { return a.lot.ID.Compare(id) })
	switch {
	case !stands && !found:
		return list
	case !stands:
		return slices.Concat(list[:n], list[n+1:])
	case found:
		list = slices.Clone(list)
		list[n] = r
		return list
	}
	return slices.Concat(list[:n], []*row{r}, list[n:])
}

// heldBy lists what HQ or terminals hold of an owner's lots.
func (i *Image) heldBy(id member.ID) []*row {
	of, _ := i.owners.Get(id)
	return of.held
}

// ownedBy lists all of an owner's lots.
func (i *Image) ownedBy(id member.ID) []*row {
	of, _ := i.owners.Get(id)
	return of.all
}

func (t *tx) PutLot(l lot.Lot) error {
	if err := t.may(); err != nil {
		return err
	}
	if _, ok := t.img.lots.Get(lotKey(l.ID)); !ok {
		t.img.put(&row{lot: l})
	}
	return nil
}

func (t *tx) Lot(id lot.ID) (lot.Lot, error) {
	r, ok := t.img.lots.Get(lotKey(id))
	if !ok {
		return lot.Lot{}, fmt.Errorf("lot %s: %w", id, book.ErrNotFound)
	}
	return r.lot, nil
}

func (t *tx) Post(posts []book.Post) error {
	if err := t.may(); err != nil {
		return err
	}
	changed := map[lot.ID]*row{}
	order := []lot.ID{}
	for _, p := range posts {
		r := changed[p.Lot]
		if r == nil {
			old, ok := t.img.lots.Get(lotKey(p.Lot))
			if !ok {
				return t.fail("post to lot %s: %w", p.Lot, book.ErrNotFound)
			}
			r = &row{lot: old.lot, accounts: slices.Clone(old.accounts)}
			changed[p.Lot], order = r, append(order, p.Lot)
		}
		if max(p.Amount, -p.Amount) > postMax || p.Amount == -p.Amount && p.Amount != 0 {
			return t.fail("post %d to lot %s: %w", p.Amount, p.Lot, lot.ErrAmount)
		}
		n, found := slices.BinarySearchFunc(r.accounts, p.Place, func(a account, p book.Place) int { return comparePlaces(a.place, p) })
		if !found {
			r.accounts = slices.Insert(r.accounts, n, account{place: p.Place})
		}
		r.accounts[n].amount += p.Amount
	}
	for _, id := range order {
		r := changed[id]
		for _, a := range r.accounts {
			if k := a.place.Kind; k < book.Issued || k > book.Netted && (k < book.Issued.Awaited() || k > book.Netted.Awaited()) && k != book.Late {
				return t.fail("post to lot %s at place %d: %w", id, a.place.Kind, lot.ErrAmount)
			}
			if a.amount < 0 && !a.place.Kind.MayOwe() {
				return t.fail("lot %s at place %d of %s/%s: %d: %w", id, a.place.Kind, a.place.Terminal, a.place.Incarnation, a.amount, errOwes)
			}
		}
		t.img.put(r)
	}
	return nil
}

func (t *tx) Free(owner member.ID) (list []lot.Holding, err error) {
	for _, r := range t.img.heldBy(owner) {
		if r.free > 0 {
			list = append(list, lot.Holding{Lot: r.lot, Amount: r.free})
		}
	}
	return list, nil
}

func (t *tx) Owned(owner member.ID) (list []book.Account, err error) {
	for _, r := range t.img.ownedBy(owner) {
		list = r.appendTo(list)
	}
	return list, nil
}

func (t *tx) OwnedOf(owner member.ID, asset lot.Asset) (list []book.Account, err error) {
	kind := strings.HasSuffix(string(asset), ":")
	for _, r := range t.img.ownedBy(owner) {
		if r.lot.Asset == asset || kind && strings.HasPrefix(string(r.lot.Asset), string(asset)) {
			list = r.appendTo(list)
		}
	}
	return list, nil
}

func (t *tx) Held(owner member.ID) (list []book.Account, err error) {
	rows := t.img.heldBy(owner)
	list = slices.Grow(list, len(rows)) // most are in one place
	for _, r := range rows {
		for _, a := range r.accounts {
			if a.amount > 0 && a.place.Kind >= book.AtHQ && a.place.Kind <= book.InFlight {
				list = append(list, book.Account{Lot: r.lot, Place: a.place, Amount: a.amount})
			}
		}
	}
	return list, nil
}

func (t *tx) Earned(asset lot.Asset, owners []member.ID) (list []book.Earned, err error) {
	owners = slices.Clone(owners)
	slices.Sort(owners)
	for _, owner := range slices.Compact(owners) {
		days := map[lot.Day]lot.Amount{}
		for _, r := range t.img.ownedBy(owner) {
			if r.lot.Asset == asset && r.lot.From == (lot.ID{}) {
				days[r.lot.Earned] -= r.at(book.Issued) + r.at(book.Clawed)
			}
		}
		for _, day := range slices.Sorted(maps.Keys(days)) {
			list = append(list, book.Earned{Owner: owner, Day: day, Amount: days[day]})
		}
	}
	return list, nil
}

func (t *tx) AccountsOf(id lot.ID) ([]book.Account, error) {
	r, ok := t.img.lots.Get(lotKey(id))
	if !ok {
		return nil, nil
	}
	return r.appendTo(nil), nil
}

func (t *tx) Lapsed(day lot.Day, after lot.ID, limit int) (list []lot.Holding, err error) {
	t.img.lapsing.Scan(func(key string, r *row) bool {
		if key >= dayKey(day) {
			return false
		}
		if r.lot.ID.Compare(after) > 0 {
			list = append(list, lot.Holding{Lot: r.lot, Amount: r.free})
		}
		return true
	})
	slices.SortFunc(list, func(a, b lot.Holding) int { return a.Lot.ID.Compare(b.Lot.ID) })
	return list[:min(len(list), limit)], nil
}

func (t *tx) Ledger(after lot.ID, lots int) (list []book.Account, err error) {
	if all := t.img.lots.Len(); lots >= all && after == (lot.ID{}) {
		list = slices.Grow(list, accountsUsual*all)
	}
	t.img.lots.Ascend(lotKey(after), func(_ string, r *row) bool {
		if r.lot.ID == after {
			return true
		}
		for _, a := range r.accounts {
			list = append(list, book.Account{Lot: r.lot, Place: a.place, Amount: a.amount})
		}
		lots--
		return lots > 0
	})
	return list, nil
}

func (t *tx) Accounts() ([]book.AccountSum, error) {
	type key struct {
		asset lot.Asset
		kind  book.PlaceKind
	}
	sums := map[key]lot.Amount{}
	t.img.lots.Scan(func(_ string, r *row) bool {
		for _, a := range r.accounts {
			sums[key{r.lot.Asset, a.place.Kind}] += a.amount
		}
		return true
	})
	var list []book.AccountSum
	for k, n := range sums {
		list = append(list, book.AccountSum{Asset: k.asset, Kind: k.kind, Amount: n})
	}
	slices.SortFunc(list, func(a, b book.AccountSum) int {
		return cmp.Or(cmp.Compare(a.Asset, b.Asset), cmp.Compare(a.Kind, b.Kind))
	})
	return list, nil
}

func (t *tx) Unbalanced(limit int) (list []lot.ID, err error) {
	t.img.lots.Scan(func(_ string, r *row) bool {
		var sum lot.Amount
		for _, a := range r.accounts {
			sum += a.amount
		}
		if sum != 0 && len(list) < limit {
			list = append(list, r.lot.ID)
		}
		return len(list) < limit
	})
	return list, nil
}

// Issued is a lot as it was made; ok is false where it is not known.
func (i *Image) Issued(id lot.ID) (l lot.Lot, ok bool) {
	r, ok := i.lots.Get(lotKey(id))
	if !ok {
		return l, false
	}
	return r.lot, true
}
