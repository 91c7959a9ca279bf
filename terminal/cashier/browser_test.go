package cashier_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/scripts/needs"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/words"
)

// window is a browser at lane 1, 1024×600, as at a till.
type window struct {
	t   *testing.T
	b   *bench
	ctx context.Context
}

const patience = 20 * time.Second

func (b *bench) window() *window {
	b.t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(needs.Program(b.t, "chromium")), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(b.t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	b.t.Cleanup(cancel)
	ctx, closeTab := chromedp.NewContext(ctx)
	b.t.Cleanup(closeTab)
	b.check("start the browser", chromedp.Do(ctx, chromedp.EmulateViewport(1024, 600)))
	w := &window{b.t, b, ctx}
	w.do(chromedp.Navigate(b.url("/")))
	return w
}

// signedIn types the PIN as a cashier does.
func (w *window) signedIn() *window {
	w.t.Helper()
	w.do(chromedp.SendKeys("#pin", pin), chromedp.KeyEvent(kb.Enter))
	w.ready()
	return w
}

// ready waits until the till is shown and its script runs.
func (w *window) ready() {
	w.t.Helper()
	w.until("the till is ready", `document.body?.dataset.told !== undefined`)
	w.gap(1)
}

// gap says how far apart key presses may be to be a scanner's: a slow machine
// presses a scanner's keys more slowly, or a person's faster, than they do.
func (w *window) gap(millis int) {
	w.until("the page is there", fmt.Sprintf(`document.body !== null && (document.body.dataset.burst = '%d', true)`, millis))
}

func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	w.b.check("browser", chromedp.Do(ctx, steps...))
}

func (w *window) eval(js string) bool {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[bool](js))
	w.b.check("evaluate "+js, err)
	return v
}

func (w *window) value(id string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Value("#"+id))
	w.b.check("value of "+id, err)
	return v
}

// until waits for a condition on the page.
func (w *window) until(what, js string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	for {
		_, err := chromedp.Run(ctx, chromedp.Poll[bool](js))
		if err == nil {
			return
		}
		if ctx.Err() != nil { // other errors come of a page that is just being left
			ctx, stop := context.WithTimeout(w.ctx, patience)
			defer stop()
			text, _ := chromedp.Run(ctx, chromedp.Text("body"))
			w.t.Fatalf("waited in vain until %s: %v\npage: %s", what, err, text)
		}
	}
}

// shows waits for a text in an element.
func (w *window) shows(id, text string) {
	w.t.Helper()
	w.until(fmt.Sprintf("#%s shows %q", id, text), fmt.Sprintf(`(document.getElementById(%q)?.textContent ?? '').includes(%q)`, id, text))
}

// scan types a code as a scanner that acts as a keyboard.
func (w *window) scan(code string) {
	w.t.Helper()
	w.gap(1) // the first key press comes after a while
	w.do(chromedp.KeyEvent(code[:1]))
	w.gap(60_000)
	w.do(chromedp.KeyEvent(code[1:] + kb.Enter))
	w.gap(1)
}

// Who touches their name, or the pad, and goes on with the keys signs in all the same.
func TestBrowserSignsInByTouchAndKeys(t *testing.T) {
	var pad []chromedp.Action[chromedp.Void]
	for _, digit := range pin {
		pad = append(pad, chromedp.Click(`[data-digit="`+string(digit)+`"]`))
	}
	for name, way := range map[string][]chromedp.Action[chromedp.Void]{
		"name touched, PIN typed": {chromedp.Click(`label:has(input[value=wu])`), chromedp.KeyEvent(pin)},
		"PIN on the pad":          pad,
	} {
		t.Run(name, func(t *testing.T) {
			w := newBench(t).start().window()
			w.until("the page asks for the PIN", `document.readyState === 'complete' && document.activeElement.id === 'pin'`)
			w.do(append(way, chromedp.KeyEvent(kb.Enter))...)
			w.ready()
		})
	}
}

func TestBrowserSellsByScanner(t *testing.T) {
	b := newBench(t).start()
	w := b.window().signedIn()
	w.scan(rice)
	w.shows("basket", "东北长粒香米")
	w.scan(chenJing)
	w.shows("member", "陈*")
	w.scan(millet)
	w.shows("to-pay", "￥76.70")
	w.do(chromedp.KeyEvent(kb.F6))
	w.shows("message", "收款完成，找零 ￥0.00")
	w.shows("basket", "上一单已完成")
	if !w.eval(`document.body.dataset.sounded === 'ok'`) {
		t.Errorf("no tone for a sale")
	}
	w.scan("6900000000007")
	w.shows("message", "没有商品")
	if !w.eval(`document.body.dataset.sounded === 'refused'`) {
		t.Errorf("the tone for a refusal is not that for a refusal")
	}
}

func TestBrowserTypedCodesAndOwnAmounts(t *testing.T) {
	w := newBench(t).start().window().signedIn()
	w.do(chromedp.KeyEvent(kb.F1), chromedp.SendKeys("#code", rice), chromedp.Click("#entry button[type=submit]"))
	w.shows("basket", "东北长粒香米")
	if !w.eval(`document.getElementById('code').value === ''`) {
		t.Errorf("the field for codes still holds the code that was taken")
	}
	w.do(chromedp.Click("#pay-other"), chromedp.SendKeys("#given-cash", "6"), chromedp.SendKeys("#given-cash", "0"), chromedp.Click("#tender-take"))
	w.shows("change", "￥10.10")
}

func TestBrowserDoubleClickSellsOnce(t *testing.T) {
	b := newBench(t).start()
	w := b.window().signedIn()
	w.scan(rice)
	w.shows("to-pay", "￥49.90")
	b.entries.Store(0)
	w.do(chromedp.DoubleClick("#pay-exact"))
	w.shows("basket", "上一单已完成")
	if !w.eval(`document.getElementById('pay-exact').disabled`) {
		t.Errorf("after the sale the key to pay is still live")
	}
	if got := b.entries.Load(); got != 1 {
		t.Errorf("a double click wrote %d entries, want 1", got)
	}
}

// A scanner's final Enter pressed the button that was touched last: a fault
// that other tills have.
func TestBrowserScannersEnterPressesNoButton(t *testing.T) {
	b := newBench(t).start()
	w := b.window().signedIn()
	w.scan(rice)
	w.shows("to-pay", "￥49.90")
	w.do(chromedp.Click(`#line-0 [data-rowkey="ArrowRight"]`))
	w.shows("to-pay", "￥99.80")
	w.scan(millet)
	w.shows("to-pay", "￥126.60") // and not another piece of rice
	for name, focus := range map[string]string{"the key to pay": "pay-exact", "the key to print again": "menu-key"} {
		w.eval(`(document.getElementById('` + focus + `').focus(), true)`)
		before := b.entries.Load()
		w.scan(rice)
		w.until("the scan is in", `document.body.dataset.told !== undefined && (document.getElementById('message').textContent.includes('东北'))`)
		if got := b.entries.Load(); got != before {
			t.Errorf("with %s in focus a scan wrote %d entries, want none", name, got-before)
		}
	}
	w.shows("to-pay", "￥226.40") // both scans came in, and nothing was cleared
	w.eval(`(document.getElementById('pay-exact').focus(), true)`)
	w.do(chromedp.KeyEvent("12" + kb.Enter)) // a scanner slower than any other
	w.scan(millet)
	w.shows("to-pay", "￥253.20")
}

func TestBrowserScanIntoAFieldLeavesItAsItWas(t *testing.T) {
	w := newBench(t).start().window().signedIn()
	w.scan(rice)
	w.shows("to-pay", "￥49.90")
	w.do(chromedp.Click("#pay-other"), chromedp.SendKeys("#given-cash", "7"))
	w.scan(millet)
	w.shows("to-pay", "￥76.70")
	if got := w.value("given-cash"); got != "7" {
		t.Errorf("after a scan the field in focus holds %q, want the 7 that was typed", got)
	}
	if !w.eval(`document.activeElement.id === 'given-cash'`) {
		t.Errorf("the focus was lost when the page was renewed")
	}
}

// A card that is nobody's fills the field of who is enrolled next; one that is
// scanned into a field for cards stays there.
func TestBrowserScannedCardsLandWhereTheyBelong(t *testing.T) {
	b := newBench(t).start()
	b.line.up.Store(true)
	w := hand{b.window().signedIn(), true}
	card := barcode.CardNumber(7_654_321)
	w.scan(card)
	w.shows("message", words.In("zh", "unknown-member"))
	w.panel("join")
	w.until("the card is filled in", `document.getElementById('join-card').value === '`+card+`'`)
	w.away("join")
	w.scan(chenJing)
	w.shows("member", "陈*")
	w.press("#about-key")
	w.press(`#about [data-panel="family"]`)
	w.until("the field has the focus", `document.activeElement.id === 'transfer-to'`)
	w.scan("HM10001138Y")
	w.until("the card stands in the field", `document.getElementById('transfer-to').value === 'HM10001138Y'`)
	w.shows("member", "陈*")
}

func TestBrowserKeysMoveAmongLines(t *testing.T) {
	w := newBench(t).start().window().signedIn()
	w.scan(rice)
	w.scan(millet)
	w.shows("to-pay", "￥76.70")
	w.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.ArrowRight))
	w.shows("to-pay", "￥126.60")
	w.do(chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(kb.Delete))
	w.shows("to-pay", "￥99.80")
	w.do(chromedp.KeyEvent(kb.F4))
	w.until("the list of benefits is open", `document.getElementById('redeem').checkVisibility()`)
	w.do(chromedp.KeyEvent(kb.Escape))
	w.until("the list is closed", `!document.getElementById('redeem').checkVisibility()`)
}

func TestBrowserLanguageAndReloadKeepTheBasket(t *testing.T) {
	w := newBench(t).start().window().signedIn()
	w.scan(rice)
	w.shows("basket", "东北长粒香米")
	w.do(chromedp.Click("#menu-key"), chromedp.Click("#language"))
	w.shows("basket", "Northeast long-grain rice")
	w.shows("status", "Offline")
	w.ready()
	w.do(chromedp.Reload())
	w.shows("basket", "Northeast long-grain rice")
	w.shows("to-pay", "￥49.90")
}

func TestBrowserOutlivesARestart(t *testing.T) {
	b := newBench(t).start()
	w := b.window().signedIn()
	w.scan(rice)
	w.scan(chenJing)
	w.shows("member", "陈*")
	b.stop()
	w.until("the page says that the line is down", `!document.getElementById('away').hidden && document.getElementById('away').textContent.includes('连接中断')`)
	b.start()
	w.until("the page asks for the PIN again", `!!document.getElementById('pin')`)
	w.signedIn()
	w.shows("basket", "东北长粒香米")
	w.shows("member", "陈*")
	w.do(chromedp.KeyEvent(kb.F9))
	w.shows("message", "收款完成")
	if v := b.signedIn().view(); v.Last == nil || v.Last.Kind != ledger.KindSale {
		t.Errorf("after the restart the last action is %+v, want the sale", v.Last)
	}
}

// The line to the page may break while the terminal goes on.
func TestBrowserStreamComesBackByItself(t *testing.T) {
	b := newBench(t)
	wire := newWire(t)
	b.hosts = []string{wire.addr}
	b.start()
	real := b.addr
	wire.join(real)
	b.addr = wire.addr
	w := b.window().signedIn()
	w.scan(rice)
	w.shows("to-pay", "￥49.90")
	wire.cut()
	w.until("the page says that the line is down", `!document.getElementById('away').hidden`)
	b.addr = real
	b.signedIn().scan(millet) // from elsewhere, such as a scanner of the lane
	wire.join(real)
	w.shows("to-pay", "￥76.70")
	w.until("the page no longer says so", `document.getElementById('away').hidden`)
}

// The flow must fit a small screen, in both languages, and load nothing that
// the page's policy forbids.
func TestBrowserPageFitsAndKeepsItsPolicy(t *testing.T) {
	w := newBench(t).start().window()
	w.eval(`(window.broken = [], document.addEventListener('securitypolicyviolation', e => broken.push(e.violatedDirective)), true)`)
	w.signedIn()
	for range 2 {
		w.eval(`(window.broken = [], document.addEventListener('securitypolicyviolation', e => broken.push(e.violatedDirective)), true)`)
		for _, code := range []string{rice, millet, pot, chenJing} {
			w.scan(code)
		}
		w.shows("member", "陈*")
		for _, sum := range []string{
			`document.documentElement.scrollHeight <= 600`, `document.documentElement.scrollWidth <= 1024`, `broken.length === 0`,
			`document.getElementById('pay-exact').getBoundingClientRect().height >= 96`,
			`[...document.querySelectorAll('main button, main .card')].filter(e => e.checkVisibility()).every(e => e.getBoundingClientRect().bottom <= 600 && e.getBoundingClientRect().right <= 1024)`,
		} {
			if !w.eval(sum) {
				t.Errorf("at 1024×600 it is not true that %s", strings.TrimSpace(sum))
			}
		}
		w.do(chromedp.KeyEvent(kb.F5), chromedp.Click("#language"))
		w.shows("status", "line")
		w.ready()
	}
}
