package sqlbook

import (
	"errors"
	"maps"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/column"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// pending is what a transaction was told and has not yet handed to the engine:
// a batch of a till makes hundreds of lots and of records of its state, and one
// statement for many is several times as fast as one for each. It is handed
// over before anything is read or written that could tell the difference.
type pending struct {
	lots   []lot.Lot
	states map[ledger.TerminalID]map[string]string // name to value, as kept
	desk   map[string]string
	metas  map[string]string
	grants []book.Grant
}

// Statements that are answered from what is pending.
const (
	stateGet = `SELECT value FROM state WHERE terminal = $1 AND name = $2`
	deskGet  = `SELECT value FROM desk WHERE name = $1`
	metaGet  = `SELECT value FROM meta WHERE name = $1`
)

// state returns the value that is pending for a name.
func (p *pending) state(id ledger.TerminalID, name string) (string, bool) {
	value, ok := p.states[id][name]
	return value, ok
}

func (p *pending) putState(id ledger.TerminalID, name, value string) {
	if p.states == nil {
		p.states = map[ledger.TerminalID]map[string]string{}
	}
	if p.states[id] == nil {
		p.states[id] = map[string]string{}
	}
	p.states[id][name] = value
}

// settle hands over what is pending.
func (t *tx) settle() error {
	all := t.pending
	states := all.states
	t.pending = pending{}
	if err := errors.Join(t.putLots(all.lots), t.putNamed("HQ's desk", "desk", all.desk), t.putNamed("values", "meta", all.metas), t.putGrants(all.grants)); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(states)) {
		var rows [][]any
		for _, name := range slices.Sorted(maps.Keys(states[id])) {
			rows = append(rows, []any{int64(id), name, states[id][name]})
		}
		err := t.insert("write state of "+id.String(), `INSERT INTO state (terminal, name, value) VALUES `,
			` ON CONFLICT (terminal, name) DO UPDATE SET value = excluded.value`, rows)
		if err != nil {
			return err
		}
	}
	return nil
}

// putNamed writes the values of a table that has them by name.
func (t *tx) putNamed(what, table string, values map[string]string) error {
	var rows [][]any
	for _, name := range slices.Sorted(maps.Keys(values)) {
		rows = append(rows, []any{name, values[name]})
	}
	return t.insert("write "+what, `INSERT INTO `+table+` (name, value) VALUES `,
		` ON CONFLICT (name) DO UPDATE SET value = excluded.value`, rows)
}

func (t *tx) putGrants(list []book.Grant) error {
	var rows [][]any
	for _, g := range list {
		rows = append(rows, []any{int64(g.N), column.OfBytes(g.Raw)})
	}
	return t.insert("keep grants for the log", `INSERT INTO grants (number, raw) VALUES `, "", rows)
}

func (t *tx) putLots(lots []lot.Lot) error {
	rows := make([][]any, len(lots))
	for n, l := range lots {
		rows[n] = []any{
			column.OfLot(l.ID), int64(l.Owner), string(l.Asset), int64(l.Amount), column.Plain(l.Funder), int64(l.UnitCost),
			int64(l.Earned), int64(l.Expires), column.Plain(l.Terms), int64(l.Active), column.OfFrom(l.From),
		}
	}
	made, err := t.insertMore("write lots", `INSERT INTO lot (`+lotColumns+`) VALUES `, "", ` ON CONFLICT (lot) DO NOTHING`, rows)
	if err != nil || made != int64(len(rows)) {
		return err // some were there: as they are
	}
	if t.owners == nil {
		t.owners = make(map[lot.ID]member.ID, len(lots))
	}
	for _, l := range lots {
		t.owners[l.ID] = l.Owner
	}
	return nil
}
