//go:build foreign

package cashier_test

import (
	"context"
	"encoding/json"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/lot"
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

var by = clerk.By{Lane: 1, Actor: "li"}

// Every panel of the screen, and the customer's, without a serious finding.
func TestAxeFindsNothingSerious(t *testing.T) {
	b := newBench(t)
	b.festive = true
	b.start()
	b.fair()
	b.household(b.who(chenJing), b.who("HM10001138Y"), 3000, 5000)
	b.give(lot.Lot{Owner: b.who(chenJing), Asset: "points:consumption", Amount: 500, Expires: 30_000})
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
		"play": "play", "family": "family", "care": "care", "attend": "attend", "adjust": "adjust", "step-up": "step-up",
	} {
		w.eval(`(document.body.dataset.open = '` + panel + `', true)`)
		w.until(panel+" is open", `document.getElementById('`+id+`').checkVisibility()`)
		w.axe(panel)
		w.do(chromedp.KeyEvent(kb.Escape))
	}
	b.check("look up", b.counter.LookUpSale(by, "t2/0000000000000009/3"))
	w.until("the claim is up", `document.getElementById('claiming').checkVisibility()`)
	w.axe("claiming")
	b.check("put away", b.counter.PutClaimAway(by))
	w.do(chromedp.Navigate(b.url("/lane/1/customer")))
	w.shows("customer-main", "东北长粒香米")
	w.axe("customer")
	b.check("offer", b.counter.OfferPlay(by, "spring"))
	w.until("the game is offered", `document.getElementById('begin')?.checkVisibility()`)
	w.axe("game offered")
	_, err := b.counter.Begin(1)
	b.check("begin", err)
	w.until("the play is shown", `document.getElementById('customer-draw').matches('.stands')`)
	w.axe("play shown")
	b.check("ask", b.counter.AskSurvey(by, "service-here"))
	w.until("a question is asked", `!!document.querySelector('.scale')?.checkVisibility()`)
	w.axe("survey")
}
