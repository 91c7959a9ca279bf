package cashier_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// hand works the screen as one person does: with the keys alone or by touch
// alone. It presses what the page shows, where it shows it.
type hand struct {
	*window
	keys bool
}

// named are the keys that the page names.
var named = map[string]string{
	"F1": kb.F1, "F2": kb.F2, "F3": kb.F3, "F4": kb.F4, "F5": kb.F5, "F6": kb.F6, "F7": kb.F7, "F8": kb.F8, "F9": kb.F9, "F10": kb.F10,
	"Insert": kb.Insert, "Home": kb.Home, "End": kb.End, "PageUp": kb.PageUp, "PageDown": kb.PageDown, "Delete": kb.Delete, "Escape": kb.Escape,
	"ArrowRight": kb.ArrowRight, "ArrowLeft": kb.ArrowLeft,
}

// text reads something off the page.
func (w *window) text(js string) string {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[string](js))
	w.b.check("read "+js, err)
	return v
}

// key presses a key by the name that the page gives it.
func (h hand) key(name string) {
	h.t.Helper()
	last, shifted := strings.CutPrefix(name, "Shift+")
	code, ok := named[last]
	if !ok {
		h.t.Fatalf("the page names a key %q that no keyboard has", name)
	}
	if shifted {
		h.do(chromedp.KeyEvent(code, chromedp.KeyModifiers(chromedp.ModifierShift)))
		return
	}
	h.do(chromedp.KeyEvent(code))
}

// press presses a button: by the key that stands on it, or where it is. A
// button without a key is no button to a keyboard.
func (h hand) press(what string) {
	h.t.Helper()
	h.until(what+" can be pressed", fmt.Sprintf(`(e => !!e && e.checkVisibility() && !e.disabled && !e.closest('[inert]'))(document.querySelector(%q))`, what))
	if h.keys {
		h.key(h.text(fmt.Sprintf(`document.querySelector(%q).dataset.key ?? ''`, what)))
		return
	}
	h.touch(what)
}

// touch touches the middle of an element, whatever lies on top there.
func (h hand) touch(what string) {
	h.t.Helper()
	h.until("there is "+what, fmt.Sprintf(`!!document.querySelector(%q)`, what))
	at := h.text(fmt.Sprintf(`(e => { e.scrollIntoView({ block: 'nearest' }); const r = e.getBoundingClientRect(); return (r.left + r.width / 2) + ' ' + (r.top + r.height / 2) })(document.querySelector(%q))`, what))
	var x, y float64
	_, err := fmt.Sscan(at, &x, &y)
	h.b.check("find "+what, err)
	h.do(chromedp.MouseClickXY(x, y))
}

// row presses a key of a list's row.
func (h hand) row(row, key string) {
	h.t.Helper()
	if !h.keys {
		h.touch(row + ` [data-rowkey="` + key + `"]`)
		return
	}
	for range 100 {
		if h.eval(fmt.Sprintf(`document.activeElement.matches(%q)`, row)) {
			h.key(key)
			return
		}
		h.do(chromedp.KeyEvent(kb.ArrowDown))
	}
	h.t.Fatalf("the keys do not lead to %s", row)
}

// panel opens a panel, and away closes it.
func (h hand) panel(name string) {
	h.t.Helper()
	h.press(`[data-panel="` + name + `"]`)
	h.until("the panel is open", fmt.Sprintf(`document.body.dataset.open === %q`, name))
}

func (h hand) away(name string) {
	h.t.Helper()
	if h.keys {
		h.key("Escape")
	} else {
		h.touch("#" + name + " .shut")
	}
	h.closed()
}

func (h hand) closed() {
	h.t.Helper()
	h.until("no panel is open", `document.body.dataset.open === undefined`)
}

// figure gives a figure into a field of the open panel, which must be empty.
func (h hand) figure(id, figure string) {
	h.t.Helper()
	h.until(id+" is empty", fmt.Sprintf(`document.getElementById(%q)?.value === ''`, id))
	if h.keys {
		h.until(id+" has the focus", fmt.Sprintf(`document.activeElement.id === %q`, id))
		h.slowly(figure)
	} else {
		pad := fmt.Sprintf(`[data-into="%s"]`, id)
		if !h.eval(fmt.Sprintf(`!!document.querySelector(%q)`, pad)) { // the panel's, for the field that was touched last
			h.touch("#" + id)
			pad = ".panel:has(#" + id + `) [data-into=""]`
		}
		for _, d := range figure {
			h.touch(fmt.Sprintf(`%s[data-digit="%c"]`, pad, d))
		}
	}
	h.until(id+" holds it", fmt.Sprintf(`document.getElementById(%q).value === %q`, id, figure))
}

// slowly types as a person does, so that no scanner is taken for it.
func (h hand) slowly(text string) {
	h.t.Helper()
	h.gap(0)
	h.do(chromedp.KeyEvent(text))
	h.gap(1)
}

// send sends the form in which the focus is.
func (h hand) send(button string) {
	h.t.Helper()
	if h.keys {
		h.do(chromedp.KeyEvent(kb.Enter))
		return
	}
	h.touch(button)
}

// hears does something and waits until the screen has said what came of it.
func (h hand) hears(sentence string, act func()) {
	h.t.Helper()
	before := h.text(`document.body.dataset.told`)
	act()
	h.until("the screen says "+sentence, fmt.Sprintf(`document.body.dataset.told !== %q && document.getElementById('message').textContent.includes(%q)`, before, sentence))
}

// code gives a code: with the keys as a scanner of that kind does, else by the
// scanner on the lane's serial line, which needs no hand.
func (h hand) code(code, sentence string) {
	h.t.Helper()
	h.hears(sentence, func() {
		if h.keys {
			h.scan(code)
			return
		}
		h.b.serial.Send([]byte(code + "\r\n"))
	})
}

// tab goes from field to field.
func (h hand) tab(to string) {
	h.t.Helper()
	for range 40 {
		if h.eval(fmt.Sprintf(`document.activeElement.id === %q`, to)) {
			return
		}
		h.do(chromedp.KeyEvent(kb.Tab))
	}
	h.t.Fatalf("the Tab key does not lead to %s", to)
}
