package sqlbook

import (
	"cmp"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/column"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/prepared"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// positionColumns are a lot and one of its accounts.
const positionColumns = `l.lot, l.owner, l.asset, l.amount, l.funder, l.unit_cost, l.earned, l.expires, l.terms, l.active, l.from_lot,
	a.place, a.terminal, a.incarnation, a.amount`

const positionOrder = ` ORDER BY l.lot, a.place, a.terminal, a.incarnation`

func (t *tx) positions(act, text string, args ...any) ([]book.Account, error) {
	var out []book.Account
	err := t.rows(act, text, args, func(scan scanner) error {
		var row column.LotRow
		var place, terminal, amount int64
		var incarnation string
		if err := scan(append(row.Dest(), &place, &terminal, &incarnation, &amount)...); err != nil {
			return err
		}
		l, err := row.Lot()
		if err != nil {
			return err
		}
		i, err := column.Incarnation(incarnation)
		at := book.Place{Kind: book.PlaceKind(place), Terminal: ledger.TerminalID(terminal), Incarnation: i}
		out = append(out, book.Account{Lot: l, Place: at, Amount: lot.Amount(amount)})
		return err
	})
	return out, err
}

// Owned implements book.Tx.
func (t *tx) Owned(owner member.ID) ([]book.Account, error) {
	return t.positions("list the accounts of "+owner.String(), `SELECT `+positionColumns+`
		FROM lot l JOIN account a ON a.lot = l.lot WHERE l.owner = $1 AND a.amount <> 0`+positionOrder, int64(owner))
}

// OwnedOf implements book.Tx. Engines differ in how they order texts, not in what
// they begin with: the index of owners and assets finds it.
func (t *tx) OwnedOf(owner member.ID, asset lot.Asset) ([]book.Account, error) {
	if !strings.HasSuffix(string(asset), ":") {
		return t.positions("list accounts of "+owner.String(), `SELECT `+positionColumns+`
			FROM lot l JOIN account a ON a.lot = l.lot WHERE l.owner = $1 AND l.asset = $2 AND a.amount <> 0`+positionOrder,
			int64(owner), string(asset))
	}
	return t.positions("list accounts of "+owner.String(), `SELECT `+positionColumns+`
		FROM lot l JOIN account a ON a.lot = l.lot WHERE l.owner = $1 AND substr(l.asset, 1, $2) = $3 AND a.amount <> 0`+positionOrder,
		int64(owner), int64(len(asset)), string(asset))
}

// Held implements book.Tx: only what is held names its owner.
func (t *tx) Held(owner member.ID) ([]book.Account, error) {
	out, err := t.positions("list what is held of "+owner.String(), `SELECT `+positionColumns+`
		FROM account a JOIN lot l ON l.lot = a.lot WHERE a.owner = $1 AND a.amount > 0`+positionOrder, int64(owner))
	for _, a := range out {
		t.keep(a.Lot)
	}
	return out, err
}

// AccountsOf implements book.Tx.
func (t *tx) AccountsOf(id lot.ID) ([]book.Account, error) {
	return t.positions("list the accounts of "+id.String(), `SELECT `+positionColumns+`
		FROM lot l JOIN account a ON a.lot = l.lot WHERE l.lot = $1 AND a.amount <> 0`+positionOrder, column.OfLot(id))
}

// Ledger implements book.Tx.
func (t *tx) Ledger(after lot.ID, lots int) ([]book.Account, error) {
	return t.positions("list all accounts", `SELECT `+positionColumns+`
		FROM lot l JOIN account a ON a.lot = l.lot
		WHERE l.lot IN (SELECT lot FROM lot WHERE lot > $1 ORDER BY lot LIMIT CAST($2 AS BIGINT))`+positionOrder,
		column.OfFrom(after), atLeastNone(lots))
}

// Lapsed implements book.Tx.
func (t *tx) Lapsed(day lot.Day, after lot.ID, limit int) ([]lot.Holding, error) {
	list, err := t.positions("list lapsed lots", `SELECT `+positionColumns+`
		FROM lot l JOIN account a ON a.lot = l.lot
		WHERE l.lot > $1 AND l.expires > 0 AND l.expires < $2 AND a.place = $3 AND a.amount > 0
		ORDER BY l.lot LIMIT CAST($4 AS BIGINT)`, column.OfFrom(after), int64(day), int64(book.AtHQ), atLeastNone(limit))
	var out []lot.Holding
	for _, a := range list {
		out = append(out, lot.Holding{Lot: a.Lot, Amount: a.Amount})
	}
	return out, err
}

// Earned implements book.Tx.
func (t *tx) Earned(asset lot.Asset, owners []member.ID) (out []book.Earned, err error) {
	names := make([]any, len(owners))
	for n, id := range owners {
		names[n] = int64(id)
	}
	for _, some := range prepared.InTurns(names) {
		err := t.rows("add up what members earned of "+string(asset), `SELECT l.owner, l.earned, `+column.Summed("a.amount")+`
			FROM lot l JOIN account a ON a.lot = l.lot
			WHERE l.owner IN (`+prepared.TurnPlaces+`) AND l.asset = `+prepared.Numbered(prepared.TurnMax+1)+` AND l.from_lot = ''
				AND a.place IN (`+prepared.Numbered(prepared.TurnMax+2)+`, `+prepared.Numbered(prepared.TurnMax+3)+`) GROUP BY l.owner, l.earned`,
			append(some, string(asset), int64(book.Issued), int64(book.Clawed)), func(scan scanner) error {
				var owner, day, much, rest int64
				err := scan(&owner, &day, &much, &rest)
				out = append(out, book.Earned{Owner: member.ID(owner), Day: lot.Day(day), Amount: -column.Sum(much, rest)}) // what was issued stands there below zero
				return err
			})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(out, func(a, b book.Earned) int { return cmp.Or(cmp.Compare(a.Owner, b.Owner), cmp.Compare(a.Day, b.Day)) })
	return out, nil
}
