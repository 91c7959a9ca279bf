package localapi_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/localapi"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Codes of the demo's documents.
const (
	rice   = "6900001000112" // ￥49.90
	millet = "6900001000228" // ￥26.80, eco
	wang   = "HM10001001V"   // M1001
	phone  = "13800001001"   // hers
	token  = "a token of the test"
)

// bench is the interface on a till with everything around it in the test's hands.
type bench struct {
	*tilltest.Bench
	t   *testing.T
	url string
	api *localapi.API
	hub *webui.Hub

	session string // who acts: anna, a keeper
}

func newBench(t *testing.T) *bench {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "ledger.db"), tilltest.Terminal)
	if err != nil {
		t.Fatalf("open a store: %v", err)
	}
	t.Cleanup(func() { _ = store.Close() })
	b := &bench{Bench: tilltest.New(t, store), t: t, hub: webui.NewHub()}
	b.Changed = b.hub.Changed
	b.serve()
	return b
}

// serve serves the till that the bench has now.
func (b *bench) serve() {
	t := b.t
	b.api = localapi.New(localapi.Options{
		Till: b.Till, Desk: b.desk(), Lanes: 4, Zone: b.Programme.Location(), Software: "test", Token: token, Changes: b.hub, Log: slog.New(slog.DiscardHandler),
		People: people(t, b.Bench), Callers: []localapi.Caller{{Name: "pos", Token: sha256.Sum256([]byte(posToken)), People: []string{"anna", "carl"}}},
		Now: time.Now, Rand: rand.Reader,
		Devices: func(uint32) []localapi.Device {
			return []localapi.Device{{Kind: "printer", Name: "printer", OK: true, ZH: "正常", EN: "ready"}}
		},
	})
	server := httptest.NewUnstartedServer(nil)
	server.Config.Handler = b.api.Remote(server.Listener.Addr().String())
	server.Start()
	t.Cleanup(server.Close)
	b.url = server.URL + localapi.Base
	b.session = b.enter("anna")
}

// give gives Wang points, as HQ would.
func (b *bench) give(n lot.Amount) {
	day := b.Programme.Day(b.Clock.Now().Wall)
	b.Give(b.t, lot.Lot{Owner: 1001, Asset: "points:consumption", Amount: n, Expires: b.Programme.ExpiryOf("points:consumption", day)})
}

// object is a value of JSON.
type object = map[string]any

// call asks and reads the answer.
func (b *bench) call(method, path string, body any) (int, object) {
	b.t.Helper()
	status, raw := b.raw(method, path, body, nil)
	var out object
	if len(raw) > 0 && raw[0] == '{' {
		if err := json.Unmarshal(raw, &out); err != nil {
			b.t.Fatalf("%s %s: answer %q: %v", method, path, raw, err)
		}
	}
	return status, out
}

func (b *bench) raw(method, path string, body any, change func(*http.Request)) (int, []byte) {
	b.t.Helper()
	sent, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	if text, ok := body.(string); ok {
		sent = []byte(text)
	}
	if body == nil {
		sent = nil
	}
	r, err := http.NewRequest(method, b.url+path, bytes.NewReader(sent))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Jifen-Session", b.session)
	if sent != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if change != nil {
		change(r)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		b.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer.StatusCode, raw
}

// want is call for an answer that must have a status.
func (b *bench) want(status int, method, path string, body any) object {
	b.t.Helper()
	got, out := b.call(method, path, body)
	if got != status {
		b.t.Fatalf("%s %s: status %d, want %d: %v", method, path, got, status, out)
	}
	return out
}

func order(member string, codes ...string) object {
	lines := []object{}
	for _, c := range codes {
		lines = append(lines, object{"code": c, "quantity": 1})
	}
	o := object{"lines": lines}
	if member != "" {
		o["member"] = member
	}
	return o
}

func sale(ref string, o object, fen int) object {
	return object{"ref": ref, "order": o, "tenders": []object{{"kind": "cash", "fen": fen}}}
}

func TestSaleIsMadeOnceUnderTheCallersReference(t *testing.T) {
	b := newBench(t)
	s := sale("pos-1-0001", order(wang, rice, millet), 8000)
	first := b.want(200, "POST", "/lanes/1/sales", s)
	if first["again"] != false || first["kind"] != "sale" || first["paid_fen"] != 7670.0 || first["change_fen"] != 330.0 {
		t.Errorf("first answer: %v", first)
	}
	second := b.want(200, "POST", "/lanes/1/sales", s)
	if second["again"] != true || second["entry"] != first["entry"] || second["change_fen"] != 330.0 {
		t.Errorf("same reference again: %v, want the answer of before: %v", second, first)
	}
	if found := b.want(200, "GET", "/outcomes/pos-1-0001", nil); found["entry"] != first["entry"] {
		t.Errorf("outcome of the reference: %v, want %v", found, first)
	}
	if q := b.want(200, "GET", "/lanes/1/basket", nil); len(q["lines"].([]any)) != 0 {
		t.Errorf("basket after the sale was repeated: %v, want it empty", q["lines"])
	}
	other := b.want(409, "POST", "/lanes/1/sales", sale("pos-1-0001", order(wang, rice), 8000))
	if other["code"] != "reference-used" {
		t.Errorf("same reference, other goods: %v, want reference-used", other)
	}
	if p := b.want(404, "GET", "/outcomes/pos-1-9999", nil); p["code"] != "reference-unknown" || p["zh"] == p["code"] {
		t.Errorf("unknown reference: %v", p)
	}
}

func TestQuoteIsWhatTheSaleComesTo(t *testing.T) {
	b := newBench(t)
	b.give(2000)
	o := order(wang, rice, millet)
	o["deduct_max"] = true
	q := b.want(200, "POST", "/lanes/2/quotes", o)
	toPay := int(q["to_pay_fen"].(float64))
	if d := q["deduction"].(object); d["points"] != 2000.0 || toPay != 5670 {
		t.Errorf("quote: deduction %v, to pay %d; want 2000 points and 5670", d, toPay)
	}
	s := b.want(200, "POST", "/lanes/2/sales", sale("pos-2-0001", o, toPay))
	if s["paid_fen"] != float64(toPay) || s["deducted"].(object)["points"] != 2000.0 {
		t.Errorf("sale: %v, want what was quoted", s)
	}
}

func TestHeldPointsAreKeptFromOtherLanes(t *testing.T) {
	b := newBench(t)
	b.give(2000)
	o := order(wang, rice)
	o["deduct_fen"] = 1500
	b.want(200, "PUT", "/lanes/1/basket", object{"ref": "hold-0001", "order": o})
	o = order(wang, rice)
	o["deduct_max"] = true
	if q := b.want(200, "POST", "/lanes/2/quotes", o); q["deduction"].(object)["points"] != 500.0 {
		t.Errorf("deduction beside a hold of 1500 of 2000: %v, want 500 points", q["deduction"])
	}
	b.want(204, "DELETE", "/lanes/1/basket", nil)
	if q := b.want(200, "POST", "/lanes/2/quotes", o); q["deduction"].(object)["points"] != 2000.0 {
		t.Errorf("deduction after the hold was released: %v, want 2000 points", q["deduction"])
	}
}

func TestPhoneNumberEarnsAndNeverSpends(t *testing.T) {
	b := newBench(t)
	b.give(2000)
	m := b.want(200, "POST", "/lanes/1/members", object{"code": phone})
	if m["may_spend"] != false || m["id"] != "M1001" || strings.Contains(fmt.Sprint(m), phone) {
		t.Errorf("member by phone: %v, want masked, and no right to spend", m)
	}
	p := b.want(422, "POST", "/lanes/1/redemptions", object{"ref": "redeem-01", "member": phone, "benefit": "tea-set"})
	if p["code"] != "not-proved" {
		t.Errorf("redeem by phone: %v, want not-proved", p)
	}
}

func TestVoucherIsRedeemedAndHandedOutOnce(t *testing.T) {
	b := newBench(t)
	b.give(600)
	redeem := object{"ref": "redeem-01", "member": wang, "benefit": "tea-set"}
	first := b.want(200, "POST", "/lanes/1/redemptions", redeem)
	voucher := first["vouchers"].([]any)[0].(object)["lot"]
	if again := b.want(200, "POST", "/lanes/1/redemptions", redeem); again["again"] != true || again["vouchers"].([]any)[0].(object)["lot"] != voucher {
		t.Errorf("same reference again: %v, want %v", again, first)
	}
	declined := object{"ref": "redeem-02", "member": wang, "benefit": "tea-set"}
	if p := b.want(422, "POST", "/lanes/1/redemptions", declined); p["code"] != "points-short" || !strings.Contains(p["en"].(string), "500") {
		t.Errorf("redeem with too few points: %v, want points-short with the numbers", p)
	}
	b.give(5000)
	if p := b.want(422, "POST", "/lanes/1/redemptions", declined); p["code"] != "points-short" {
		t.Errorf("declined reference again: %v, want the answer of before", p)
	}
	back := b.want(200, "POST", "/lanes/1/voucher-returns", object{"ref": "back-0001", "voucher": voucher})
	if back["kind"] != "voucher-back" {
		t.Errorf("voucher back: %v", back)
	}
	b.want(422, "POST", "/lanes/1/voucher-returns", object{"ref": "back-0002", "voucher": voucher})
}

func TestGoodsComeBackByTheEntryOnTheReceipt(t *testing.T) {
	b := newBench(t)
	sold := b.want(200, "POST", "/lanes/1/sales", sale("pos-1-0001", order(wang, rice, millet), 7670))
	back := object{"ref": "return-01", "sale": sold["entry"], "quantities": []int{0, 1}, "tender": "cash"}
	r := b.want(200, "POST", "/lanes/1/returns", back)
	if r["paid_fen"] != -2680.0 || r["taken"].(float64) == 0 {
		t.Errorf("return of the millet: %v, want 26.80 back and its points taken", r)
	}
	if p := b.want(422, "POST", "/lanes/1/returns", object{"ref": "return-02", "sale": "nonsense", "quantities": []int{1, 1}, "tender": "cash"}); p["code"] != "return-unknown" {
		t.Errorf("return of no sale: %v, want return-unknown", p)
	}
}

func TestNoticeIsPrintedOnDemand(t *testing.T) {
	b := newBench(t)
	b.want(204, "POST", "/lanes/1/notices", object{})
	b.want(204, "POST", "/lanes/1/notices", object{})
	if _, raw := b.raw("GET", "/jobs", nil, nil); strings.Count(string(raw), `"queued"`) != 2 {
		t.Errorf("the papers are %s, want two notices waiting", raw)
	}
	if p := b.want(422, "POST", "/lanes/1/notices", object{"game": "no-such"}); p["code"] != "no-game" {
		t.Errorf("notice of no game: %v, want no-game", p)
	}
}

func TestWrongRequestsSayWhatIsWrong(t *testing.T) {
	b := newBench(t)
	for name, test := range map[string]struct {
		path, body string
		status     int
		code       string
	}{
		"negative-quantity": {"/lanes/1/sales", `{"ref":"pos-1-0001","order":{"lines":[{"code":"1","quantity":-1}]},"tenders":[]}`, 422, "bad-request"},
		"fraction-of-a-fen": {"/lanes/1/quotes", `{"lines":[],"deduct_fen":1.5}`, 422, "bad-request"},
		"unknown-field":     {"/lanes/1/quotes", `{"lines":[],"deduct":5}`, 422, "bad-request"},
		"short-reference":   {"/lanes/1/sales", `{"ref":"1","order":{"lines":[]},"tenders":[]}`, 422, "bad-request"},
		"script-as-person":  {"/sessions", `{"person":"<script>","pin":"1"}`, 422, "bad-request"},
		"no-json":           {"/lanes/1/quotes", `lines=1`, 400, "bad-request"},
		"no-such-lane":      {"/lanes/9/sales", `{"ref":"pos-1-0001","order":{"lines":[]},"tenders":[]}`, 404, "no-lane"},
		"unknown-goods":     {"/lanes/1/quotes", `{"lines":[{"code":"6900000000007","quantity":1}]}`, 422, "unknown-product"},
		"wrong-check-digit": {"/lanes/1/quotes", `{"lines":[{"code":"6900001000113","quantity":1}]}`, 422, "check-digit"},
		"payment-code":      {"/lanes/1/members", `{"code":"134567890123456789"}`, 422, "payment-code"},
		"too-large":         {"/lanes/1/quotes", `{"lines":[],"member":"` + strings.Repeat("x", 70<<10) + `"}`, 413, "body-too-large"},
	} {
		t.Run(name, func(t *testing.T) {
			status, raw := b.raw("POST", test.path, test.body, nil)
			var p localapi.Problem
			if err := json.Unmarshal(raw, &p); err != nil || status != test.status || p.Code != test.code || p.ZH == "" || p.ZH == p.EN {
				t.Errorf("%s: status %d, %s (%v); want %d and %s in both languages", test.body, status, raw, err, test.status, test.code)
			}
		})
	}
}

func TestNobodyElseGetsIn(t *testing.T) {
	b := newBench(t)
	for name, test := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"no-token":         {func(r *http.Request) { r.Header.Del("Authorization") }, 401},
		"wrong-token":      {func(r *http.Request) { r.Header.Set("Authorization", "Bearer a token of the tesT") }, 401},
		"another-site":     {func(r *http.Request) { r.Header.Set("Origin", "https://shop.example") }, 403},
		"another-page":     {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		"rebound-name":     {func(r *http.Request) { r.Host = "evil.example" }, 421},
		"path-tricks":      {func(r *http.Request) { r.URL.Path = localapi.Base + "/../../healthz" }, 404},
		"right-as-control": {nil, 200},
	} {
		t.Run(name, func(t *testing.T) {
			client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			r, err := http.NewRequest("GET", b.url+"/health", nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+token)
			if test.change != nil {
				test.change(r)
			}
			answer, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			if got := answer.StatusCode; got != test.status && !(test.status == 404 && got/100 == 3) {
				t.Errorf("status %d, want %d", got, test.status)
			}
			if answer.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("the answer lets another site read it")
			}
		})
	}
}

// Sixteen callers sell at two lanes, and each sale is asked for by two of them at
// once: one entry, and one answer that says so.
func TestManyCallersAreEachAnsweredOnce(t *testing.T) {
	const pairs, each = 8, 6
	b := newBench(t)
	var all sync.WaitGroup
	var entries sync.Map
	for pair := range pairs {
		all.Go(func() {
			for k := range each {
				s := sale(fmt.Sprintf("pos-%d-%04d", pair, k), order(wang, rice), 4990)
				path := fmt.Sprintf("/lanes/%d/sales", 1+pair%2)
				var answers [2]object
				var both sync.WaitGroup
				for n := range answers {
					both.Go(func() { _, answers[n] = b.call("POST", path, s) })
				}
				both.Wait()
				first, second := answers[0], answers[1]
				if _, taken := entries.LoadOrStore(first["entry"], s["ref"]); taken {
					t.Errorf("pair %d, sale %d: entry %v has been somebody else's", pair, k, first["entry"])
				}
				if first["again"] == second["again"] || first["entry"] == nil || first["entry"] != second["entry"] {
					t.Errorf("pair %d, sale %d: %v, and %v; want one entry, and one of them again", pair, k, first, second)
				}
			}
		})
	}
	all.Wait()
	sold := 0
	entries.Range(func(any, any) bool { sold++; return true })
	if sold != pairs*each {
		t.Errorf("%d entries for %d sales", sold, pairs*each)
	}
}

func TestCallerIsAWitnessAfterAColdBoot(t *testing.T) {
	b := newBench(t)
	b.give(20_000)
	o := order(wang, rice)
	b.want(200, "POST", "/lanes/1/sales", sale("pos-1-0001", o, 4990))
	r, err := http.NewRequest("GET", b.url+"/outcomes/pos-1-0001", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	head := answer.Header.Get("Jifen-Head")
	before := b.want(200, "POST", "/lanes/1/members", object{"code": wang})["balances"].([]any)[0].(object)["here"]
	b.Bench.Reboot(t, "boot-2")
	b.serve()
	checked := b.want(200, "POST", "/lanes/1/members", object{"code": wang})["balances"].([]any)[0].(object)
	if checked["here"] == before {
		t.Errorf("after a cold boot without a witness %v of %v may be used, want less", checked["here"], before)
	}
	if p := b.want(422, "POST", "/lanes/1/witnesses", object{"head": "JF1.R.NONSENSE"}); p["code"] != "witness-foreign" {
		t.Errorf("a head that nobody signed: %v, want witness-foreign", p)
	}
	if v := b.want(200, "POST", "/lanes/1/witnesses", object{"head": head}); v["code"] != "witness-freed" {
		t.Errorf("the head that the caller was shown: %v, want witness-freed", v)
	}
	if freed := b.want(200, "POST", "/lanes/1/members", object{"code": wang})["balances"].([]any)[0].(object); freed["here"] != before {
		t.Errorf("with the witness %v may be used, want %v", freed["here"], before)
	}
}

func TestDescriptionIsWholeAndTellsOfEveryRoute(t *testing.T) {
	b := newBench(t)
	raw, err := b.api.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	var spec struct {
		OpenAPI string
		Paths   map[string]object
	}
	if err := json.Unmarshal(raw, &spec); err != nil || spec.OpenAPI != "3.1.0" || len(spec.Paths) < 12 {
		t.Errorf("description: version %q, %d paths, %v", spec.OpenAPI, len(spec.Paths), err)
	}
	_, page := b.raw("GET", "/docs", nil, func(r *http.Request) { r.Header.Del("Authorization") })
	for path := range spec.Paths {
		if !strings.Contains(string(page), path) {
			t.Errorf("the page of the description does not show %s", path)
		}
	}
	if strings.Contains(string(page), "http://") || strings.Contains(string(page), "https://") {
		t.Error("the page of the description loads something from elsewhere")
	}
}
