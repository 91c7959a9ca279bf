package settletool_test

import (
	"path/filepath"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/settletool"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const day = 20892 // 2027-03-15

// TestWhatWasWrittenOffCostsNobody: what a terminal awarded is heard of after its end, and
// a person writes it off, or gives it to the member, or a receipt has brought it before.
func TestWhatWasWrittenOffCostsNobody(t *testing.T) {
	entry := lot.Origin{Terminal: 1, Incarnation: 9, Seq: 1}
	draws := []lot.Draw{{Lot: lot.ID{Origin: entry}, Amount: 40}, {Lot: lot.ID{Origin: lot.Origin{Seq: 7}}, Amount: 5}} // and gave back of another lot
	for name, c := range map[string]struct {
		late   office.SettleLate
		clawed lot.Amount
	}{
		"written-off": {office.SettleLate{Of: entry, Draws: draws}, 40},
		"granted":     {office.SettleLate{Of: entry, Draws: draws, Granted: true}, 0},
		"booked":      {office.SettleLate{Of: entry, Draws: draws, Booked: true}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := sqlbook.OpenSQLite(filepath.Join(t.TempDir(), "book.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			raw, err := ledger.Encode(ledger.Entry{Wall: day * 86_400_000, Body: &ledger.Sale{
				Day: day, Member: 1001, Lines: []ledger.Line{{Merchant: "m1", Qty: 1, Fen: 4000}},
				Awards: []ledger.Award{{Issue: ledger.Issue{Asset: lot.Consumption, Amount: 40, Funder: "m1", UnitCost: 1000}}},
			}})
			if err != nil {
				t.Fatal(err)
			}
			c.late.By = office.By{Day: day, Actor: "zhou", Reason: "nobody has it"}
			err = b.Update(func(tx book.Tx) error {
				if err := tx.PutTerminal(book.Terminal{ID: 1, Store: "s1"}); err != nil {
					return err
				}
				if err := tx.AppendEntries(1, []book.Entry{{Terminal: 1, Head: ledger.Head{Incarnation: 9, Seq: 1, Hash: ledger.Hash{1}}, Raw: raw, Received: 1}}); err != nil {
					return err
				}
				if _, err := tx.AppendOffice(1, 1, c.late.Kind(), codec.Marshal(&c.late)); err != nil {
					return err
				}
				sums, err := settletool.Sums(tx, nil)
				if err != nil {
					return err
				}
				rows := sums.Statement("m1", lot.Day(day).MonthEnd(), nil).Issued
				if len(rows) != 1 || rows[0].Points != 40 || rows[0].Clawed != c.clawed {
					t.Errorf("m1 is told that it funded %+v, want 40 points of which %d were taken back", rows, c.clawed)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}
