package cashier_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestATillThatCallsIsTheWitness remembers the head that it was told, and after
// a start without power nothing waits once it has told it back.
func TestATillThatCallsIsTheWitness(t *testing.T) {
	b := newBench(t).start()
	c := b.signedIn()
	c.scan(chenJing, pot)
	c.want("/lane/1/pay", `{"ref":"`+c.view().Ref+`","card":"198.00"}`, http.StatusNoContent)
	r, err := c.Get(b.url("/lane/1/view.json"))
	b.check("get the view", err)
	r.Body.Close()
	seen := r.Header.Get("Jifen-Head")
	if !strings.HasPrefix(seen, "JF1.R.") {
		t.Fatalf("Jifen-Head = %q, want the signed head", seen)
	}
	b.stop()
	b.head = nil
	b.start()
	c = b.signedIn()
	if !c.view().Ledger.Waiting {
		t.Error("nothing waits after a start without power")
	}
	if _, page := c.get("/"); !strings.Contains(page, `id="slip-wanted"`) || !strings.Contains(page, "请扫描日结单") {
		t.Error("the page does not ask for the slip")
	}
	body, err := json.Marshal(map[string]string{"head": seen})
	b.check("write the head", err)
	got := c.want("/lane/1/witness", string(body), http.StatusOK)
	if !strings.Contains(got, "witness-freed") || c.view().Ledger.Waiting {
		t.Errorf("answer = %s, waiting %v; want what waited freed", got, c.view().Ledger.Waiting)
	}
	c.want("/lane/1/witness", `{"head":"JF1.R.NOTHING"}`, http.StatusUnprocessableEntity)
}
