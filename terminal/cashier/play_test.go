package cashier_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// beside is another window of the same machine.
func (w *window) beside(path string) *window {
	w.t.Helper()
	ctx, shut := chromedp.NewContext(w.ctx)
	w.t.Cleanup(shut)
	w.b.check("open another window", chromedp.Do(ctx, chromedp.EmulateViewport(1024, 600))) // it lives as long as what it is opened under
	other := &window{w.t, w.b, ctx}
	other.do(chromedp.Navigate(w.b.url(path)))
	other.until("the page is there", `document.body?.dataset.turned !== undefined`)
	return other
}

// The cashier offers a game, the customer's finger begins it on their own screen
// and scratches the card; what stands there is what the entry says.
func TestBrowserTheCustomerPlays(t *testing.T) {
	b := newBench(t)
	b.festive = true
	b.start()
	w := hand{b.window().signedIn(), true}
	b.fair()
	b.give(lot.Lot{Owner: b.who(chenJing), Asset: "points:consumption", Amount: 500, Expires: 30_000})
	w.scan(chenJing)
	w.shows("member", "500")
	customer := hand{w.beside("/lane/1/customer"), false}
	for n, still := range []bool{false, true} {
		value := map[bool]string{false: "no-preference", true: "reduce"}[still]
		customer.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
			_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: value}}})
			return err
		}))
		w.panel("play")
		w.row("#game-spring", "ArrowRight")
		w.shows("message", "请顾客点击开始")
		if len(b.plays()) != n {
			t.Fatalf("offering a game plays it")
		}
		customer.touch("#begin")
		customer.until("the play is shown", `!!document.querySelector('#customer-draw .result')`)
		if !still {
			customer.until("the card is covered", `!!document.querySelector('.runs canvas')`)
			customer.eval(`(() => { const c = document.querySelector('canvas'), r = c.getBoundingClientRect()
				for (let i = 0; i < 40; i++) c.dispatchEvent(new PointerEvent('pointermove', { clientX: r.left + (i % 2 ? r.width - 9 : 9), clientY: r.top + i * r.height / 40 })); return true })()`)
		}
		customer.until("the result stands", `document.getElementById('customer-draw').matches('.stands') && !document.querySelector('canvas')`)
		played := b.plays()
		if len(played) != n+1 {
			t.Fatalf("%d plays after %d touches", len(played), n+1)
		}
		want := map[string]string{"points": "20 积分", "": "未中奖"}[played[n].Prize]
		customer.shows("customer-draw", want)
		w.shows("play", want) // the cashier reads it too
		w.away("play")
	}
	w.do(chromedp.KeyEvent(kb.F1))
	w.scan(rice)
	customer.until("the basket is shown again", `!document.getElementById('customer-draw').checkVisibility()`)
}

// A survey is answered by the customer's finger alone, question by question.
func TestBrowserTheCustomerAnswers(t *testing.T) {
	b := newBench(t)
	b.festive = true
	b.start()
	w := hand{b.window().signedIn(), false}
	w.scan(chenJing)
	w.shows("member", "陈*")
	w.press("#about-key")
	w.press(`#about [data-panel="attend"]`)
	w.row("#survey-service-here", "ArrowRight")
	w.shows("message", "请顾客作答")
	customer := hand{w.beside("/lane/1/customer"), false}
	for _, question := range []string{"收银快吗", "还会来吗"} {
		customer.shows("customer-draw", question)
		customer.touch(".scale button")
	}
	customer.until("the survey is over", `!document.getElementById('customer-draw').checkVisibility()`)
	w.shows("message", "完成")
}

// A wrong figure has its sentence at its field, in the language of the page, and
// does nothing; a right one takes it away.
func TestBrowserAWrongFieldSaysSoItself(t *testing.T) {
	b := newBench(t).start()
	w := hand{b.window().signedIn(), true}
	w.scan(rice)
	w.shows("to-pay", "￥49.90")
	for _, lang := range []struct{ amount, sentence, phone, number string }{
		{"金额不对", "金额", "手机号不对", "12345"}, {"amount", "mount", "mobile", "-5"},
	} {
		w.panel("tender")
		w.until("the field is empty", `document.getElementById('given-cash').value === ''`)
		w.slowly("5.005")
		w.do(chromedp.KeyEvent(kb.Enter))
		w.until("the sentence stands at the field", `document.getElementById('given-cash').getAttribute('aria-describedby') === 'fault' && document.getElementById('given-cash').nextElementSibling.id === 'fault'`)
		w.shows("fault", lang.sentence)
		w.slowly("1")
		w.until("it goes as the field is mended", `!document.getElementById('fault')`)
		w.away("tender")
		w.panel("join")
		w.slowly(lang.number)
		w.tab("join-consent")
		w.slowly(" ")
		w.tab("join-do")
		w.slowly(" ")
		w.until("the sentence stands at the phone", `document.getElementById('join-phone').getAttribute('aria-invalid') === 'true'`)
		w.away("join")
		w.do(chromedp.Navigate(b.url("/")))
		w.do(chromedp.Evaluate[chromedp.Void](`fetch('/language', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"lang":"en"}'})`, chromedp.EvalAwaitPromise))
		w.do(chromedp.Navigate(b.url("/")))
		w.ready()
	}
	if v := b.signedIn().view(); v.Last != nil || v.Member != nil || len(v.Lines) != 1 {
		t.Errorf("wrong fields did something: %+v", v)
	}
}

// Whatever panel is open: a finger of any size hits its buttons, none of them lies
// outside the screen, and the panel itself doesn't scroll, in both languages.
func TestBrowserPanelsFitAndTheirButtonsAreLarge(t *testing.T) {
	b := newBench(t)
	b.festive = true
	b.start()
	w := b.window().signedIn()
	b.household(b.who(chenJing), b.who("HM10001138Y"), 3000, 5000)
	b.give(lot.Lot{Owner: b.who(chenJing), Asset: "points:consumption", Amount: 5000, Expires: 30_000},
		lot.Lot{Owner: b.who(chenJing), Asset: "coupon:tea-ten-off", Amount: 1, Expires: 30_000})
	w.scan(rice)
	w.scan(chenJing)
	w.shows("member", "5,000")
	for range 2 {
		for _, name := range []string{"", "redeem", "use", "about", "papers", "tender", "parked", "return", "join", "day", "menu", "adjust", "play", "family", "care", "attend", "step-up"} {
			w.eval(`(document.body.dataset.open = '` + name + `', ` + fmt.Sprint(name != "") + ` || delete document.body.dataset.open, true)`)
			off := w.text(`[...document.querySelectorAll('button, select, input:not([type=checkbox],[type=radio],[type=hidden])')].filter(e => e.checkVisibility() && !e.closest('[inert], [data-scroll]')).map(e => [e, e.getBoundingClientRect()])
				.filter(([e, r]) => r.height < 43.5 || r.width < 38 || r.bottom > innerHeight || r.right > innerWidth).map(([e, r]) => (e.id || e.textContent) + ' ' + Math.round(r.width) + '×' + Math.round(r.height) + ' to ' + Math.round(r.bottom)).join('; ')`)
			if off != "" {
				t.Errorf("with the panel %q open these are small or outside: %s", name, off)
			}
			if name != "" && !w.eval(`(e => e.scrollHeight <= e.clientHeight + 1)(document.getElementById('`+name+`'))`) {
				t.Errorf("the panel %q holds more than there is room for", name)
			}
		}
		w.do(chromedp.Evaluate[chromedp.Void](`fetch('/language', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"lang":"en"}'})`, chromedp.EvalAwaitPromise))
		w.do(chromedp.Navigate(b.url("/")))
		w.ready()
	}
}

// A page with all that it loads is small enough for the slowest board.
func TestAPageAndItsAssetsAreSmall(t *testing.T) {
	b := newBench(t).start()
	c := b.signedIn()
	c.scan(rice, millet, pot, chenJing)
	for _, path := range []string{"/", "/lane/1/customer"} {
		_, page := c.get(path)
		sizes := map[string]int{path: zipped(t, page)}
		for _, m := range regexp.MustCompile(`(?:src|href)="(/assets/[^"]+)"`).FindAllStringSubmatch(page, -1) {
			status, text := c.get(m[1])
			if status != http.StatusOK {
				t.Errorf("GET %s = %d", m[1], status)
			}
			sizes[m[1]] = zipped(t, text)
		}
		total := 0
		for _, n := range sizes {
			total += n
		}
		t.Logf("%s: %d bytes gzipped: %v", path, total, sizes)
		if total > 80<<10 || len(sizes) < 4 {
			t.Errorf("%s takes %d bytes gzipped in %d parts, want at most 80 KB", path, total, len(sizes))
		}
	}
}

func zipped(t *testing.T, text string) int {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// The figures of a real browser, told and not judged: a loaded machine is slow.
func TestBrowserFigures(t *testing.T) {
	b := newBench(t).start()
	w := hand{b.window().signedIn(), true}
	w.scan(rice)
	w.shows("to-pay", "￥49.90")
	t.Logf("first paint after %s ms", w.text(`String(Math.round(performance.getEntriesByType('paint').find(p => p.name === 'first-contentful-paint').startTime))`))
	w.eval(`(window.took = [], window.down = 0, addEventListener('keydown', () => { down = performance.now() }, true),
		new MutationObserver(() => { if (down) took.push(performance.now() - down); down = 0 }).observe(document.querySelector('.right'), { childList: true, subtree: true }), true)`)
	w.do(chromedp.KeyEvent(kb.ArrowDown))
	for n := range 30 {
		w.key("ArrowRight")
		w.shows("to-pay", (lot.Fen(4990) * lot.Fen(n+2)).String())
	}
	w.until("thirty were taken", `took.length >= 30`)
	t.Logf("from key to changed page: median %s ms, slowest %s ms of %s", w.text(`String(Math.round(took.sort((a, b) => a - b)[took.length >> 1]))`), w.text(`String(Math.round(took.at(-1)))`), w.text(`String(took.length)`))
}

// What is done in training leaves the real ledger's file alone, byte for byte.
func TestTrainingLeavesTheLedgersFileAlone(t *testing.T) {
	b := newBench(t)
	b.practice = true
	b.start()
	c := b.signedIn()
	c.scan(rice)
	c.want("/lane/1/train", `{"on":"true"}`, http.StatusNoContent)
	file := filepath.Join(b.dir, "ledger.db")
	before, err := os.ReadFile(file)
	b.check("read the ledger", err)
	c.scan(millet, millet, chenJing)
	c.want("/lane/1/pay", `{"ref":"`+c.view().Ref+`","cash":"60"}`, http.StatusNoContent)
	c.scan(pot)
	c.want("/lane/1/park", `{}`, http.StatusNoContent)
	c.want("/lane/1/join", `{"ref":"`+c.view().Ref+`-j","phone":"13700001234","consent":"yes"}`, http.StatusNoContent)
	c.want("/lane/1/member/drop", `{}`, http.StatusNoContent)
	c.want("/lane/1/return/look", `{"sale":"`+sold(c)+`"}`, http.StatusNoContent)
	c.want("/lane/1/return/all", `{}`, http.StatusNoContent)
	c.want("/lane/1/return", `{"ref":"`+backRef(c)+`","tender":"cash"}`, http.StatusNoContent)
	c.want("/lane/1/day/close", `{"ref":"`+c.view().Ref+`-z","counted":"0"}`, http.StatusNoContent)
	after, err := os.ReadFile(file)
	b.check("read the ledger", err)
	if !bytes.Equal(before, after) {
		t.Error("training changed the real ledger's file")
	}
	c.want("/lane/1/train", `{"on":"false"}`, http.StatusNoContent)
	if v := c.view(); len(v.Lines) != 1 || strings.Contains(v.Sentence, "日结") {
		t.Errorf("after training the lane shows %+v, want the rice of before", v)
	}
}

// sold is the entry of the sale that was made last, and backRef the reference of
// the return that is up.
func sold(c *client) string {
	v, err := c.b.practised(1)
	c.b.check("View", err)
	return v.Last.Origin.String()
}

func backRef(c *client) string {
	v, err := c.b.practised(1)
	c.b.check("View", err)
	return v.Return.Ref
}
