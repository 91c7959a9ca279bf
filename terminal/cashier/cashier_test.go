package cashier_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till"
)

func TestASaleFromScanToChange(t *testing.T) {
	c := newBench(t).start().signedIn()
	c.scan(rice, millet, chenJing, rice)
	v := c.view()
	if v.Quote.ToPay != 12660 || len(v.Lines) != 2 || v.Lines[0].Qty != 2 || v.Member == nil || v.Member.Name != "陈*" {
		t.Fatalf("after the scans the view is %+v, want 2 lines, ￥126.60 and the member 陈*", v)
	}
	c.want("/lane/1/pay", `{"ref":"`+v.Ref+`","cash":"130"}`, http.StatusNoContent)
	v = c.view()
	if v.Last == nil || v.Last.Kind != ledger.KindSale || v.Last.Change != 340 || len(v.Lines) != 0 {
		t.Errorf("after paying ￥130 the view is %+v, want a sale with ￥3.40 change and an empty basket", v)
	}
	if v.Sentence != "收款完成，找零 ￥3.40" {
		t.Errorf("sentence = %q", v.Sentence)
	}
}

func TestMixedTenders(t *testing.T) {
	c := newBench(t).start().signedIn()
	c.scan(rice)
	c.want("/lane/1/pay", `{"ref":"`+c.view().Ref+`","cash":"20","card":"29.90","wallet":""}`, http.StatusNoContent)
	if got := c.view().Last; got == nil || got.Paid != 4990 || got.Change != 0 {
		t.Errorf("last = %+v, want ￥49.90 paid and no change", got)
	}
}

// Two clicks on one key are two posts with one reference.
func TestOneReferenceSellsOnce(t *testing.T) {
	b := newBench(t).start()
	c := b.signedIn()
	c.scan(rice)
	v := c.view()
	b.entries.Store(0)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { c.want("/lane/1/pay", `{"ref":"`+v.Ref+`","cash":"50"}`, http.StatusNoContent) })
	}
	all.Wait()
	if got := b.entries.Load(); got != 1 {
		t.Errorf("5 posts of one reference wrote %d entries, want 1", got)
	}
	if got := len(c.view().JobIDs); got != 1 {
		t.Errorf("5 posts of one reference printed %d papers, want 1", got)
	}
}

func TestAReferenceOfAnotherActionIsAConflict(t *testing.T) {
	c := newBench(t).start().signedIn()
	c.scan(rice)
	ref := c.view().Ref
	c.want("/lane/1/pay", `{"ref":"`+ref+`","cash":"50"}`, http.StatusNoContent)
	c.scan(chenJing)
	got := c.want("/lane/1/redeem", `{"ref":"`+ref+`","benefit":"tea-set"}`, http.StatusConflict)
	if !strings.Contains(got, "reference-used") || !strings.Contains(got, "此操作编号已用于其他操作") {
		t.Errorf("answer = %s, want the code reference-used and its sentence", got)
	}
}

func TestRedeemAndHandOutOnce(t *testing.T) {
	b := newBench(t).start()
	c := b.signedIn()
	c.scan(chenJing, pot, pot, pot) // earns 594 points
	c.want("/lane/1/pay", `{"ref":"`+c.view().Ref+`","card":"594.00"}`, http.StatusNoContent)
	c.scan(chenJing)
	c.want("/lane/1/redeem", `{"ref":"`+c.view().Ref+`","benefit":"gift-pack"}`, http.StatusUnprocessableEntity)
	c.want("/lane/1/redeem", `{"ref":"`+c.view().Ref+`","benefit":"tea-set"}`, http.StatusNoContent)
	v := c.view()
	qr := ""
	papers, err := b.till.Jobs()
	b.check("Jobs", err)
	for _, l := range papers[0].Document.Lines {
		qr += l.QR
	}
	c.want("/lane/1/scan", `{"code":"`+qr+`"}`, http.StatusNoContent)
	v = c.view()
	if v.Voucher == nil {
		t.Fatalf("after scanning the voucher %q the view holds none; message %q", qr, v.Sentence)
	}
	_, page := c.get("/")
	if !strings.Contains(page, `id="handout"`) || !strings.Contains(page, v.Voucher.Code) {
		t.Errorf("the page shows no key to hand out voucher %s", v.Voucher.Code)
	}
	c.want("/lane/1/voucher/use", `{"ref":"`+v.Ref+`"}`, http.StatusNoContent)
	got := c.want("/lane/1/scan", `{"code":"`+qr+`"}`, http.StatusUnprocessableEntity)
	if !strings.Contains(got, "此券已于 2026-11-22 18:00:00 在 河滨店 1 号台兑付") {
		t.Errorf("the second scan says %s, want when and where it was used", got)
	}
}

func TestRefusalsComeWithTheirSentence(t *testing.T) {
	c := newBench(t).start().signedIn()
	for name, x := range map[string]struct {
		path, body, code string
		status           int
	}{
		"unknown goods":     {"scan", `{"code":"6900000000007"}`, "unknown-product", 422},
		"empty basket":      {"pay", `{"ref":"` + c.view().Ref + `","cash":"1"}`, "empty-basket", 422},
		"old page":          {"pay", `{"ref":"made-up","cash":"1"}`, "stale-page", 422},
		"amount of words":   {"pay", `{"ref":"x","cash":"ten"}`, "bad-amount", 400},
		"three decimals":    {"pay", `{"ref":"x","cash":"1.005"}`, "bad-amount", 400},
		"negative amount":   {"pay", `{"ref":"x","cash":"-5"}`, "bad-amount", 400},
		"huge amount":       {"deduct", `{"amount":"99999999999999999999"}`, "bad-amount", 400},
		"no such line":      {"qty", `{"line":7,"qty":1}`, "bad-quantity", 422},
		"no such lane":      {"../9/scan", `{"code":"1"}`, "no-lane", 404},
		"unknown field":     {"scan", `{"code":"1","lane":"2"}`, "bad-request", 400},
		"field twice":       {"scan", `{"code":"1","code":"2"}`, "bad-request", 400},
		"no voucher":        {"voucher/use", `{"ref":"` + c.view().Ref + `"}`, "no-voucher", 422},
		"nothing to print":  {"reprint", `{"job":"77"}`, "no-job", 422},
		"notice of no game": {"notice", `{"game":"no-such"}`, "no-game", 422},
	} {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) {
			path := strings.ReplaceAll("/lane/1/"+x.path, "/lane/1/../", "/lane/")
			status, text := c.post(path, x.body)
			if status != x.status || !strings.Contains(text, `"code":"`+x.code+`"`) || strings.Contains(text, `"sentence":"`+x.code+`"`) {
				t.Errorf("POST %s %s = %d %s, want %d %s with a sentence", path, x.body, status, text, x.status, x.code)
			}
		})
	}
}

func TestOnlyWhoWorksAtALaneActsThere(t *testing.T) {
	b := newBench(t).start()
	stranger, li, wu := b.client(), b.signedIn(), b.client()
	if status, text := stranger.post("/lane/1/scan", `{"code":"`+rice+`"}`); status != http.StatusUnauthorized {
		t.Errorf("scan without a session = %d %s, want 401", status, text)
	}
	if status, _ := stranger.get("/lane/1/view.json"); status != http.StatusUnauthorized {
		t.Errorf("view without a session = %d, want 401", status)
	}
	if status, _ := li.post("/lane/2/scan", `{"code":"`+rice+`"}`); status != http.StatusUnauthorized {
		t.Errorf("scan at a lane where nobody signed in = %d, want 401", status)
	}
	wu.want("/lane/1/signin", `{"person":"wu","pin":"`+pin+`"}`, http.StatusNoContent)
	if status, _ := li.post("/lane/1/scan", `{"code":"`+rice+`"}`); status != http.StatusUnauthorized {
		t.Errorf("scan by who was relieved = %d, want 401", status)
	}
	wu.scan(rice)
	wu.want("/lane/1/signout", `{}`, http.StatusNoContent)
	if status, _ := wu.post("/lane/1/scan", `{"code":"`+rice+`"}`); status != http.StatusUnauthorized {
		t.Errorf("scan after signing out = %d, want 401", status)
	}
	if _, page := wu.get("/"); !strings.Contains(page, `id="pin"`) {
		t.Errorf("after signing out the page asks for no PIN")
	}
}

// A name is what somebody typed into a list of goods: it must stay a text.
func TestHostileNamesStayTexts(t *testing.T) {
	const evil = `<img src=x onerror=alert(1)>"'&{{.}}`
	b := newBench(t)
	b.rename = func(v *till.View) {
		name := programme.Text{ZH: evil, EN: evil}
		v.Store = name
		for i := range v.Lines {
			v.Lines[i].Name, v.Lines[i].Merchant = name, name
		}
		if v.Member != nil {
			v.Member.Name, v.Member.Phone = evil, evil
			v.Member.Vouchers = []till.VoucherView{{Benefit: name, Code: evil}}
		}
		v.Message.Args = []programme.Text{name, name}
		v.Benefits = append(v.Benefits, till.BenefitView{ID: evil, Name: name, Asset: name, Cost: 1})
		v.Voucher = &till.VoucherView{Benefit: name, Code: evil, Lot: lot.ID{}}
	}
	c := b.start().signedIn()
	c.scan(rice, chenJing)
	_, page := c.get("/")
	if n := strings.Count(page, "<img src=x"); n != 0 {
		t.Errorf("the page holds the hostile name as markup %d times, want 0", n)
	}
	if n := strings.Count(page, "&lt;img src=x onerror=alert(1)&gt;"); n < 8 {
		t.Errorf("the page shows the hostile name %d times as text, want 8 or more", n)
	}
	if strings.Contains(page, " onerror=alert(1)>") {
		t.Errorf("the page holds an attribute that a name brought")
	}
}

func TestPicturesOfPapers(t *testing.T) {
	b := newBench(t).start()
	c := b.signedIn()
	if status, body := c.get("/papers/paper-000002.png"); status != http.StatusOK || !strings.Contains(body, "paper-000002") {
		t.Errorf("picture = %d %q, want 200 and its bytes", status, body)
	}
	for path, want := range map[string]int{"/papers/..%2Fledger.db": 404, "/papers/paper-000003.png": 404, "/papers/paper-000009.png": 500} {
		if status, _ := c.get(path); status != want {
			t.Errorf("GET %s = %d, want %d", path, status, want)
		}
	}
	if status, _ := b.client().get("/papers/paper-000002.png"); status != http.StatusUnauthorized {
		t.Errorf("picture without a session = %d, want 401", status)
	}
}

func TestThePageSpeaksBothLanguages(t *testing.T) {
	c := newBench(t).start().signedIn()
	c.scan(rice)
	if _, page := c.get("/"); !strings.Contains(page, "积分与券") || !strings.Contains(page, `lang="zh-CN"`) || !strings.Contains(page, "离线") {
		t.Errorf("the first page is not Chinese:\n%s", page)
	}
	c.want("/language", `{"lang":"en"}`, http.StatusNoContent)
	_, page := c.get("/")
	if !strings.Contains(page, "Points, coupons") || !strings.Contains(page, "Northeast long-grain rice") || !strings.Contains(page, "Offline") {
		t.Errorf("after the switch the page is not English:\n%s", page)
	}
}
