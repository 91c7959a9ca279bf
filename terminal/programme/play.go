package programme

import (
	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Limits of games.
const (
	GamesMax     = 50
	PrizesMax    = 32
	BatchMax     = 100_000 // tickets
	weightsTotal = 1_000_000
)

// Game is a draw (caps G1 and G2 of the product: scratch card and wheel). Its
// chances are published as millionths that add up to one million (rule S20).
type Game struct {
	ID     string
	Name   Text
	Wheel  bool // else a scratch card
	Window calendar.Window
	Scope  Scope // of the sale, and of goods whose purchase enters

	Stake   Cost    // per play; no amount is a play for nothing
	FromFen lot.Fen // a purchase of so much enters once; 0 is not by purchase
	PerDay  int64   // plays of a member in a day; 0 is no bound
	Batch   int64   // tickets of a sealed batch
	Funder  string  // merchant that bears its prizes, "" is who hands each out
	Prizes  []Prize
	Notice  *Notice // nil is missing, which the lint tells
}

// Prize is one row of a game's published table.
type Prize struct {
	ID       string
	Name     Text
	Weight   int64   // millionths
	WorthFen lot.Fen // market price (law L13)
	Evidence Text    // where the market price is from
	Asset    lot.Asset
	Amount   lot.Amount // of points; a benefit or coupon is one
	Benefit  string
	Coupon   string
	Medal    string
	Lose     bool // gives nothing

	InAll   int64  // pieces in all batches together; 0 is no bound
	Instead string // prize that is given where this one's budget is used up; "" gives the stake back
}

// Notice is what must be published before a draw begins (law L10).
type Notice struct {
	Method, Claim, Delivery, Forfeit, Organiser Text
	ClaimDays                                   int
}

var (
	notGame    = Text{ZH: "%q 必须是 scratch 或 wheel", EN: "%q must be scratch or wheel"}
	notTotal   = Text{ZH: "权重之和是 %d，应当正好是 1000000", EN: "the weights add up to %d, not to 1000000"}
	notExact   = Text{ZH: "每批 %d 张分不出奖项 %q 的整数张数", EN: "a batch of %d holds no whole number of prize %q"}
	noEntry    = Text{ZH: `要么有 "stake"，要么有 "from_fen" 或 "per_day"`, EN: `a game needs a "stake", a "from_fen" or a "per_day"`}
	noPrizes   = Text{ZH: "至少要有一个奖项", EN: "there must be a prize"}
	notInstead = Text{ZH: "%q 不能代替 %q：代替者必须是本游戏另一个有奖的奖项", EN: "%q cannot stand in for %q: it must be another prize of this game that wins"}
	prizeTwice = Text{ZH: "只有一个奖项可以什么也不给", EN: "only one prize may give nothing"}
)

func (d *draft) readGames(root document.Object) {
	root.EachOptional("medals", MedalsMax, func(o document.Object) { d.Medals = append(d.Medals, d.readMedal(o)) })
	root.EachOptional("games", GamesMax, func(o document.Object) { d.Games = append(d.Games, d.readGame(o)) })
}

func (d *draft) readGame(o document.Object) Game {
	at := o.Field("id")
	g := Game{ID: d.newID(o, "id", d.games), Name: o.Text("name", NameBytesMax)}
	which, _ := o.Choice("kind", true, notGame, "scratch", "wheel")
	g.Wheel = which == 1
	g.Window, g.Scope = calendar.Read(o, "window"), d.readScope(o.Optional("scope"))
	if stake := o.Optional("stake"); stake.Given() {
		g.Stake = d.readCost(stake)
	}
	g.FromFen = lot.Fen(o.IntegerOr("from_fen", document.Fen, 0, 1, sumMax))
	g.PerDay = o.IntegerOr("per_day", document.Times, 0, 1, perMemberMax)
	g.Funder = d.knownOr(o, "funder", merchantWord, d.merchants)
	g.Batch = o.Integer("batch", document.Pieces, 10, BatchMax)
	taken := names{}
	o.Each("prizes", PrizesMax, func(p document.Object) { g.Prizes = append(g.Prizes, d.readPrize(p, taken)) })
	g.Notice = readNotice(o.Optional("notice"))
	g.check(o, at)
	return g
}

// check wants weights that add up and that a batch holds exactly.
func (g *Game) check(o document.Object, at document.Field) {
	if !at.Given() || g.Batch == 0 {
		return
	}
	var total, lose int64
	for _, p := range g.Prizes {
		total += p.Weight
		if p.Lose {
			lose++
		}
		if s, ok := g.Prize(p.Instead); p.Instead != "" && (!ok || s.Lose || p.Lose || s.ID == p.ID) {
			o.Fault(at, notInstead, p.Instead, p.ID)
		}
		if p.Weight*g.Batch%weightsTotal != 0 {
			o.Fault(at, notExact, g.Batch, p.ID)
		}
	}
	switch {
	case len(g.Prizes) == 0:
		o.Fault(at, noPrizes)
	case total != weightsTotal:
		o.Fault(at, notTotal, total)
	case lose > 1:
		o.Fault(at, prizeTwice)
	}
	if g.Stake.Amount == 0 && g.FromFen == 0 && g.PerDay == 0 {
		o.Fault(at, noEntry)
	}
}

func (d *draft) readPrize(o document.Object, taken names) Prize {
	p := Prize{
		ID:       d.newID(o, "id", taken),
		Name:     o.Text("name", NameBytesMax),
		Weight:   o.Integer("weight", document.Weight, 1, weightsTotal),
		WorthFen: lot.Fen(o.IntegerOr("worth_fen", document.Fen, 0, 0, sumMax)),
		Evidence: o.OptionalText("evidence", TermsBytesMax),
	}
	p.InAll = o.IntegerOr("in_all", document.Pieces, 0, 1, costMax)
	p.Instead, _ = o.OptionalWord("instead", IDBytesMax)
	o.OneOf(
		document.Case{Key: "benefit", Read: func() { p.Benefit = d.known(o, "benefit", benefitWord, d.benefits) }},
		document.Case{Key: "coupon", Read: func() { p.Coupon = d.known(o, "coupon", couponWord, d.coupons) }},
		document.Case{Key: "medal", Read: func() { p.Medal = d.known(o, "medal", medalWord, d.medals) }},
		document.Case{Key: "nothing", Read: func() { p.Lose = o.Flag("nothing") }},
		document.Case{Key: "points", Read: func() {
			p.Asset = lot.Asset(d.known(o, "asset", pointsWord, d.assets))
			p.Amount = lot.Amount(o.Integer("points", document.Points, 1, costMax))
		}},
	)
	return p
}

func readNotice(o document.Object) *Notice {
	if !o.Given() {
		return nil
	}
	n := &Notice{
		Method:    o.OptionalText("method", TermsBytesMax),
		Claim:     o.OptionalText("claim", TermsBytesMax),
		Delivery:  o.OptionalText("delivery", TermsBytesMax),
		Forfeit:   o.OptionalText("forfeit", TermsBytesMax),
		Organiser: o.OptionalText("organiser", TermsBytesMax),
		ClaimDays: int(o.IntegerOr("claim_days", document.Days, 0, 1, ValidDaysMax)),
	}
	o.Done()
	return n
}

// Game looks up a game.
func (p *Programme) Game(id string) (Game, bool) {
	return lookUp(p.Games, func(g Game) bool { return g.ID == id })
}

// OpenOn reports whether the game can be played on an occasion.
func (g *Game) OpenOn(on *Occasion) bool {
	return g.Scope.Here(on) && (on.Trusted || g.Window.Always()) && g.Window.Open(on.At)
}

// Prize looks up a row of the table.
func (g *Game) Prize(id string) (Prize, bool) {
	return lookUp(g.Prizes, func(p Prize) bool { return p.ID == id })
}

// Count is how many tickets of a batch win a prize.
func (g *Game) Count(p Prize) int64 { return p.Weight * g.Batch / weightsTotal }
