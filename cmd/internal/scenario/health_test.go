package scenario_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/words"
)

// What jifen devices tells stands on the health page too, for who has signed in:
// what is set up, what is plugged in, what was read, and how a test page fared.
func TestHealthPageTellsOfDevices(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := freeAddress(t)
	w.set.printer = fmt.Sprintf("kind = \"tcp\"\naddress = %q\nprofile = \"generic58\"\n", address)
	w.openTill()
	if gate := w.page("/health", false); strings.Contains(gate, "counter") || !strings.Contains(gate, `action="/health/signin"`) {
		t.Errorf("to a stranger the health page says %s, want the sign-in", gate)
	}
	const card, payment = "HM100020974", "134567890123456789"
	w.scan(card)
	w.scan(payment)
	w.scan(rice)
	page := w.page("/health", true)
	for _, want := range []string{rice, "counter", "Scanner", words.In("en", "payment-code"), "plugged in"} {
		if !strings.Contains(page, want) {
			t.Errorf("the health page lacks %q:\n%s", want, page)
		}
	}
	for _, secret := range []string{card, payment} {
		if strings.Contains(page, secret) {
			t.Errorf("the health page shows %s in full", secret)
		}
	}
	w.at.must("/health/test-print")
	eventually(t, "the test page's fault", func() (any, bool) {
		page := w.page("/health", true)
		return page, strings.Contains(page, `id="tried" class="bad"`) && strings.Contains(page, "The printer cannot be reached")
	})
	papers := w.printerAppears(address)
	w.at.must("/health/test-print")
	eventually(t, "the test page", func() (any, bool) {
		page := w.page("/health", true)
		return page, strings.Contains(page, `id="tried" class="good"`) && len(papers()) == 1 && strings.Contains(papers()[0], "测试页 TEST")
	})
	if v := w.at.view(); len(v.Jobs) != 0 {
		t.Errorf("a test page left the jobs %+v, want none", v.Jobs)
	}
}
