package webui

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
)

//go:embed signin.html
var signInHTML string

var signInPage = template.Must(template.New("signin").Parse(signInHTML))

// Gate is the sign-in page of a place.
type Gate struct {
	Heading string // such as the store and the lane
	Action  string // where the PIN is posted
}

// gate is what the sign-in page shows.
type gate struct {
	Gate
	Lang, Other string
	People      []Person
	s           *Server
}

// Say gives a sentence in the page's language.
func (g gate) Say(code string) string { return g.s.o.Say(g.Lang, code) }

// Asset is the URL of an asset.
func (g gate) Asset(name string) (string, error) { return g.s.Asset(name) }

// Title heads the page.
func (g gate) Title() string { return g.Say(g.s.o.Title) }

// Digits are the keys of the pad.
func (gate) Digits() []string { return []string{"1", "2", "3", "4", "5", "6", "7", "8", "9"} }

// TakePIN is where a gate's PIN is posted that leads to no lane.
func (s *Server) TakePIN(w http.ResponseWriter, r *http.Request) {
	fields, err := Fields(r, "person", "pin")
	if err == nil {
		_, err = s.SignIn(w, r, fields["person"], fields["pin"])
	}
	s.Reply(w, r, err)
}

// ShowSignIn answers with the sign-in page.
func (s *Server) ShowSignIn(w http.ResponseWriter, r *http.Request, g Gate) {
	view := gate{Gate: g, Lang: s.Lang(r), Other: "en", People: s.pins.ordered, s: s}
	if view.Lang == "en" {
		view.Other = "zh"
	}
	var b bytes.Buffer
	if err := signInPage.Execute(&b, view); err != nil {
		s.Reply(w, r, err)
		return
	}
	s.HTML(w, b.Bytes())
}
