package shelf

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// postMax is the most that one account takes at once: two of them fit into 64
// bits.
const postMax = lot.Amount(1e18)

func comparePlaces(a, b book.Place) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Terminal, b.Terminal), cmp.Compare(a.Incarnation, b.Incarnation))
}

// at adds up what is at the places of some kinds.
func (r *row) at(kinds ...book.PlaceKind) (n lot.Amount) {
	for _, a := range r.accounts {
		if slices.Contains(kinds, a.place.Kind) {
			n += a.amount
		}
	}
	return n
}

func (r *row) list() (out []book.Account) {
	for _, a := range r.accounts {
		if a.amount != 0 {
			out = append(out, book.Account{Lot: r.lot, Place: a.place, Amount: a.amount})
		}
	}
	return out
}

// put writes a row, and what leads to it.
func (i *Image) put(r *row) {
	lots := lotKey(r.lot.ID)
	owner := ownerKey(r.lot.Owner) + lots
	i.lots.Set(lots, r)
	i.owned.Set(owner, r)
	lapsing := dayKey(r.lot.Expires) + lots
	if r.at(book.AtHQ) > 0 {
		i.free.Set(owner, r)
		if r.lot.Expires > 0 {
			i.lapsing.Set(lapsing, r)
		}
	} else {
		i.free.Delete(owner)
		i.lapsing.Delete(lapsing)
	}
	if r.at(book.AtTerminal, book.InFlight) > 0 {
		i.away.Set(owner, r)
	} else {
		i.away.Delete(owner)
	}
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
	prefixed(&t.img.free, ownerKey(owner), func(_ string, r *row) bool {
		list = append(list, lot.Holding{Lot: r.lot, Amount: r.at(book.AtHQ)})
		return true
	})
	return list, nil
}

func (t *tx) Elsewhere(owner member.ID) (map[lot.Asset]lot.Amount, error) {
	out := map[lot.Asset]lot.Amount{}
	prefixed(&t.img.away, ownerKey(owner), func(_ string, r *row) bool {
		out[r.lot.Asset] += r.at(book.AtTerminal, book.InFlight)
		return true
	})
	return out, nil
}

func (t *tx) Owned(owner member.ID) (list []book.Account, err error) {
	prefixed(&t.img.owned, ownerKey(owner), func(_ string, r *row) bool {
		list = append(list, r.list()...)
		return true
	})
	return list, nil
}

func (t *tx) Earned(asset lot.Asset, owners []member.ID) (list []book.Earned, err error) {
	owners = slices.Clone(owners)
	slices.Sort(owners)
	for _, owner := range slices.Compact(owners) {
		days := map[lot.Day]lot.Amount{}
		prefixed(&t.img.owned, ownerKey(owner), func(_ string, r *row) bool {
			if r.lot.Asset == asset && r.lot.From == (lot.ID{}) {
				days[r.lot.Earned] -= r.at(book.Issued, book.Clawed)
			}
			return true
		})
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
	return r.list(), nil
}

func (t *tx) Lapsed(day lot.Day, after lot.ID, limit int) (list []lot.Holding, err error) {
	t.img.lapsing.Scan(func(key string, r *row) bool {
		if key >= dayKey(day) {
			return false
		}
		if r.lot.ID.Compare(after) > 0 {
			list = append(list, lot.Holding{Lot: r.lot, Amount: r.at(book.AtHQ)})
		}
		return true
	})
	slices.SortFunc(list, func(a, b lot.Holding) int { return a.Lot.ID.Compare(b.Lot.ID) })
	return list[:min(len(list), limit)], nil
}

func (t *tx) Ledger(after lot.ID, lots int) (list []book.Account, err error) {
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

// Issued is how much was made of a lot; ok is false where it is not known.
func (i *Image) Issued(id lot.ID) (n lot.Amount, ok bool) {
	r, ok := i.lots.Get(lotKey(id))
	if !ok {
		return 0, false
	}
	return r.lot.Amount, true
}
