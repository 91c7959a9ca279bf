package scenario_test

import (
	"bytes"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/scripts/needs"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

func TestOneDay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.openHQ()
	w.openTill()
	d := &day{world: w, zbarimg: needs.Program(t, "zbarimg")}
	d.run(outage{begin: func() { w.hq.kill() }, end: w.openHQ})
}

func TestOneDayWithAnotherBroker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := newMosquitto(w)
	m.open()
	w.openHQ()
	w.openTill()
	d := &day{world: w, zbarimg: needs.Program(t, "zbarimg")}
	d.run(outage{begin: func() { m.program.kill() }, end: m.open})
}

// outage is what cuts HQ off from the terminal, and brings it back.
type outage struct{ begin, end func() }

// day is one day at a store; sold are the references of its sales.
type day struct {
	*world
	zbarimg string
	sold    []string
}

func (d *day) run(o outage) {
	d.morning()
	d.redeems(1645) // 2500 of before, 76 and 9 earned, 940 paid with
	o.begin()
	d.at.sees("the outage", func(v view) bool { return !v.Ledger.Online })
	d.alone()
	o.end()
	d.together()
	d.closeAll()
	d.journal().soldOnce(d.t, d.sold)
	d.compareSides()
	d.verifies()
}

// morning sells to a member: the points that HQ holds come by themselves, and
// the sale earns what the programme says.
func (d *day) morning() {
	d.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	v := d.scan(rice, millet)
	if len(v.Lines) != 2 || v.Quote.ToPay != 7670 || v.Lines[0].Name.EN != "Northeast long-grain rice 5 kg" || !v.Lines[1].Eco {
		d.t.Fatalf("after scanning rice and millet the screen shows %+v, want both, ￥76.70 to pay", v.View)
	}
	d.scan(lei)
	v = d.at.sees("the member's points", func(v view) bool { return v.here(consumption) == 2500 && v.here(green) == 300 })
	if v.Member.ID.String() != "M1007" || v.Member.Proof != member.ByCard || v.Member.Name != "赵*" {
		d.t.Errorf("the card shows %+v, want 赵* by card", v.Member)
	}
	if v.points(consumption).HQ != 0 || v.points(consumption).Elsewhere != 0 {
		d.t.Errorf("points %+v, want none left elsewhere", v.points(consumption))
	}
	code, pass, said := tool(d.t, d.dir, "pass", "-key", "hq/hq.key", "M1007")
	if code != 0 {
		d.t.Fatalf("jifen pass = %d: %s", code, said)
	}
	if v = d.scan(strings.TrimSpace(pass)); v.Member == nil || v.Member.Proof != member.ByPass {
		d.t.Fatalf("after scanning the member's pass the screen shows %+v, want the member by pass", v.Member)
	}
	d.at.refused("paid-too-little", "/lane/1/pay", "ref", v.Ref, "cash", "76.69")
	d.at.do("pay", "ref", v.Ref, "cash", "100")
	d.sold = append(d.sold, v.Ref)
	v = d.at.view()
	if len(v.Lines) != 0 || v.Last == nil || v.Last.Change != 2330 || v.Last.Paid != 7670 || v.Sentence != "Paid. Change ￥23.30" {
		d.t.Errorf("after paying with ￥100 the screen shows %q and %+v, want change ￥23.30 and an empty basket", v.Sentence, v.Last)
	}
	d.at.sees("the receipt to be printed", func(v view) bool { return len(v.Jobs) == 1 && v.Jobs[0].State == "printed" })
	d.payWithPoints()
}

// payWithPoints sells what was typed instead of scanned, and points pay half.
func (d *day) payWithPoints() {
	d.at.do("scan", "code", red)
	d.scan(lei)
	v := d.at.sees("the points of the first sale", func(v view) bool { return v.here(consumption) == 2576 && v.here(green) == 326 })
	if len(v.Lines) != 1 || v.Lines[0].Name.EN != "Red rice 1 kg" {
		d.t.Errorf("after typing a code the basket is %+v, want red rice", v.Lines)
	}
	d.at.do("deduct", "amount", "max")
	v = d.at.view()
	if v.Quote.Deduction.Fen != 940 || v.Quote.Deduction.Points != 940 || v.Quote.ToPay != 940 {
		d.t.Errorf("points pay %+v of ￥18.80 and ￥%s is left, want half", v.Quote.Deduction, v.Quote.ToPay)
	}
	d.at.do("pay", "ref", v.Ref, "wallet", "9.40")
	d.sold = append(d.sold, v.Ref)
}

// redeems exchanges points for a tea set; the voucher on paper is handed out
// once.
func (d *day) redeems(before lot.Amount) {
	v, papers := d.scan(red, lei), len(d.papers())
	if v.here(consumption) != before || v.points(consumption).Frozen != 0 {
		d.t.Errorf("before redeeming the screen shows %+v, want %d here and none being checked", v.points(consumption), before)
	}
	d.at.do("redeem", "ref", v.Ref, "benefit", "tea-set")
	if now := d.at.view(); now.here(consumption) != before-500 || len(now.Member.Vouchers) != 1 {
		d.t.Errorf("after redeeming, %+v are left of %d and vouchers are %+v; want 500 less, one voucher", now.points(consumption), before, now.Member.Vouchers)
	}
	voucher := d.voucherOnPaper(d.zbarimg, papers)
	v = d.scan(voucher)
	if v.Voucher == nil || v.Voucher.Benefit.EN != "Tea tasting set" {
		d.t.Fatalf("after scanning the voucher the screen shows %+v (%s), want the tea set up for handing out", v.Voucher, v.Sentence)
	}
	d.at.do("voucher/use", "ref", v.Ref)
	if v = d.at.view(); v.Voucher != nil || v.Message.Code != "handed-out" {
		d.t.Errorf("after handing out the screen shows %q and %+v, want it done", v.Sentence, v.Voucher)
	}
	used := v.Now.Format("2006-01-02 15:")
	d.scan(rice) // a scanner that reads the same paper again is not a second scan
	v = d.scan(voucher)
	if v.Voucher != nil || v.Message.Code != "voucher-used" || !strings.Contains(v.Sentence, used) || !strings.Contains(v.Sentence, "First Store, till 1") {
		d.t.Errorf("the second scan of the voucher shows %q, want that it was used at %s…, First Store, till 1", v.Sentence, used)
	}
	d.at.do("clear")
}

// alone is what goes on while HQ cannot be reached, with power cuts in the
// middle of it.
func (d *day) alone() {
	before := d.at.view()
	for n := range 50 {
		switch n % 10 {
		case 3:
			d.sold = append(d.sold, d.sell(lei, rice, millet))
		case 7:
			d.sold = append(d.sold, d.sell(millet, red))
		default:
			d.sold = append(d.sold, d.sell([]string{rice, red}[n%2]))
		}
		switch n {
		case 20:
			d.powerCut()
		case 25, 30, 35:
			d.sold = append(d.sold, d.powerCutWhilePaying(n))
		}
	}
	v := d.scan(lei)
	d.at.refused("points-short", "/lane/1/redeem", "ref", v.Ref, "benefit", "gift-pack")
	d.redeems(1525) // 1145 of before, and 76 from each of five sales
	if v = d.at.view(); v.Ledger.Online || v.Ledger.Backlog < 53 || v.Ledger.Backlog < before.Ledger.Backlog+53 {
		d.t.Errorf("after 53 sales without HQ the ledger is %+v, want offline and a backlog that has grown by them", v.Ledger)
	}
}

// powerCut ends the terminal between two sales and switches it on again.
func (d *day) powerCut() {
	before := d.at.view()
	d.till.kill()
	d.openTill()
	v := d.at.view()
	if v.Ledger.Head.Incarnation != before.Ledger.Head.Incarnation || v.Ledger.Head.Seq < before.Ledger.Head.Seq {
		d.t.Errorf("after the end of the program the ledger ends with %s, before it did with %s", v.Ledger.Head, before.Ledger.Head)
	}
}

// moments are when the power goes while a payment is on its way: at once, when
// the ledger's file is being written, and when the answer is on the line.
var moments = map[int]func(d *day, answer net.Conn, written time.Time){
	25: func(*day, net.Conn, time.Time) {},
	30: func(d *day, _ net.Conn, before time.Time) {
		eventually(d.t, "a write to the ledger", func() (any, bool) {
			now := d.written()
			return now, now != before
		})
	},
	35: func(d *day, answer net.Conn, _ time.Time) {
		if _, err := answer.Read(make([]byte, 1)); err != nil {
			d.t.Errorf("wait for the answer to a payment: %v", err)
		}
	},
}

// written is when the ledger's file was last written.
func (d *day) written() time.Time {
	info, err := os.Stat(d.path("till/ledger.db"))
	if err != nil {
		d.t.Fatal(err)
	}
	return info.ModTime()
}

// powerCutWhilePaying ends the terminal after the cashier has sent a payment
// and before anybody has seen the result. The same reference again gives
// exactly one sale, whether or not the first one was still made.
func (d *day) powerCutWhilePaying(moment int) string {
	v := d.scan(oil)
	ref, cash, before := v.Ref, v.Quote.ToPay.String(), d.written()
	conn := d.send("/lane/1/pay", "ref", ref, "cash", cash)
	defer conn.Close()
	moments[moment](d, conn, before)
	d.till.kill()
	d.openTill()
	made := d.at.view().Ref != ref
	d.t.Logf("after power cut %d the sale is there: %t", moment, made)
	if moment == 35 && !made {
		d.t.Error("a sale is gone that was answered before the power cut")
	}
	d.at.do("pay", "ref", ref, "cash", cash)
	d.at.do("pay", "ref", ref, "cash", cash)
	if v = d.at.view(); len(v.Lines) != 0 {
		d.t.Errorf("after paying under the reference of before the basket is %+v, want it empty", v.Lines)
	}
	return ref
}

// send sends a command and leaves its answer on the line.
func (d *day) send(path string, pairs ...string) net.Conn {
	d.t.Helper()
	u, err := url.Parse(d.at.base + path)
	if err != nil {
		d.t.Fatal(err)
	}
	req, err := http.NewRequest(http.MethodPost, u.String(), bytes.NewReader(fieldsOf(pairs)))
	if err != nil {
		d.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for _, c := range d.at.http.Jar.Cookies(u) {
		req.AddCookie(c)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := req.Write(conn); err != nil {
		d.t.Fatal(err)
	}
	return conn
}

// together is HQ and the terminal in touch again.
func (d *day) together() {
	v := d.at.sees("HQ to have everything", func(v view) bool { return v.Ledger.Online && v.Ledger.Backlog == 0 })
	d.desk.sees("the terminal online with nothing outstanding", func(t hq.TerminalView) bool {
		v = d.at.view()
		return t.Presence == hq.Online && t.Has == v.Ledger.Head.Seq && t.Says == t.Has && t.Backlog == 0 && t.Incarnation == v.Ledger.Head.Incarnation
	})
	o := d.desk.overview()
	for _, a := range o.Totals {
		if a.Issued != a.HQ+a.Terminals+a.Flight+a.Spent || a.Risk != 0 {
			d.t.Errorf("the dashboard shows %+v, want what was issued to be somewhere and no risk", a)
		}
	}
	if len(o.Totals) < 3 || len(o.Alarms) != 0 {
		d.t.Errorf("the dashboard shows totals %+v and alarms %+v, want two kinds of points, the tea set, and no alarm", o.Totals, o.Alarms)
	}
	d.sold = append(d.sold, d.sell(lei, rice))
}
