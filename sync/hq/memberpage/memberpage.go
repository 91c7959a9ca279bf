// Package memberpage is the page of HQ's where a member sees, on their own phone,
// what they have and where it lies, shows a pass that lives minutes, and fetches
// points for a till that has no line (caps M2 and M10). Who has the card and knows
// its phone number is let in. It keeps nothing and decides nothing.
package memberpage

import (
	"bytes"
	"crypto/ed25519"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/asking"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/token"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Path is where the page is.
const Path = "/member"

// PassMinutes is how long a pass is good.
const PassMinutes = 5

//go:embed asset
var assets embed.FS

//go:embed page.html
var text string

// Options are what the page is made of.
type Options struct {
	Server *webui.Server
	Look   func(func(*decision.Work) error) error
	Decide func(func(*decision.Work) error) error
	// Down lists HQ's journal for a terminal after a number, once all of it is safe.
	Down     func(ledger.TerminalID, ledger.DownSeq) ([][]byte, error)
	Key      ed25519.PrivateKey // HQ's: it signs passes
	Secret   []byte             // that cookies are made with
	PhoneKey []byte
	Members  func() *roll.Members
	QR       func(text string) string // as SVG
	Now      func() time.Time
}

// Page is the page.
type Page struct {
	o        Options
	template *template.Template
	brake    brake
}

// Mount puts the page and its assets on a server.
func Mount(o Options) error {
	files, err := fs.Sub(assets, "asset")
	if err == nil {
		err = o.Server.AddAssets(files)
	}
	if err != nil {
		return fmt.Errorf("member page's assets: %w", err)
	}
	p := &Page{o: o, brake: brake{of: map[string]tried{}}}
	if p.template, err = template.New("page").Parse(text); err != nil {
		return fmt.Errorf("member page: %w", err)
	}
	o.Server.Open("GET "+Path, p.show)
	o.Server.Open("POST "+Path+"/in", p.in)
	o.Server.Open("POST "+Path+"/out", p.out)
	o.Server.Open("POST "+Path+"/carry", p.carry)
	return nil
}

// fault is an error as the member is told it.
func fault(err error) error {
	for _, known := range []error{asking.ErrChallenge, asking.ErrUsed, asking.ErrEnded, asking.ErrNothing} {
		if errors.Is(err, known) {
			return &webui.Fault{Status: http.StatusUnprocessableEntity, Code: known.Error()}
		}
	}
	return err
}

func (p *Page) show(w http.ResponseWriter, r *http.Request) {
	sh := &sheet{Lang: p.o.Server.Lang(r), Till: r.URL.Query().Get("till"), p: p}
	var err error
	if who, ok := p.who(r); ok {
		err = p.fill(sh, who)
	}
	var b bytes.Buffer
	if err == nil {
		err = p.template.Execute(&b, sh)
	}
	if err != nil {
		p.o.Server.Reply(w, r, fmt.Errorf("show a member's page: %w", err))
		return
	}
	p.o.Server.HTML(w, b.Bytes())
}

// fill is what a member sees who was let in.
func (p *Page) fill(sh *sheet, who member.ID) error {
	pass, err := token.SealPass(token.Pass{Member: who, IssuedMinute: uint32(p.o.Now().Unix() / 60), Minutes: PassMinutes}, p.o.Key)
	if err != nil {
		return err
	}
	sh.Pass, sh.Name = template.HTML(p.o.QR(pass)), who.String()
	if person, ok := p.o.Members().ByID(who); ok {
		sh.Name = person.Name
	}
	var at asking.Carried
	err = p.o.Look(func(w *decision.Work) (err error) {
		if sh.Kinds, err = Kinds(w, who); err != nil || sh.Till == "" {
			return err
		}
		at, err = asking.Given(w, who, sh.Till)
		return err
	})
	if f := (*webui.Fault)(nil); errors.As(fault(err), &f) {
		sh.Fault, err = f.Code, nil
	}
	if err != nil || at.Seq == 0 {
		return err
	}
	codes, err := p.codes(at)
	for _, code := range codes {
		sh.Codes = append(sh.Codes, template.HTML(p.o.QR(code)))
	}
	return err
}

// codes are those in which a phone carries an entry of HQ's journal for a terminal.
func (p *Page) codes(at asking.Carried) ([]string, error) {
	raws, err := p.o.Down(at.Terminal, at.Seq-1)
	if err != nil || len(raws) == 0 {
		return nil, err
	}
	return token.Carry(raws[0])
}

// carry commits a note for the till whose challenge the phone has read.
func (p *Page) carry(w http.ResponseWriter, r *http.Request) {
	fields, err := webui.Fields(r, "till")
	who, ok := p.who(r)
	if err == nil && !ok {
		err = &webui.Fault{Status: http.StatusUnauthorized, Code: "sign-in-needed"}
	}
	if err == nil {
		err = p.o.Decide(func(w *decision.Work) error {
			_, err := asking.ByHand(w, who, fields["till"])
			return err
		})
	}
	p.o.Server.Reply(w, r, fault(err))
}

// sheet is what the template is filled from.
type sheet struct {
	Lang  string
	Name  string // "" for nobody
	Pass  template.HTML
	Kinds []Kind
	Till  string          // a challenge that the phone has read
	Codes []template.HTML // that answer it
	Fault string
	p     *Page
}

// Say gives a sentence in the sheet's language.
func (sh *sheet) Say(code string, values ...any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return sh.p.o.Server.Say(sh.Lang, code, texts...)
}

// Minutes is how long a pass is good.
func (*sheet) Minutes() int { return PassMinutes }

// Fresh is after how many seconds the page is fetched again, with another pass.
func (*sheet) Fresh() int { return (PassMinutes - 1) * 60 }

// Nth counts from 1.
func (*sheet) Nth(n int) int { return n + 1 }

// Asset is the URL of an asset.
func (sh *sheet) Asset(name string) (string, error) { return sh.p.o.Server.Asset(name) }
