package office_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/place"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const points lot.Asset = "points:green"

var (
	by = office.By{Day: 20_779, Actor: "zhou", Reason: "goodwill"}
	at = lot.Origin{Incarnation: 1, Seq: 9}
)

func id(n uint32) lot.ID {
	return lot.ID{Origin: lot.Origin{Terminal: 3, Incarnation: 7, Seq: 5}, N: n}
}

func sample(from uint32) lot.Lot {
	l := lot.Lot{Owner: 1017, Asset: points, Amount: 40, Funder: "m1", UnitCost: 1200, Earned: 20_000, Expires: 20_400, Terms: "v1"}
	if from > 0 {
		l.From = id(from)
	}
	return l
}

func draws(n ...lot.Amount) (out []lot.Draw) {
	for i, amount := range n {
		out = append(out, lot.Draw{Lot: id(uint32(i + 1)), Amount: amount})
	}
	return out
}

var owing = []office.Owing{{Owner: 1017, Asset: points, Since: 20_700, Amount: 3}}

// samples are one entry of every kind.
var samples = map[string]office.Body{
	"opening": &office.Opening{Lots: []lot.Lot{sample(0)}, By: by},
	"note": &office.Note{Note: lot.Note{Terminal: 3, Incarnation: 7, Ask: 2, Holdings: []lot.Holding{{Lot: sample(0), Amount: 4}},
		Minted: []lot.Minted{{Owner: 1017, Quota: "quota:x:once"}}}, By: by},
	"recall":     &office.Recall{Terminal: 3, Member: 1017, Draws: draws(4), By: by},
	"notice":     &office.Notice{Member: 1017, Lots: []lot.ID{id(1)}, How: "receipt", By: by},
	"incident":   &office.Incident{ID: "flood", First: 20_779, Last: 20_781, By: by},
	"expire":     &office.Expire{Lot: id(1), Swapped: []lot.Draw{{Lot: id(2), Amount: 3}}, Amount: 4, By: by},
	"extend":     &office.Extend{Lots: []lot.Lot{sample(1), sample(2)}, By: by},
	"make-good":  &office.MakeGood{Lots: []lot.Lot{sample(0)}, Incident: "flood", Entries: []lot.Origin{id(0).Origin}, By: by},
	"settle-due": &office.SettleDue{Owner: 1017, Asset: points, Lot: id(1), Draws: draws(4, 5), Short: 2, By: by},
	"waive-due":  &office.Waive{Owner: 1017, Lot: id(1), Amount: 2, By: by},
	"net-owed":   &office.Net{Owed: owing, Draws: draws(3), By: by},
	"forgive":    &office.Forgive{Owed: owing, By: by},
	"alias":      &office.Alias{From: 1018, To: 1017, Undo: true, By: by},
	"settle-claim": &office.SettleClaim{
		Of: id(0).Origin, Owner: 1017, Granted: true, Reason: "r", Quota: draws(1), Lots: []lot.Lot{sample(0)},
		Back: &office.Returned{
			Of: id(0).Origin, Lines: []ledger.ReturnLine{{Line: 1, Qty: 2}}, Fen: 300, Claw: draws(4), Back: draws(2),
			Due: []office.Due{{Lot: id(2), Asset: points, Amount: 6}}, Anew: []lot.Lot{sample(3)}, Month: 20_787, Base: 9,
		}, By: by,
	},
	"release": &office.Release{
		Terminal: 3, Incarnation: 7, Standing: []ledger.Bound{{Asset: points, Each: 1, Member: 2, Terminal: 3}}, Fen: 500, By: by,
	},
	"ruling":  &office.Ruling{Member: 1017, Tier: "gold", Blocked: true, By: by},
	"grading": &office.Grading{Member: 1017, Rank: office.Rank{Step: "tree", Since: 20_787, Until: 21_151, Told: 21_121}, By: by},
	"mint":    &office.Mint{Lots: []lot.Lot{sample(0)}, By: by},
	"adjust":  &office.Adjust{Member: 1017, Lots: []lot.Lot{sample(0)}, Draws: draws(4), By: by},
}

func TestEveryKindIsReadAsItWasWritten(t *testing.T) {
	for kind, body := range samples {
		if body.Kind() != kind {
			t.Errorf("%s: Kind() = %q", kind, body.Kind())
		}
		got, err := office.Decode(kind, codec.Marshal(body))
		if diff := cmp.Diff(body, got); err != nil || diff != "" {
			t.Errorf("Decode(%s): error %v (-want +got):\n%s", kind, err, diff)
		}
	}
	if _, err := office.Decode("seance", nil); !errors.Is(err, office.ErrKind) {
		t.Errorf("Decode(unknown) = %v, want ErrKind", err)
	}
	if _, err := office.Decode("alias", nil); !errors.Is(err, codec.ErrMalformed) {
		t.Errorf("Decode(alias of nobody) = %v, want ErrMalformed", err)
	}
}

// TestMovesAddUpToZero: double entry, lot by lot; what is new names the entry.
func TestMovesAddUpToZero(t *testing.T) {
	for kind, body := range samples {
		m := body.Moves(at)
		sum := map[lot.ID]lot.Amount{}
		for _, p := range m.Posts {
			sum[p.Lot] += p.Amount
		}
		for l, n := range sum {
			if n != 0 {
				t.Errorf("%s: lot %s gets %d from nowhere", kind, l, n)
			}
		}
		for n, l := range m.Lots {
			if l.ID != (lot.ID{Origin: at, N: uint32(n)}) {
				t.Errorf("%s: lot %d is %s, want it named by the entry and its place", kind, n, l.ID)
			}
		}
	}
}

// TestGoOnKeepsTheTerms: nothing but the last day changes (rule S22).
func TestGoOnKeepsTheTerms(t *testing.T) {
	old := sample(0)
	old.ID, old.Active = id(1), 20_010
	want := old
	want.ID, want.From, want.Amount, want.Expires = lot.ID{}, id(1), 9, 20_500
	if diff := cmp.Diff(want, place.GoOn(lot.Holding{Lot: old, Amount: 9}, 20_500)); diff != "" {
		t.Errorf("GoOn() (-want +got):\n%s", diff)
	}
}

// TestLongRulesAreNamedByTheirHash: two of them are still two.
func TestLongRulesAreNamedByTheirHash(t *testing.T) {
	long := "activity/a-name-of-an-activity-that-fills-all-that-there-is-for-names-"
	one, two := lot.QuotaAsset(long+"1", "once"), lot.QuotaAsset(long+"2", "once")
	if one == two || len(one) > lot.AssetBytesMax || one != lot.QuotaAsset(long+"1", "once") {
		t.Errorf("QuotaOf() = %s and %s, want two short names", one, two)
	}
	if got := lot.QuotaAsset("welcome", "once"); got != "quota:welcome:once" {
		t.Errorf("QuotaOf(welcome) = %s", got)
	}
}
