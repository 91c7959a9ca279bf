package dashboard_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// room keeps one piece.
type room struct{}

var piece = book.Refusal{Terminal: 2, Number: 1, At: now, Why: "signature <b>does not match</b>", Raw: []byte("\x00<script>")}

func (room) List() ([]book.Refusal, error) { return []book.Refusal{piece}, nil }

func (room) Piece(id ledger.TerminalID, number int64) (book.Refusal, error) {
	if id != piece.Terminal || number != piece.Number {
		return book.Refusal{}, book.ErrNotFound
	}
	return piece, nil
}

func TestWhatWasRefusedIsShownAndNeverRun(t *testing.T) {
	b := newBench(t)
	for _, path := range []string{"/refused/2/1", "/refused.json"} {
		if status, _ := b.get(path); status != http.StatusUnauthorized {
			t.Errorf("GET %s by a stranger = %d, want 401", path, status)
		}
	}
	b.signedIn()
	_, page := b.get("/")
	if !strings.Contains(page, "signature &lt;b&gt;does not match") || !strings.Contains(page, "003c7363726970743e") || !strings.Contains(page, `href="/refused/2/1"`) {
		t.Errorf("the page does not show why, how the piece begins, and where it is:\n%s", page)
	}
	r, err := b.Get("http://" + b.server.Addr() + "/refused/2/1")
	b.check("get piece", err)
	_ = r.Body.Close()
	if kind, how := r.Header.Get("Content-Type"), r.Header.Get("Content-Disposition"); kind != "application/octet-stream" || !strings.HasPrefix(how, "attachment") {
		t.Errorf("the piece comes as %q, %q; want a file that no browser opens", kind, how)
	}
	if _, got := b.get("/refused/2/1"); got != string(piece.Raw) {
		t.Errorf("the piece is %q, want it as it came", got)
	}
	for _, path := range []string{"/refused/2/2", "/refused/x/1", "/refused/-1/1"} {
		if status, _ := b.get(path); status != http.StatusNotFound {
			t.Errorf("GET %s = %d, want 404", path, status)
		}
	}
}
