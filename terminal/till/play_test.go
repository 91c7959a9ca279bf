package till_test

import (
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// Games: stake and prize in one entry, from a sealed batch that the till holds
// (cap G1, rule S20).

const springGame = `games:
  - id: spring
    name: {zh: 新春刮刮乐, en: Spring scratch card}
    kind: scratch
    STAKE
    batch: 10
    prizes:
      - {id: tea, name: {zh: 茶, en: Tea}, weight: 200000, worth_fen: 600, benefit: tea-set, instead: points}
      - {id: points, name: {zh: 20 积分, en: 20 points}, weight: 300000, worth_fen: 20, asset: points:consumption, points: 20}
      - {id: none, name: {zh: 谢谢参与, en: No prize}, weight: 500000, nothing: true}

benefits:
`

// fair is a till with the game, entered as stake says, and a sealed batch of it
// with so much of the prizes' budgets.
func fair(t *testing.T, stake string, tea, points lot.Amount) *tilltest.Bench {
	t.Helper()
	b := newLanes(t)
	text := rules(t, "benefits:\n", strings.Replace(springGame, "STAKE", stake, 1))
	b.UseRules(t, text)
	g, ok := b.Programme.Game("spring")
	if !ok {
		t.Fatal("the programme has no game")
	}
	deal := game.Deal{Batch: game.NewBatch(b.Programme, &g, "batch-1", uint32(tilltest.Terminal)), Seed: game.Seed{7}}
	deal.Seal = deal.Batch.Seal(deal.Seed)
	b.Deals = []game.Deal{deal}
	b.Restart(t)
	must(t, b.Till.SignIn(by))
	b.Give(t, lot.Lot{Asset: deal.Batch.TicketsLot(), Amount: 10})
	for prize, n := range map[string]lot.Amount{"tea": tea, "points": points} {
		if n > 0 {
			b.Give(t, lot.Lot{Asset: lot.BudgetAsset("spring", prize), Amount: n})
		}
	}
	give(t, b, consumption, 1000)
	scan(t, b, wang)
	return b
}

func play(t *testing.T, b *tilltest.Bench) *ledger.Play {
	t.Helper()
	done, err := b.Till.Play(by, view(t, b).Ref, "spring")
	must(t, err)
	return done.Entry.Body.(*ledger.Play)
}

const byPoints = "stake: {asset: points:consumption, points: 10}"

func TestBatchGivesWhatItsTableSays(t *testing.T) {
	b := fair(t, byPoints, 2, 3)
	won := map[string]int{}
	numbers := map[uint64]bool{}
	for range 10 {
		p := play(t, b)
		won[p.Stake.Prize]++
		numbers[p.Stake.Number] = true
	}
	if won["tea"] != 2 || won["points"] != 3 || won[""] != 5 || len(numbers) != 10 {
		t.Errorf("won %v with the tickets %v, want 2, 3 and 5 with ten", won, numbers)
	}
	if got := here(t, b, consumption); got != 1000-100+60 {
		t.Errorf("%d points, want 960", got)
	}
	if v := view(t, b); len(papers(t, b)) != 2 {
		t.Errorf("%d papers, want a voucher for each tea set; the member has %v", len(papers(t, b)), v.Member)
	}
	handOutAll(t, b)
	scan(t, b, wang)
	_, err := b.Till.Play(by, view(t, b).Ref, "spring")
	refused(t, "Play of a batch that is finished", err, "no-batch")
	b.Verify(t)
}

// A prize whose budget is used up never becomes a loss: what the table names
// stands in for it, else the stake is not taken.
func TestUsedUpPrizeIsNoLoss(t *testing.T) {
	b := fair(t, byPoints, 1, 0)
	var given, back, lost int
	for range 10 {
		s := play(t, b).Stake
		switch {
		case s.Prize == "tea":
			given++
		case s.Prize == "" && len(s.Draws) == 0:
			back++
		case s.Prize == "":
			lost++
		default:
			t.Errorf("won %q, of which there was nothing", s.Prize)
		}
	}
	if given != 1 || back != 4 || lost != 5 { // one tea and three of points have run out
		t.Errorf("%d given, %d stakes not taken, %d lost; want 1, 4, 5", given, back, lost)
	}
	if got := here(t, b, consumption); got != 1000-60 {
		t.Errorf("%d points, want 940: only six stakes were taken", got)
	}
	b.Verify(t)
}

func TestPlayIsRefusedOrDeclined(t *testing.T) {
	b := fair(t, byPoints+"\n    per_day: 2", 2, 3)
	ref := func() string { return view(t, b).Ref }
	_, err := b.Till.Play(by, ref(), "autumn")
	refused(t, "Play of no game", err, "unknown-game")
	_, err = b.Till.Play(by, ref(), "spring")
	declined(t, "Play where the day's plays cannot be counted", err, "plays-short")
	home(t, b)
	play(t, b)
	play(t, b)
	_, err = b.Till.Play(by, ref(), "spring")
	declined(t, "the third play of a day", err, "plays-short")
	must(t, b.Till.Clear(by))
	_, err = b.Till.Play(by, ref(), "spring")
	refused(t, "Play of nobody", err, "no-member")
	scan(t, b, wangTel)
	_, err = b.Till.Play(by, ref(), "spring")
	refused(t, "Play by phone", err, "not-proved")
	must(t, b.Till.Clear(by))
	scan(t, b, li)
	_, err = b.Till.Play(by, ref(), "spring")
	declined(t, "Play without points", err, "points-short")
	b.Hear(t, ledger.Down{Ruling: &ledger.Ruling{Member: 1002, Blocked: true}})
	_, err = b.Till.Play(by, ref(), "spring")
	refused(t, "Play of a blocked member", err, "member-blocked")
	b.Verify(t)
}

func TestPlayUnderOneReferenceIsOnePlay(t *testing.T) {
	b := fair(t, byPoints, 2, 3)
	ref := view(t, b).Ref
	first, err := b.Till.Play(by, ref, "spring")
	must(t, err)
	again, err := b.Till.Play(by, ref, "spring")
	if err != nil || again.Origin != first.Origin || !again.Again {
		t.Errorf("the same again: %+v, %v; want %s once more", again, err, first.Origin)
	}
	if got := len(written[*ledger.Play](t, b)); got != 1 {
		t.Errorf("%d plays written, want 1", got)
	}
}

// A purchase enters once; where there is no batch the member keeps a ticket, and
// plays with it later.
func TestPurchaseEntersTheGame(t *testing.T) {
	b := fair(t, "from_fen: 4990", 2, 3)
	must(t, b.Till.Clear(by))
	_, sale := payOf(t, b, wang, rice)
	if len(sale.Plays) != 1 || sale.Plays[0].Batch != "batch-1" || len(sale.Plays[0].Draws) != 0 {
		t.Fatalf("plays %+v, want one of the batch for nothing", sale.Plays)
	}
	if _, sale = payOf(t, b, wang, millet); len(sale.Plays) != 0 {
		t.Errorf("plays %+v of a purchase below the sum, want none", sale.Plays)
	}
	if _, sale = payOf(t, b, rice); len(sale.Plays) != 0 {
		t.Errorf("plays %+v of nobody, want none", sale.Plays)
	}
	for range 9 {
		payOf(t, b, wang, rice)
	}
	if _, sale = payOf(t, b, wang, rice); len(sale.Plays) != 1 || sale.Plays[0].Batch != "" || sale.Plays[0].Issues[0].Asset != lot.TicketAsset("spring") {
		t.Errorf("plays %+v when the batch is finished, want a ticket to play later", sale.Plays)
	}
	g, _ := b.Programme.Game("spring")
	next := game.Deal{Batch: game.NewBatch(b.Programme, &g, "batch-2", uint32(tilltest.Terminal)), Seed: game.Seed{8}}
	next.Seal = next.Batch.Seal(next.Seed)
	b.Deals = append(b.Deals, next)
	b.Restart(t)
	must(t, b.Till.SignIn(by))
	b.Give(t, lot.Lot{Asset: next.Batch.TicketsLot(), Amount: 10})
	scan(t, b, wang)
	if s := play(t, b).Stake; s.Batch != "batch-2" || s.Asset != lot.TicketAsset("spring") {
		t.Errorf("played %+v, want the ticket with the next batch", s)
	}
	b.Verify(t)
}

// Tickets that wait for a witness are played by nobody: which of them were
// played, only the lost end of the journal knows.
func TestFrozenBatchIsNotPlayed(t *testing.T) {
	b := fair(t, byPoints, 2, 3)
	play(t, b)
	b.Reboot(t, "boot-2")
	must(t, b.Till.SignIn(by))
	give(t, b, consumption, 100)
	scan(t, b, wang)
	_, err := b.Till.Play(by, view(t, b).Ref, "spring")
	refused(t, "Play of a frozen batch", err, "no-batch")
}

func payOf(t *testing.T, b *tilltest.Bench, codes ...string) (lot.Origin, *ledger.Sale) {
	t.Helper()
	scan(t, b, codes...)
	return payAt(t, b, by)
}
