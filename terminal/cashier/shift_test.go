package cashier_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/cashier"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
	"github.com/jifen-pos/jifen/terminal/token"
	"github.com/jifen-pos/jifen/terminal/words"
)

// One whole day at a till, worked once with the keys alone and once by touch
// alone: what the Z-report shows must be what the journal's entries come to,
// and what the cashier saw being paid.
func TestBrowserShiftByKeys(t *testing.T)  { newShift(t, true).work() }
func TestBrowserShiftByTouch(t *testing.T) { newShift(t, false).work() }

const salesOfAShift = 30

// shift is a day, and what the cashier saw of it: kept apart from what the till
// keeps.
type shift struct {
	hand
	dice    *rand.Rand
	sales   int
	taken   map[string]lot.Fen // by kind of tender
	given   lot.Fen            // refunds, in cash
	swapped lot.Fen            // what came back in an exchange
	known   string             // card of a member who has points here
}

var (
	shelves = []string{
		rice, millet, "6900001000334", "6900001000440", "6900001000556", "6900001000778", "6900001000990", "6900001001324", "6910002000332",
		"6910002000998", "6920003000118", "6920003000774", "6990004000110", "6990004000448", "6990004000776",
	}
	cards = []string{chenJing, "HM10001138Y", "HM10001412U", "HM10002371Z"}
)

func newShift(t *testing.T, keys bool) *shift {
	b := newBench(t)
	b.festive = true
	b.start()
	if !keys {
		b.plugIn()
	}
	s := &shift{
		hand: hand{b.window().signedIn(), keys}, dice: rand.New(rand.NewPCG(7, 22)), taken: map[string]lot.Fen{}, known: chenJing,
	}
	b.fair()
	b.household(b.who(chenJing), b.who("HM10001138Y"), 3000, 5000)
	b.give(lot.Lot{Owner: b.who(chenJing), Asset: "coupon:tea-ten-off", Amount: 1, Expires: 30_000})
	return s
}

func (s *shift) work() {
	s.t.Helper()
	s.day("day-counted", "0", "day-close") // a new till's first, on which nothing was sold
	s.day("day-float", "200", "day-open")
	s.online(true)
	for _, next := range []struct {
		after int // so many sales
		do    func()
	}{
		{2, s.best},
		{4, s.coupon},
		{6, s.points},
		{8, s.pooled},
		{9, s.held},
		{10, s.plays},
		{12, func() { s.online(false) }},
		{13, s.joins},
		{15, func() { s.printer(false, "缺纸") }},
		{17, s.undone},
		{19, func() { s.printer(true, "就绪") }},
		{19, s.waits},
		{21, s.redeems},
		{22, s.along},
		{23, func() { s.online(true) }},
		{25, s.back},
		{27, s.swaps},
		{salesOfAShift, func() {}},
	} {
		for s.sales < next.after {
			s.sell()
		}
		next.do()
	}
	drawer := s.taken["cash"] - s.given + 20_000
	s.day("day-counted", drawer.String(), "day-close")
	s.proves(drawer)
}

// day opens or closes the day.
func (s *shift) day(field, figure, button string) {
	s.t.Helper()
	s.panel("menu")
	s.panel("day")
	s.figure(field, figure)
	before := s.text(`document.querySelector('#day h2 small').textContent`)
	s.send("#" + button)
	s.until("the day has turned", fmt.Sprintf(`document.querySelector('#day h2 small').textContent !== %q`, before))
	s.closed()
}

// sell sells some goods, to a member or nobody, paid in one of many ways.
func (s *shift) sell() {
	s.t.Helper()
	s.goods(1 + s.dice.IntN(2))
	if s.dice.IntN(2) == 0 {
		s.code(cards[s.dice.IntN(len(cards))], "")
	}
	if s.dice.IntN(4) == 0 {
		before := s.text(`document.getElementById('to-pay').textContent`)
		s.row("#line-0", "ArrowRight")
		s.until("there is one more", fmt.Sprintf(`document.getElementById('to-pay').textContent !== %q`, before))
	}
	s.pay(s.dice.IntN(5))
}

func (s *shift) goods(n int) {
	s.t.Helper()
	for range n {
		s.code(shelves[s.dice.IntN(len(shelves))], "")
	}
}

// due is what the screen says is to be paid.
func (s *shift) due() lot.Fen {
	s.t.Helper()
	text := s.text(`document.getElementById('to-pay').textContent`)
	yuan, cents, ok := strings.Cut(strings.TrimPrefix(text, "￥"), ".")
	fen, err := strconv.ParseInt(yuan+cents, 10, 64)
	if !ok || err != nil {
		s.t.Fatalf("to be paid is %q, want a sum", text)
	}
	return lot.Fen(fen)
}

// pay takes the money: exact, by card, by wallet, a note with change, or some in
// cash and the rest by card.
func (s *shift) pay(how int) {
	s.t.Helper()
	due := s.due()
	s.hears("收款完成", func() {
		switch {
		case how == 1:
			s.press("#pay-card")
			s.taken["card"] += due
		case how == 2:
			s.press("#pay-wallet")
			s.taken["wallet"] += due
		case how == 3 && s.eval(`!!document.querySelector('#pay .note')`):
			s.press("#pay .note")
			s.taken["cash"] += due
		case how == 4 && due > 500:
			s.panel("tender")
			s.figure("given-cash", "5")
			s.press(`[data-fill="given-card"]`)
			s.send("#tender-take")
			s.taken["cash"] += 500
			s.taken["card"] += due - 500
		default:
			s.press("#pay-exact")
			s.taken["cash"] += due
		}
	})
	s.closed()
	s.sales++
}

// big sells much to a member, who has points of it from then on: what was used
// before is no longer there.
func (s *shift) big() {
	s.t.Helper()
	for range 4 {
		s.code("6920003000552", "") // ￥399.00
	}
	s.code(s.known, "")
	s.pay(0)
}

func (s *shift) best() {
	s.t.Helper()
	s.big()
	s.goods(1)
	s.code(s.known, "")
	s.press("#best-use")
	s.until("the best use is taken", `document.querySelector('#best-use')?.getAttribute('aria-pressed') === 'true'`)
	s.pay(0)
}

// uses has the member on the sale pay in a way of the panel for points and
// coupons, and returns what less is to be paid.
func (s *shift) uses(way func()) lot.Fen {
	s.t.Helper()
	s.panel("use")
	before := s.due()
	way()
	s.away("use")
	return before - s.due()
}

// most has as many points pay as may.
func (s *shift) most() {
	s.t.Helper()
	s.press("#deduct-max")
	s.until("points pay", `document.querySelector('#deduct-max').getAttribute('aria-pressed') === 'true'`)
}

// points pays with the member's points.
func (s *shift) points() {
	s.t.Helper()
	s.big()
	s.goods(2)
	s.code(s.known, "")
	if less := s.uses(s.most); less <= 0 {
		s.t.Errorf("with points %s less is to be paid", less)
	}
	s.pay(1)
}

// coupon sells tea with a coupon, whose paper is scanned; it is put away and taken
// from the list of what the member holds.
func (s *shift) coupon() {
	s.t.Helper()
	s.code("6910002000226", "") // ￥128.00
	s.code(s.known, "")
	before := s.due()
	held := s.lane().Member.Coupons[0]
	paper, err := s.b.till.SealVoucher(token.Voucher{Lot: held.Lot, Benefit: "tea-ten-off", Units: 1})
	s.b.check("print the coupon", err)
	s.code(paper, "")
	s.until("the coupon's paper is taken", `!!document.querySelector('#coupon-0 [aria-pressed="true"]')`)
	if less := before - s.due(); less != 1000 {
		s.t.Errorf("with the coupon's paper %s less is to be paid, want ￥10", less)
	}
	use := func(pressed string) func() {
		return func() {
			s.row("#coupon-0", "ArrowRight")
			s.until("the coupon is in use: "+pressed, `String(!!document.querySelector('#coupon-0 [aria-pressed="true"]')) === '`+pressed+`'`)
		}
	}
	s.uses(use("false"))
	if less := s.uses(use("true")); less != 1000 {
		s.t.Errorf("with the coupon %s less is to be paid, want ￥10", less)
	}
	s.pay(2)
}

// lane is how the till's lane stands.
func (s *shift) lane() till.View {
	s.t.Helper()
	v, err := s.b.screen(1)
	s.b.check("View", err)
	return v
}

// pooled pays with the points of the member's household too.
func (s *shift) pooled() {
	s.t.Helper()
	for range 3 {
		s.code("6920003000552", "") // ￥399.00
	}
	s.code(s.known, "")
	own := s.uses(s.most)
	household := s.uses(func() {
		s.press("#use .pool")
		s.until("the household's points pay", `document.querySelector('#use .pool').getAttribute('aria-pressed') === 'true'`)
	})
	if household <= 0 {
		s.t.Errorf("the household's points pay %s beside the member's %s", household, own)
	}
	s.pay(1)
}

// plays plays a game for the member.
func (s *shift) plays() {
	s.t.Helper()
	s.big()
	s.code(s.known, "")
	s.panel("play")
	s.hears("", func() { s.row("#game-spring", "ArrowLeft") })
	s.until("the cashier reads what came of it", `!!document.querySelector('#play .drawn')`)
	s.away("play")
	s.press("#drop")
	s.until("the member has left", `!document.querySelector('#drop')`)
}

// swaps takes goods back for dearer ones.
func (s *shift) swaps() {
	s.t.Helper()
	s.goods(1)
	s.code(s.known, "")
	back := s.due()
	s.pay(0)
	s.code(s.receipt(), "请核对小票")
	s.press(`#returning [data-key="PageDown"]`)
	s.shows("refund", "￥"+back.String())
	s.code("6920003000552", "") // ￥399.00
	due := s.due()
	s.shows("swap", "￥"+(due-back).String())
	s.hears("换货完成", func() { s.press("#swap-cash") })
	s.sales++
	s.taken["cash"] += due - back
	s.taken["exchange"] += back
	s.swapped += back
}

// held puts a sale aside, serves somebody else and goes on with it.
func (s *shift) held() {
	s.t.Helper()
	s.goods(2)
	due := s.due()
	s.panel("parked")
	s.hears("已挂单", func() { s.press("#park") })
	s.closed()
	s.sell()
	s.panel("parked")
	s.hears("已取单", func() { s.row("#parked-1", "ArrowRight") })
	s.closed()
	if again := s.due(); again != due {
		s.t.Errorf("taken up again %s is to be paid, want %s", again, due)
	}
	s.pay(2)
}

// joins makes a member of somebody while HQ is away; they earn at once.
func (s *shift) joins() {
	s.t.Helper()
	s.goods(1)
	s.panel("join")
	s.figure("join-phone", "13700001234")
	if s.keys {
		s.tab("join-consent")
		s.slowly(" ")
		s.until("they agree", `document.getElementById('join-consent').checked`)
		s.tab("join-do")
		s.slowly(" ")
	} else {
		s.touch("#join-consent")
		s.until("they agree", `document.getElementById('join-consent').checked`)
		s.touch("#join-do")
	}
	s.shows("member", "手机号，仅积分")
	s.closed()
	s.pay(0)
}

func (s *shift) online(up bool) {
	s.t.Helper()
	s.b.line.up.Store(up)
	s.b.hub.Changed()
	s.shows("status", words.In("zh", map[bool]string{true: "online", false: "offline"}[up]))
}

func (s *shift) printer(ok bool, word string) {
	s.t.Helper()
	s.b.devices.list.Store(&[]cashier.DeviceView{{Kind: "printer", OK: ok, ZH: word, EN: "paper"}})
	s.b.hub.Changed()
	s.shows("status", word)
}

// waits looks whether the papers of the time without paper wait for the printer.
func (s *shift) waits() {
	s.t.Helper()
	s.panel("papers")
	s.shows("jobs", words.In("zh", "job-queued"))
	s.away("papers")
}

// undone sells something and undoes it.
func (s *shift) undone() {
	s.t.Helper()
	s.goods(1)
	due := s.due()
	s.pay(0)
	s.panel("return")
	s.press(`#return [data-key="End"]`)
	s.closed()
	s.press(`#returning [data-key="PageUp"]`)
	s.shows("refund", "￥"+due.String())
	s.hears("", func() { s.press("#back-cash") })
	s.given += due
}

func (s *shift) redeems() {
	s.t.Helper()
	s.big()
	s.code(s.known, "")
	s.panel("redeem")
	s.hears("已兑换", func() { s.row("#benefit-tea-set", "ArrowRight") })
	s.closed()
}

// along redeems something together with a sale.
func (s *shift) along() {
	s.t.Helper()
	s.big()
	s.goods(1)
	s.code(s.known, "")
	s.panel("redeem")
	s.hears("已加入本单", func() { s.row("#benefit-tea-set", "ArrowRight") })
	s.away("redeem")
	s.until("it stands on the sale", `!!document.querySelector('#along-0')`)
	s.pay(0)
}

// back takes goods back by the code of their receipt.
func (s *shift) back() {
	s.t.Helper()
	s.goods(1)
	s.code(s.known, "")
	due := s.due()
	s.pay(0)
	s.code(s.receipt(), "请核对小票")
	s.press(`#returning [data-key="PageDown"]`)
	s.shows("refund", "￥"+due.String())
	s.hears("", func() { s.press("#back-cash") })
	s.given += due
}

// receipt is the code on the newest sale's receipt.
func (s *shift) receipt() string {
	s.t.Helper()
	list := s.b.journal()
	for _, e := range slices.Backward(list) {
		sale, ok := e.Body.(*ledger.Sale)
		if !ok {
			continue
		}
		c := token.Certificate{Entry: e.At, Hash: [token.HashBytes]byte(e.Hash[:]), Member: sale.Member}
		for n, a := range sale.Awards {
			c.Awards = append(c.Awards, token.Awarded{N: uint32(n), Issue: a.Issue})
		}
		codes, err := token.SealCertificates(c, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)))
		s.b.check("seal the receipt", err)
		return codes[0]
	}
	s.t.Fatal("nothing was sold")
	return ""
}

// journal reads the journal from its first entry to its last.
func (b *bench) journal() []tilltest.Entry {
	b.t.Helper()
	return tilltest.Entries(b.t, b.store, 1)
}

// sums are what a list of entries comes to, added up here and not by the till.
type sums struct {
	sales, returns, vouchers     int
	plays, pooled, along         int
	sold, off, deducted, rounded lot.Fen
	refunded                     lot.Fen
	taken, given                 map[string]lot.Fen
	points                       map[lot.Asset]*[4]lot.Amount // earned, used, back, clawed
}

func addUp(list []tilltest.Entry) *sums {
	s := &sums{taken: map[string]lot.Fen{}, given: map[string]lot.Fen{}, points: map[lot.Asset]*[4]lot.Amount{}}
	born := map[lot.ID]lot.Asset{}
	for _, e := range list {
		switch b := e.Body.(type) {
		case *ledger.Sale:
			s.sale(b)
			for n, a := range b.Awards {
				s.move(a.Asset, 0, a.Amount)
				born[lot.ID{Origin: e.At, N: uint32(n)}] = a.Asset
			}
		case *ledger.Redeem:
			s.vouchers++
			s.move(b.Asset, 1, lot.Sum(b.Draws))
		case *ledger.Play:
			s.move(b.Stake.Asset, 1, lot.Sum(b.Stake.Draws))
			s.plays++
		case *ledger.Return:
			if b.Sale != nil {
				s.sale(b.Sale)
				for _, a := range b.Sale.Awards {
					s.move(a.Asset, 0, a.Amount)
				}
			}
			s.returns++
			s.refunded += b.Refund
			for _, t := range b.Tenders {
				s.given[t.Kind] += t.Fen
			}
			for _, d := range b.Back {
				s.move(born[d.Lot], 2, d.Amount)
			}
			for _, d := range b.Claw {
				s.move(born[d.Lot], 3, d.Amount)
			}
		}
	}
	return s
}

func (s *sums) sale(b *ledger.Sale) {
	s.sales++
	for _, l := range b.Lines {
		s.sold, s.off, s.deducted, s.rounded = s.sold+l.Fen, s.off+l.Off, s.deducted+l.Deducted, s.rounded+l.Rounded
	}
	for _, t := range b.Tenders {
		s.taken[t.Kind] += t.Fen
	}
	if b.Change > 0 {
		s.taken["cash"] -= b.Change
	}
	s.vouchers += len(b.Redemptions)
	for _, r := range b.Redemptions {
		s.along++
		s.move(r.Asset, 1, lot.Sum(r.Draws))
	}
	if b.Deduction != nil {
		s.move(b.Deduction.Asset, 1, b.Deduction.Points())
		s.pooled += len(b.Deduction.Pool)
	}
}

func (s *sums) move(a lot.Asset, which int, n lot.Amount) {
	if s.points[a] == nil {
		s.points[a] = &[4]lot.Amount{}
	}
	s.points[a][which] += n
}

// rows are the lines that the Z-report must show.
func (s *sums) rows() (list []string) {
	add := func(name, value string) { list = append(list, name+"|"+value) }
	say := func(code string, values ...any) string {
		text := make([]string, len(values))
		for i, v := range values {
			text[i] = fmt.Sprint(v)
		}
		return words.In("zh", code, text...)
	}
	add(say("paper-day-sales", s.sales), "￥"+s.sold.String())
	for _, part := range []struct {
		code string
		fen  lot.Fen
	}{{"paper-day-off", s.off}, {"paper-day-deducted", s.deducted}, {"paper-day-rounded", s.rounded}} {
		if part.fen > 0 {
			add(say(part.code), "−￥"+part.fen.String())
		}
	}
	add(say("paper-day-returns", s.returns), "−￥"+s.refunded.String())
	for _, kind := range slices.Sorted(maps.Keys(s.taken)) {
		back := ""
		if s.given[kind] > 0 {
			back = " −￥" + s.given[kind].String()
		}
		add(say("paper-"+kind), "￥"+s.taken[kind].String()+back)
	}
	names := map[lot.Asset]string{"points:consumption": "消费积分", "points:green": "绿色积分"}
	for _, a := range slices.Sorted(maps.Keys(s.points)) {
		p := s.points[a]
		add(names[a], say("day-points", p[0], p[1], p[2], p[3]))
	}
	add(say("paper-day-vouchers"), fmt.Sprintf("%d / 0", s.vouchers))
	return list
}

// proves compares the Z-report on the screen with the journal, both with what
// the cashier saw, and verifies the whole book.
func (s *shift) proves(drawer lot.Fen) {
	s.t.Helper()
	list := s.b.journal()
	total := addUp(list)
	s.panel("menu")
	s.panel("day")
	shown := strings.Split(s.text(`[...document.querySelectorAll('#figures tr')].map(r => r.cells[0].textContent + '|' + r.cells[1].textContent).join('\n')`), "\n")
	if want := total.rows(); !slices.Equal(shown, want) {
		s.t.Errorf("the Z-report shows\n%s\nwant what the journal comes to:\n%s", strings.Join(shown, "\n"), strings.Join(want, "\n"))
	}
	if total.sales != s.sales || !maps.Equal(total.taken, s.taken) || total.refunded != s.given+s.swapped {
		s.t.Errorf("the journal has %d sales, %v taken, %s given back; the cashier saw %d, %v, %s", total.sales, total.taken, total.refunded, s.sales, s.taken, s.given)
	}
	if total.returns != 3 || total.vouchers != 2 || total.along != 1 || total.deducted == 0 || total.plays != 1 || total.pooled != 1 || total.off < 1000 {
		s.t.Errorf("the shift comes to %+v, want 3 returns, 2 vouchers, 1 of them in a sale, 1 play, points of the household once, a coupon's ￥10 off", total)
	}
	if !slices.ContainsFunc(list, func(e tilltest.Entry) bool { return e.Body.Kind() == ledger.KindEnrol && e.Away }) {
		s.t.Errorf("nobody joined while HQ was away")
	}
	if last, ok := list[len(list)-1].Body.(*ledger.DayClose); !ok || last.Counted != drawer {
		s.t.Errorf("the last entry is %+v, want the day's close with %s counted", list[len(list)-1].Body, drawer)
	}
	if _, err := audit.Verify(s.b.store, 1, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)).Public().(ed25519.PublicKey)); err != nil {
		s.t.Errorf("verify the book: %v", err)
	}
}
