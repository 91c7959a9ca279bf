package cashier

import (
	"fmt"
	"hash/fnv"
	"html"
	"net/http"
	"unicode/utf8"

	"github.com/jifen-pos/jifen/terminal/webui"
)

// tints are the grounds of drawn pictures, and the ink on them.
var tints = [][2]string{
	{"#dff0e4", "#0b5a3c"}, {"#fdebd3", "#7a3f00"}, {"#e2e9fb", "#1f3f86"}, {"#fbe0e4", "#8a1f3a"}, {"#ece6fb", "#4b2d94"}, {"#e0f1f4", "#0c5563"},
}

// benefit answers with a picture of a benefit: the one that the store has, else
// a tile with the first letter of its name. A page asks for it as for any asset.
func (s *Screen) benefit(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("benefit")
	b, ok := s.o.Till.Programme().Benefit(id)
	if !ok {
		s.o.Server.Reply(w, r, &webui.Fault{Status: http.StatusNotFound, Code: "unknown-benefit"})
		return
	}
	w.Header().Set("Cache-Control", "private, max-age=300")
	if s.o.Picture != nil {
		if kind, body := s.o.Picture(id); body != nil {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write(body)
			return
		}
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	_, _ = w.Write(tile(id, b.Name.In(s.o.Server.Lang(r))))
}

// tile draws the first letter of a name on a ground that goes with its id.
func tile(id, name string) []byte {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	tint := tints[h.Sum32()%uint32(len(tints))]
	first, _ := utf8.DecodeRuneInString(name)
	return fmt.Appendf(nil, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 72 72"><rect width="72" height="72" fill="%s"/><circle cx="58" cy="14" r="30" fill="%s" opacity=".08"/>`+
		`<text x="36" y="47" text-anchor="middle" font-family="Noto Sans CJK SC,WenQuanYi Micro Hei,sans-serif" font-size="32" font-weight="700" fill="%s">%s</text></svg>`,
		tint[0], tint[1], tint[1], html.EscapeString(string(first)))
}
