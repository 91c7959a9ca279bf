package cashier_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till"
)

// full is a lane as these tests read it.
func (c *client) full() till.View {
	c.b.t.Helper()
	v, err := c.b.screen(1)
	c.b.check("View", err)
	return v
}

// signedInAs is a client of somebody at lane 1.
func (b *bench) signedInAs(who string) *client {
	b.t.Helper()
	c := b.client()
	c.want("/lane/1/signin", `{"person":"`+who+`","pin":"`+pin+`"}`, http.StatusNoContent)
	return c
}

func TestAParkedSaleIsTakenUpWithItsMember(t *testing.T) {
	b := newBench(t).start()
	c := b.signedIn()
	c.scan(rice, millet, chenJing)
	c.want("/lane/1/park", `{}`, http.StatusNoContent)
	c.scan(pot)
	c.want("/lane/1/take-up", `{"n":1}`, http.StatusUnprocessableEntity) // the lane serves somebody
	b.stop()
	b.start() // a restart keeps it
	c = b.signedIn()
	v := c.full()
	if len(v.Lines) != 1 || len(v.Parked) != 1 || v.Parked[0].Pieces != 2 || v.Parked[0].First.EN != "Northeast long-grain rice 5 kg" {
		t.Fatalf("after parking and a restart: %d lines, parked %+v; want the pot, and one sale of 2 pieces", len(v.Lines), v.Parked)
	}
	c.want("/lane/1/pay", `{"ref":"`+v.Ref+`","cash":"198"}`, http.StatusNoContent)
	c.want("/lane/1/take-up", `{"n":1}`, http.StatusNoContent)
	v = c.full()
	if len(v.Lines) != 2 || v.Member == nil || v.Member.Name != "陈*" || len(v.Parked) != 0 {
		t.Errorf("after taking up: %d lines, member %+v, parked %+v; want 2 lines, 陈*, nothing parked", len(v.Lines), v.Member, v.Parked)
	}
	c.want("/lane/1/take-up", `{"n":1}`, http.StatusUnprocessableEntity) // once only
}

// A return shows what it does before it is confirmed, and does just that.
func TestAReturnDoesWhatItShows(t *testing.T) {
	c := newBench(t).start().signedIn()
	c.scan(chenJing, rice, rice, millet)
	c.want("/lane/1/pay", `{"ref":"`+c.view().Ref+`","cash":"126.60"}`, http.StatusNoContent)
	sale := c.full().Last.Origin.String()
	c.want("/lane/1/return/look", `{"sale":"t1/0000000000000001/9"}`, http.StatusUnprocessableEntity)
	c.want("/lane/1/return/look", `{"sale":"`+sale+`"}`, http.StatusNoContent)
	c.want("/lane/1/return/choose", `{"line":0,"qty":3}`, http.StatusUnprocessableEntity) // two were sold
	c.want("/lane/1/return/choose", `{"line":0,"qty":1}`, http.StatusNoContent)
	r := c.full().Return
	if r == nil || r.Plan == nil || r.Plan.Refund != 4990 || r.Plan.Claw+r.Plan.Due == 0 || r.Lines[0].Chosen != 1 || !r.CanVoid {
		t.Fatalf("with one rice chosen the screen shows %+v (plan %+v), want ￥49.90 back and points taken back", r, r.Plan)
	}
	c.want("/lane/1/return", `{"ref":"`+r.Ref+`","tender":"cash"}`, http.StatusNoContent)
	if v := c.full(); v.Return != nil || v.Day.Figures.Returns != 1 || v.Day.Figures.Refunded != r.Plan.Refund {
		t.Errorf("after the return: sale up %v, figures %+v; want it away, 1 return of %s", v.Return != nil, v.Day.Figures, r.Plan.Refund)
	}
	c.want("/lane/1/return/look", `{"sale":"`+sale+`"}`, http.StatusNoContent)
	if left := c.full().Return; left.Lines[0].Returned != 1 || left.CanVoid {
		t.Errorf("looked up again the sale shows %+v, want 1 rice back and no void", left)
	}
}

// A cashier undoes no sale alone; a colleague's right is lent to one request and
// stands in the journal.
func TestARightIsLentOnceAndWrittenDown(t *testing.T) {
	b := newBench(t).start()
	c := b.signedInAs("wu")
	c.scan(rice)
	c.want("/lane/1/pay", `{"ref":"`+c.view().Ref+`","cash":"49.90"}`, http.StatusNoContent)
	c.want("/lane/1/return/look", `{"sale":"`+c.full().Last.Origin.String()+`"}`, http.StatusNoContent)
	c.want("/lane/1/return/all", `{"void":"true"}`, http.StatusNoContent)
	ref := c.full().Return.Ref
	b.entries.Store(0)
	for body, code := range map[string]string{
		`{"ref":"` + ref + `","tender":"cash"}`: "needs-step-up",
		`{"ref":"` + ref + `","tender":"cash","second":"wu","pin":"` + pin + `","reason":"reason-mistake"}`:   "second-person",
		`{"ref":"` + ref + `","tender":"cash","second":"li","pin":"` + pin + `"}`:                             "reason-missing",
		`{"ref":"` + ref + `","tender":"cash","second":"li","pin":"` + pin + `","reason":"because"}`:          "reason-missing",
		`{"ref":"` + ref + `","tender":"cash","second":"zhou","pin":"` + pin + `","reason":"reason-mistake"}`: "may-not-lend",
	} {
		if text := c.want("/lane/1/return", body, http.StatusForbidden); !strings.Contains(text, code) {
			t.Errorf("POST %s = %s, want %s", body, text, code)
		}
	}
	if n := b.entries.Load(); n != 0 {
		t.Errorf("requests without a right wrote %d entries, want none", n)
	}
	c.want("/lane/1/return", `{"ref":"`+ref+`","tender":"cash","second":"li","pin":"`+pin+`","reason":"reason-mistake"}`, http.StatusNoContent)
	if n := b.entries.Load(); n != 2 {
		t.Errorf("the lent right and the void wrote %d entries, want 2", n)
	}
	if v := c.full(); v.Day.Figures.Returns != 1 {
		t.Errorf("after the void the figures are %+v, want one return", v.Day.Figures)
	}
}

// Who only looks changes nothing; who is a cashier opens and closes no day.
func TestEachCommandAsksForItsRight(t *testing.T) {
	b := newBench(t).start()
	auditor := b.signedInAs("zhou")
	for _, path := range []string{"scan", "pay", "clear", "park", "best", "join", "return/look", "day/close", "adjust", "reprint", "redeem", "transfer"} {
		if status, text := auditor.post("/lane/1/"+path, `{}`); status != http.StatusForbidden {
			t.Errorf("an auditor's %s = %d %s, want 403", path, status, text)
		}
	}
	if status, _ := auditor.get("/lane/1/view.json"); status != http.StatusOK {
		t.Errorf("an auditor cannot look: %d", status)
	}
	cashier := b.signedInAs("wu")
	cashier.want("/lane/1/day/close", `{"ref":"day-close-1","counted":"0"}`, http.StatusForbidden)
	cashier.want("/lane/1/day/close", `{"ref":"day-close-1","counted":"0","second":"li","pin":"000000","reason":"reason-other"}`, http.StatusForbidden)
}

func TestSomebodyJoinsWithConsentAndEarnsAtOnce(t *testing.T) {
	c := newBench(t).start().signedIn()
	c.scan(rice)
	for body, code := range map[string]string{
		`{"ref":"join-0001","phone":"13700001234"}`:                "enrol-consent",
		`{"ref":"join-0001","consent":"yes"}`:                      "enrol-how",
		`{"ref":"join-0001","phone":"12345","consent":"yes"}`:      "bad-phone",
		`{"ref":"join-0001","card":"HM10001549X","consent":"yes"}`: "bad-card",
	} {
		if text := c.want("/lane/1/join", body, http.StatusUnprocessableEntity); !strings.Contains(text, code) {
			t.Errorf("join %s = %s, want %s", body, text, code)
		}
	}
	c.want("/lane/1/join", `{"ref":"join-0002","phone":"13700001234","consent":"yes"}`, http.StatusNoContent)
	v := c.full()
	if v.Member == nil || len(v.Lines) != 1 {
		t.Fatalf("after joining the lane shows %+v and %d lines, want the new member and the rice", v.Member, len(v.Lines))
	}
	who := v.Member.ID
	c.want("/lane/1/pay", `{"ref":"`+v.Ref+`","cash":"50"}`, http.StatusNoContent)
	c.scan("13700001234")
	if v = c.full(); v.Member == nil || v.Member.ID != who || v.Member.Points[0].Here != 49 {
		t.Errorf("found again by phone: %+v, want %s with the 49 points of the sale", v.Member, who)
	}
	c.want("/lane/1/join", `{"ref":"join-0003","phone":"13800001149","consent":"yes"}`, http.StatusNoContent)
	if v = c.full(); v.Member.Name != "陈*" {
		t.Errorf("joining with a number that is known shows %+v, want that member", v.Member)
	}
}

func TestBestUseIsOneKey(t *testing.T) {
	c := newBench(t).start().signedIn()
	c.scan(chenJing, pot, pot)
	c.want("/lane/1/pay", `{"ref":"`+c.view().Ref+`","cash":"396"}`, http.StatusNoContent) // earns 396
	c.scan(chenJing, rice, rice)
	v := c.full()
	if v.Best == nil || v.Best.Saved != 396 || v.Best.Taken {
		t.Fatalf("the best use shows %+v, want ￥3.96 by points", v.Best)
	}
	c.want("/lane/1/best", `{}`, http.StatusNoContent)
	if v = c.full(); !v.Best.Taken || v.Quote.ToPay != 9980-396 || v.Quote.Deduction.Points != 396 {
		t.Errorf("after the key: %+v, to pay %s; want it taken, ￥95.84", v.Best, v.Quote.ToPay)
	}
	c.want("/lane/1/best", `{}`, http.StatusNoContent)
	if v = c.full(); v.Best.Taken || v.Quote.ToPay != 9980 {
		t.Errorf("after the key again: %+v, to pay %s; want it put back", v.Best, v.Quote.ToPay)
	}
}

// The slip of the day and the screen say what the journal says.
func TestADayIsClosedAndOpened(t *testing.T) {
	c := newBench(t).start().signedIn()
	c.scan(rice, millet)
	c.want("/lane/1/pay", `{"ref":"`+c.view().Ref+`","cash":"20","card":"56.70"}`, http.StatusNoContent)
	c.want("/lane/1/day/close", `{"ref":"`+c.view().Ref+`-z","counted":"abc"}`, http.StatusBadRequest)
	c.want("/lane/1/day/close", `{"ref":"`+c.view().Ref+`-z","counted":"20"}`, http.StatusNoContent)
	v := c.full()
	f := v.Day.Figures
	if !v.Day.Closed || f.Sales != 1 || f.Sold != 7670 || len(f.Tenders) != 2 || f.Tenders[0] != (ledger.TenderSum{Kind: "card", Taken: 5670}) {
		t.Errorf("the closed day is %+v, want one sale of ￥76.70, ￥56.70 of it by card", v.Day)
	}
	c.scan(rice)
	c.want("/lane/1/pay", `{"ref":"`+c.view().Ref+`","cash":"49.90"}`, http.StatusUnprocessableEntity)
	c.want("/lane/1/day/open", `{"ref":"`+c.view().Ref+`-o","float":"200"}`, http.StatusNoContent)
	c.want("/lane/1/pay", `{"ref":"`+c.view().Ref+`","cash":"49.90"}`, http.StatusNoContent)
}

// The customer's window shows the basket without a session, and nothing that can
// be pressed; a stranger's language and name stay texts.
func TestTheCustomerSeesTheBasketAndNothingElse(t *testing.T) {
	b := newBench(t).start()
	c := b.signedIn()
	c.scan(rice, chenJing)
	status, page := b.client().get("/lane/1/customer")
	if status != http.StatusOK || !strings.Contains(page, "东北长粒香米") || !strings.Contains(page, "陈*") || !strings.Contains(page, "￥49.90") {
		t.Errorf("the customer's page = %d, want the rice, the masked name and the sum:\n%s", status, page)
	}
	for _, never := range []string{"<button", "<form", "<input", "13800001149", "HM10001549V", c.view().Ref} {
		if strings.Contains(page, never) {
			t.Errorf("the customer's page holds %q", never)
		}
	}
}

// What is done in training stands in no real book.
func TestTrainingTouchesNothingReal(t *testing.T) {
	b := newBench(t)
	b.practice = true
	b.start()
	c := b.signedIn()
	c.scan(rice)
	c.want("/lane/1/train", `{"on":"true"}`, http.StatusNoContent)
	b.entries.Store(0)
	c.scan(millet, millet)
	_, page := c.get("/")
	if !strings.Contains(page, "训练模式") || strings.Contains(page, "东北长粒香米") {
		t.Errorf("in training the page does not say so, or shows the real basket")
	}
	c.want("/lane/1/pay", `{"ref":"`+c.view().Ref+`","cash":"53.60"}`, http.StatusNoContent)
	if _, customer := b.client().get("/lane/1/customer"); !strings.Contains(customer, "训练") {
		t.Errorf("in training the customer's page does not say so")
	}
	c.want("/lane/1/train", `{"on":"false"}`, http.StatusNoContent)
	if n := b.entries.Load(); n != 0 {
		t.Errorf("training wrote %d entries into the real journal, want none", n)
	}
	if v := c.view(); len(v.Lines) != 1 || v.Last != nil {
		t.Errorf("after training the lane shows %d lines and %+v, want the rice of before and nothing sold", len(v.Lines), v.Last)
	}
}
