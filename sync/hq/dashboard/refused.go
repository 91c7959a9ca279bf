package dashboard

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/quarantine"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Refused is what HQ was sent and did not believe.
type Refused interface {
	List() ([]book.Refusal, error)
	Piece(id ledger.TerminalID, number int64) (book.Refusal, error)
}

var _ Refused = quarantine.Room{}

// begins is how many bytes of a piece the page shows; the rest is for a download.
const begins = 48

// RefusedView is one piece as the page has it.
type RefusedView struct {
	book.Refusal
	Size   int
	Begins string // its first bytes, in hex
	Link   string // to all of them
}

// mountRefused serves a piece as it came to whoever has signed in: as a file,
// which no browser looks into.
func (d *Dashboard) mountRefused() {
	if d.o.Refused == nil {
		return
	}
	d.o.Server.Signed("GET /refused.json", func(w http.ResponseWriter, r *http.Request, _ webui.Person) {
		list, err := d.refused()
		if err != nil {
			d.o.Server.Reply(w, r, err)
			return
		}
		d.o.Server.JSON(w, list)
	})
	d.o.Server.Signed("GET /refused/{terminal}/{number}", func(w http.ResponseWriter, r *http.Request, _ webui.Person) {
		id, bad := strconv.ParseUint(r.PathValue("terminal"), 10, 32)
		number, worse := strconv.ParseInt(r.PathValue("number"), 10, 64)
		piece, err := d.o.Refused.Piece(ledger.TerminalID(id), number)
		switch {
		case bad != nil || worse != nil || errors.Is(err, book.ErrNotFound):
			d.o.Server.Reply(w, r, &webui.Fault{Status: http.StatusNotFound, Code: "no-refused"})
		case err != nil:
			d.o.Server.Reply(w, r, fmt.Errorf("show what was refused: %w", err))
		default:
			w.Header().Set("Content-Type", "application/octet-stream")
			w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=\"t%d-%d.bin\"", id, number))
			_, _ = w.Write(piece.Raw)
		}
	})
}

func (d *Dashboard) refused() ([]RefusedView, error) {
	if d.o.Refused == nil {
		return nil, nil
	}
	list, err := d.o.Refused.List()
	if err != nil {
		return nil, fmt.Errorf("list what was refused: %w", err)
	}
	out := make([]RefusedView, len(list))
	for i, r := range list {
		out[i] = RefusedView{r, len(r.Raw), hex.EncodeToString(r.Raw[:min(len(r.Raw), begins)]), fmt.Sprintf("/refused/%d/%d", r.Terminal, r.Number)}
		out[i].Raw = nil // it may be long: the link has it
	}
	return out, nil
}
