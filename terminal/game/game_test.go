package game_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

func seeded(n byte) (s game.Seed) {
	for i := range s {
		s[i] = n + byte(i)
	}
	return s
}

// A batch of ten with a known seed: any other program that follows the words in
// the package comment finds the same order and the same seal.
func TestOrderFollowsFromTheSeed(t *testing.T) {
	b := game.Batch{Game: "spring", ID: "b1", Terminal: 7, Programme: "1-01234567", Rows: []game.Row{
		{Prize: "pack", Count: 1, Wins: true}, {Prize: "tea", Count: 3, Wins: true, Instead: "pack"}, {Prize: "none", Count: 6},
	}}
	seal := b.Seal(seeded(1))
	if got, want := hex.EncodeToString(seal[:]), "f874d1ab6e45efde145053246fd3724bd11d561894b1f3850cec45b2ce806a0a"; got != want {
		t.Errorf("Seal: got %s, want %s", got, want)
	}
	d, err := game.Open(b, seal, seeded(1))
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	var order []string
	for n := range b.Tickets() {
		row, err := d.Ticket(n)
		if err != nil {
			t.Fatalf("Ticket(%d): %v", n, err)
		}
		order = append(order, row.Prize)
	}
	if got, want := strings.Join(order, " "), "none none tea tea none none tea none none pack"; got != want {
		t.Errorf("order: got %s, want %s", got, want)
	}
	if _, err := d.Ticket(10); !errors.Is(err, game.ErrTicket) {
		t.Errorf("Ticket(10) of ten: got %v, want ErrTicket", err)
	}
	if _, err := game.Open(b, seal, seeded(2)); !errors.Is(err, game.ErrSeal) {
		t.Errorf("Open with another seed: got %v, want ErrSeal", err)
	}
}

// Whatever the seed, a batch that has been played to its end gave exactly what
// the table says.
func TestFinishedBatchEqualsThePublishedTable(t *testing.T) {
	p, g := spring(t)
	rapid.Check(t, func(rt *rapid.T) {
		var seed game.Seed
		copy(seed[:], rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(rt, "seed"))
		a := played(t, p, &g, seed, func(lot.Asset) bool { return true })
		v, err := a.Verify()
		if err != nil || len(v.Faults) > 0 || !v.Finished {
			rt.Fatalf("Verify: got %+v, %v; want finished, without faults", v, err)
		}
		for _, prize := range g.Prizes {
			if v.Drawn[prize.ID] != uint64(g.Count(prize)) {
				rt.Fatalf("prize %s: drawn %d times, the table says %d", prize.ID, v.Drawn[prize.ID], g.Count(prize))
			}
		}
	})
}

// played plays a whole batch and publishes it.
func played(t testing.TB, p *programme.Programme, g *programme.Game, seed game.Seed, left func(lot.Asset) bool) game.Archive {
	t.Helper()
	b := game.NewBatch(p, g, "b1", 7)
	seal := b.Seal(seed)
	d, err := game.Open(b, seal, seed)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	a := game.NewArchive(&b, seal)
	for n := range b.Tickets() {
		o, err := d.Play(p, n, game.ByStake, 20000, left)
		if err != nil {
			t.Fatalf("Play(%d): %v", n, err)
		}
		s := o.Stake(&b, g.Stake.Asset, []lot.Draw{{Amount: g.Stake.Amount}}, []lot.Draw{{Amount: 1}}, nil)
		if o.Given == "" && o.Drawn != "none" && len(s.Draws) > 0 {
			t.Fatalf("ticket %d says %s, nothing is given and the stake is taken", n, o.Drawn)
		}
		a.Add(&s, fmt.Sprintf("t7/0/%d", n))
	}
	a.Reveal(seed)
	text, err := a.Encode()
	if err != nil {
		t.Fatalf("Encode: %v", err)
	}
	back, err := game.ReadArchive(text)
	if err != nil {
		t.Fatalf("ReadArchive: %v", err)
	}
	return back
}

// What is used up never becomes a loss (rule S20): what stands in for it is
// given, else the stake comes back; a play without a stake gives another play.
func TestUsedUpPrizeIsNeverALoss(t *testing.T) {
	p, g := spring(t)
	none := func(lot.Asset) bool { return false }
	noTea := func(a lot.Asset) bool { return a != lot.BudgetAsset("spring", "tea") }
	b := game.NewBatch(p, &g, "b1", 7)
	d, err := game.Open(b, b.Seal(seeded(1)), seeded(1))
	if err != nil {
		t.Fatal(err)
	}
	n := uint64(0)
	for row, _ := d.Ticket(n); row.Prize != "tea"; row, _ = d.Ticket(n) {
		n++
	}
	tests := map[string]struct {
		by    game.Entered
		left  func(lot.Asset) bool
		given string
		back  bool
		asset lot.Asset
	}{
		"instead":  {game.ByStake, noTea, "bag", false, lot.BenefitAsset("bag")},
		"stake":    {game.ByStake, none, "", true, ""},
		"purchase": {game.ByPurchase, none, "", false, lot.TicketAsset("spring")},
	}
	for name, test := range tests {
		o, err := d.Play(p, n, test.by, 20000, test.left)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var asset lot.Asset
		if len(o.Issues) > 0 {
			asset = o.Issues[0].Asset
		}
		if o.Given != test.given || o.Back != test.back || asset != test.asset || o.Drawn != "tea" {
			t.Errorf("%s: got %+v; want %q, back %v, issue %q", name, o, test.given, test.back, test.asset)
		}
	}
	for name, left := range map[string]func(lot.Asset) bool{"instead": noTea, "none": none} {
		a := played(t, p, &g, seeded(3), left)
		if v, err := a.Verify(); err != nil || len(v.Faults) > 0 || !v.Finished {
			t.Errorf("Verify with budgets used up (%s): got %+v, %v; want no fault", name, v, err)
		}
	}
}

func TestTamperedDrawIsCaught(t *testing.T) {
	p, g := spring(t)
	tests := map[string]struct {
		edit func(*game.Archive)
		want string
	}{
		"seed":         {func(a *game.Archive) { a.Reveal(seeded(9)) }, "one of them was changed"},
		"seal":         {func(a *game.Archive) { a.Seal = strings.Repeat("0", 64) }, "one of them was changed"},
		"table":        {func(a *game.Archive) { a.Prizes[0].Count++ }, "one of them was changed"},
		"terminal":     {func(a *game.Archive) { a.Terminal++ }, "one of them was changed"},
		"no-seed":      {func(a *game.Archive) { a.Seed = "" }, "not published yet"},
		"result":       {func(a *game.Archive) { a.Results[won(a)].Prize = "bag" }, `and "bag" was given`},
		"prize-kept":   {func(a *game.Archive) { a.Results[won(a)].Prize = "" }, "nothing was given in its place or back"},
		"loss-wins":    {func(a *game.Archive) { a.Results[lost(a)].Prize = "pack" }, `says "none" and "pack" was given`},
		"played-twice": {func(a *game.Archive) { a.Results = append(a.Results, a.Results[0]) }, "was played twice"},
		"left-out":     {func(a *game.Archive) { a.Results = a.Results[1:] }, "ticket 0 was left out"},
		"no-ticket":    {func(a *game.Archive) { a.Results[0].Number = 1_000_000 }, "there is no ticket 1000000"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := played(t, p, &g, seeded(1), func(lot.Asset) bool { return true })
			test.edit(&a)
			v, err := a.Verify()
			if err != nil {
				t.Fatalf("Verify: %v", err)
			}
			var said []string
			for _, f := range v.Faults {
				said = append(said, f.EN)
			}
			if v.Finished || !strings.Contains(strings.Join(said, "\n"), test.want) {
				t.Errorf("Verify: got %q, finished %v; want %q", said, v.Finished, test.want)
			}
		})
	}
}

func won(a *game.Archive) int  { return find(a, "pack") }
func lost(a *game.Archive) int { return find(a, "") }

func find(a *game.Archive, prize string) int {
	for i, r := range a.Results {
		if r.Prize == prize {
			return i
		}
	}
	return -1
}

func TestArchiveIsReadStrictly(t *testing.T) {
	for name, text := range map[string]string{
		"no-json": "{", "other-key": `{"game":"g","odds":1}`, "seal-too-short": `{"game":"g","seal":"00","seed":"00"}`,
	} {
		a, err := game.ReadArchive([]byte(text))
		if err == nil {
			_, err = a.Verify()
		}
		if !errors.Is(err, game.ErrBatch) {
			t.Errorf("%s: got %v, want ErrBatch", name, err)
		}
	}
}

// FuzzReadArchive: whatever is read can be checked.
func FuzzReadArchive(f *testing.F) {
	f.Add([]byte(`{"game":"g","batch":"b","prizes":[{"prize":"a","count":3,"wins":true}],"seal":"00"}`))
	f.Fuzz(func(_ *testing.T, text []byte) {
		if a, err := game.ReadArchive(text); err == nil {
			_, _ = a.Verify()
		}
	})
}

func TestWhatAPrizeGives(t *testing.T) {
	p, g := spring(t)
	b := game.NewBatch(p, &g, "b1", 7)
	d, err := game.Open(b, b.Seal(seeded(1)), seeded(1))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]ledger.Issue{
		"pack":   {Asset: "benefit:pack", Amount: 1, Funder: "m1", UnitCost: 6_800_000, Expires: 20090},
		"tea":    {Asset: "benefit:tea", Amount: 1, Funder: "m1", UnitCost: 600_000, Expires: 20060},
		"bag":    {Asset: "benefit:bag", Amount: 1, Funder: "m1", UnitCost: 990_000, Expires: 20090},
		"points": {Asset: "points:consumption", Amount: 20, Funder: "m1", UnitCost: 1000, Expires: 20392},
		"medal":  {Asset: "medal:lucky", Amount: 1, Funder: "m1"},
	}
	for n := range b.Tickets() {
		o, err := d.Play(p, n, game.ByStake, 20000, func(lot.Asset) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		if o.Given != "" && (len(o.Issues) != 1 || o.Issues[0] != want[o.Given]) {
			t.Errorf("prize %s gives %+v, want %+v", o.Given, o.Issues, want[o.Given])
		}
	}
}
