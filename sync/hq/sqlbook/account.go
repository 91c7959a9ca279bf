package sqlbook

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/column"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// postMax is the most that one transaction may add to an account or take from
// it. Two of them fit into 64 bits, so that the engine's sum never overflows.
const postMax = lot.Amount(1e18)

const lotColumns = `lot, owner, asset, amount, funder, unit_cost, earned, expires, terms, active, from_lot`

// PutLot implements book.Tx.
func (t *tx) PutLot(l lot.Lot) error {
	t.pending.lots = append(t.pending.lots, l)
	return t.failed
}

// Lot implements book.Tx.
func (t *tx) Lot(id lot.ID) (lot.Lot, error) {
	if l, ok := t.lots[id]; ok {
		return l, nil
	}
	var row column.LotRow
	err := t.row("read lot "+id.String(), `SELECT `+lotColumns+` FROM lot WHERE lot = $1`, []any{column.OfLot(id)}, row.Dest()...)
	if err != nil {
		return lot.Lot{}, err
	}
	l, err := row.Lot()
	return l, t.fail("read lot "+id.String(), err)
}

// account is the key of an account.
type account struct {
	lot   lot.ID
	place book.Place
}

func (a account) compare(b account) int {
	return cmp.Or(a.lot.Compare(b.lot), cmp.Compare(a.place.Kind, b.place.Kind),
		cmp.Compare(a.place.Terminal, b.place.Terminal), cmp.Compare(a.place.Incarnation, b.place.Incarnation))
}

func (a account) String() string {
	return fmt.Sprintf("lot %s at place %d of %s", a.lot, a.place.Kind, a.place.Terminal)
}

func (a account) columns() []any {
	out := make([]any, 0, 6) // room for what is said of it
	return append(out, column.OfLot(a.lot), int64(a.place.Kind), int64(a.place.Terminal), column.OfIncarnation(a.place.Incarnation))
}

// Post implements book.Tx. What counts is the sum of the postings to each
// account. The error matches ErrOverdrawn if an account that must not owe
// would, and book.ErrNotFound if a lot is not in the book.
func (t *tx) Post(posts []book.Post) error {
	const act = "post to accounts"
	sums := map[account]lot.Amount{}
	for _, p := range posts {
		a := account{p.Lot, p.Place}
		sum := sums[a] + p.Amount
		if max(p.Amount, sum) > postMax || min(p.Amount, sum) < -postMax {
			return t.fail(act, fmt.Errorf("%d to %s: %w", p.Amount, a, lot.ErrAmount))
		}
		sums[a] = sum
	}
	accounts := make([]account, 0, len(sums))
	for a := range sums {
		accounts = append(accounts, a)
	}
	slices.SortFunc(accounts, account.compare)
	if err := t.flush(); err != nil { // which lots are new is known then
		return err
	}
	var held, fresh, rest [][]any
	for _, a := range accounts {
		if sums[a] < 0 && !a.place.Kind.MayOwe() {
			if err := t.take(act, a, sums[a]); err != nil {
				return err
			}
			continue
		}
		row := append(a.columns(), int64(sums[a]))
		switch {
		case sums[a] == 0:
		case a.place.Kind == book.AtHQ, a.place.Kind == book.AtTerminal, a.place.Kind == book.InFlight:
			if owner, ok := t.owners[a.lot]; ok {
				fresh = append(fresh, append(row, int64(owner)))
				continue
			}
			held = append(held, row)
		default:
			rest = append(rest, row)
		}
	}
	return errors.Join(t.add(act, held, ownerOf), t.add(act, fresh, ""), t.add(act, rest, ""))
}

// ownerOf is the last column of what is held: the owner of the lot that the row
// begins with. Lots never change hands. Of lots that the transaction made it is known.
const ownerOf = ", (SELECT owner FROM lot WHERE lot = $%d)"

// take makes an account smaller that must not go below zero. An upsert cannot:
// the engines check the row it would insert, which is negative, first.
func (t *tx) take(act string, a account, sum lot.Amount) error {
	n, err := t.exec(act, `UPDATE account SET amount = amount + $1
		WHERE lot = $2 AND place = $3 AND terminal = $4 AND incarnation = $5 AND amount + $1 >= 0`,
		append([]any{int64(sum)}, a.columns()...)...)
	if err == nil && n == 0 {
		return t.fail(act, fmt.Errorf("take %d from %s: %w", -sum, a, ErrOverdrawn))
	}
	return err
}

func (t *tx) add(act string, rows [][]any, owner string) error {
	head := `INSERT INTO account (lot, place, terminal, incarnation, amount) VALUES `
	if owner != "" || len(rows) > 0 && len(rows[0]) > 5 {
		head = `INSERT INTO account (lot, place, terminal, incarnation, amount, owner) VALUES `
	}
	_, err := t.insertMore(act, head, owner,
		` ON CONFLICT (lot, place, terminal, incarnation) DO UPDATE SET amount = account.amount + excluded.amount`, rows)
	switch {
	case err != nil && t.engine.noOwner(err):
		return fmt.Errorf("%w: %w", book.ErrNotFound, err)
	case err != nil && t.engine.checked(err): // what is added fits, and the sum does not
		return fmt.Errorf("%w: %w", lot.ErrAmount, err)
	}
	return err
}

// Free implements book.Tx: in order of lots, what is not used up.
func (t *tx) Free(owner member.ID) ([]lot.Holding, error) {
	var out []lot.Holding
	err := t.rows("list what HQ holds of "+owner.String(), `SELECT l.lot, l.owner, l.asset, l.amount, l.funder,
			l.unit_cost, l.earned, l.expires, l.terms, l.active, l.from_lot, a.amount
		FROM account a JOIN lot l ON l.lot = a.lot
		WHERE a.owner = $1 AND a.place = $2 AND a.amount > 0 ORDER BY l.lot`,
		[]any{int64(owner), int64(book.AtHQ)}, func(scan scanner) error {
			var row column.LotRow
			var amount int64
			if err := scan(append(row.Dest(), &amount)...); err != nil {
				return err
			}
			l, err := row.Lot()
			out = append(out, lot.Holding{Lot: l, Amount: lot.Amount(amount)})
			return err
		})
	for _, h := range out {
		t.keep(h.Lot)
	}
	return out, err
}

// keep remembers a lot: who is to give of what was listed asks for it next.
func (t *tx) keep(l lot.Lot) {
	if t.lots == nil {
		t.lots = map[lot.ID]lot.Lot{}
	}
	t.lots[l.ID] = l
}

// Accounts implements book.Tx: in order of assets and places.
func (t *tx) Accounts() ([]book.AccountSum, error) {
	var out []book.AccountSum
	err := t.rows("add up accounts", `SELECT l.asset, a.place, `+column.Summed("a.amount")+`
		FROM account a JOIN lot l ON l.lot = a.lot GROUP BY l.asset, a.place ORDER BY l.asset, a.place`, nil,
		func(scan scanner) error {
			var asset string
			var place, much, rest int64
			err := scan(&asset, &place, &much, &rest)
			out = append(out, book.AccountSum{Asset: lot.Asset(asset), Kind: book.PlaceKind(place), Amount: column.Sum(much, rest)})
			return err
		})
	return out, err
}

// Unbalanced implements book.Tx: in order of lots.
func (t *tx) Unbalanced(limit int) ([]lot.ID, error) {
	var out []lot.ID
	err := t.rows("look for lots out of balance", `SELECT lot FROM account
		GROUP BY lot HAVING SUM(amount) <> 0 ORDER BY lot LIMIT CAST($1 AS BIGINT)`, []any{atLeastNone(limit)},
		func(scan scanner) error {
			var text string
			if err := scan(&text); err != nil {
				return err
			}
			id, err := column.Lot(text)
			out = append(out, id)
			return err
		})
	return out, err
}
