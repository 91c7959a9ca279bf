package cashier

import (
	"errors"
	"net/http"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// HeadHeader is the header of every answer to a till that calls: the entry that
// moved a right last, signed, as the text of an R code. A till on another
// machine keeps the newest one on its own disk. After the board was started it
// posts it to /lane/{lane}/witness, before anything else, and is told what came
// of it; so nothing waits for a scan of the slip.
const HeadHeader = "Jifen-Head"

// tellHead adds the header to an answer that follows. A till that is not told
// keeps the one before: then it proves nothing, and harms nothing.
func (s *Screen) tellHead(w http.ResponseWriter) {
	if code, err := s.o.Till.HeadCode(); err == nil && code != "" {
		w.Header().Set(HeadHeader, code)
	}
}

// testimony answers a till that told what it remembers.
type testimony struct {
	Verdict  clerk.Verdict // a word of the catalogue
	Sentence string
	Head     string // what to remember from now on
}

func (s *Screen) routeWitness() {
	s.at("POST /lane/{lane}/witness", func(w http.ResponseWriter, r *http.Request, by clerk.By, _ webui.Person) {
		fields, err := webui.Fields(r, "head")
		if err != nil {
			s.o.Server.Reply(w, r, err)
			return
		}
		verdict, _, err := s.o.Till.Testify(by, ledger.TillWitness, fields["head"])
		if errors.Is(err, clerk.ErrForeign) {
			err = &webui.Fault{Status: http.StatusUnprocessableEntity, Code: "witness-foreign"}
		}
		if err != nil {
			s.o.Server.Reply(w, r, s.fault(r, err))
			return
		}
		code, err := s.o.Till.HeadCode()
		if err != nil {
			s.o.Server.Reply(w, r, err)
			return
		}
		s.tellHead(w)
		s.o.Server.JSON(w, testimony{verdict, s.o.Server.Say(s.o.Server.Lang(r), string(verdict)), code})
	})
}
