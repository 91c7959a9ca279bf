//go:build foreign

package cashier_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// finding is what axe-core says of a page.
type finding struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML string }
}

// axe runs axe-core on the page as it stands and reports what is serious.
func (w *window) axe(state string) {
	w.t.Helper()
	source, err := os.ReadFile(os.Getenv("JIFEN_AXE"))
	if err != nil {
		w.t.Fatalf("read axe-core, which scripts/foreign.sh installs: %v", err)
	}
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	said, err := chromedp.Run(ctx, chromedp.Evaluate[string](string(source)+
		`; axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']}).then(r => JSON.stringify(r.violations))`, chromedp.EvalAwaitPromise))
	w.b.check("run axe-core", err)
	var list []finding
	w.b.check("read axe-core's findings", json.Unmarshal([]byte(said), &list))
	for _, f := range list {
		if f.Impact == "serious" || f.Impact == "critical" {
			w.t.Errorf("%s: %s (%s): %s, at %d places such as %s", state, f.ID, f.Impact, f.Help, len(f.Nodes), f.Nodes[0].HTML)
		}
	}
}

// Every panel of the screen, and the customer's, without a serious finding.
func TestAxeFindsNothingSerious(t *testing.T) {
	b := newBench(t).start()
	w := b.window()
	w.axe("sign-in")
	w.signedIn()
	w.axe("empty")
	for _, code := range []string{rice, millet, chenJing} {
		w.scan(code)
	}
	w.shows("member", "陈*")
	w.axe("basket and member")
	for panel, id := range map[string]string{
		"redeem": "redeem", "use": "use", "about": "about", "papers": "papers", "tender": "tender", "parked": "parked", "return": "return", "join": "join", "menu": "menu", "day": "day",
	} {
		w.eval(`(document.body.dataset.open = '` + panel + `', true)`)
		w.until(panel+" is open", `document.getElementById('`+id+`').checkVisibility()`)
		w.axe(panel)
		w.do(chromedp.KeyEvent(kb.Escape))
	}
	w.do(chromedp.Navigate(b.url("/lane/1/customer")))
	w.shows("customer-main", "东北长粒香米")
	w.axe("customer")
}
