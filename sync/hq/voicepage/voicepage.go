// Package voicepage is the page of HQ's that the code on a receipt opens on a
// member's phone: surveys to answer, goods to review, an experience to share (caps M6
// and M8). Whoever has the receipt in hand has its code; nobody signs in. It keeps
// nothing and decides nothing.
package voicepage

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strconv"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/gifts"
	"github.com/jifen-pos/jifen/sync/hq/voice"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Path is where the page is.
const Path = "/receipt"

//go:embed asset
var assets embed.FS

//go:embed page.html
var text string

// Options are what the page is made of.
type Options struct {
	Server *webui.Server
	Look   func(func(*decision.Work) error) error
	Decide func(func(*decision.Work) error) error
	// Name is what goods are called; ok is false where that is not known.
	Name func(product string) (document.Text, bool)
}

// Page is the page.
type Page struct {
	o        Options
	template *template.Template
}

// Mount puts the page and its assets on a server.
func Mount(o Options) error {
	files, err := fs.Sub(assets, "asset")
	if err == nil {
		err = o.Server.AddAssets(files)
	}
	if err != nil {
		return fmt.Errorf("receipt page's assets: %w", err)
	}
	p := &Page{o: o}
	if p.template, err = template.New("page").Parse(text); err != nil {
		return fmt.Errorf("receipt page: %w", err)
	}
	o.Server.Open("GET "+Path, p.show)
	o.Server.Open("POST "+Path, p.say)
	return nil
}

// receipt reads which receipt is meant, and that the code is its own.
func (p *Page) receipt(id, code string) (r voice.Receipt, err error) {
	of, err := lot.ParseOrigin(id)
	if err != nil {
		return r, voice.ErrReceipt
	}
	err = p.o.Look(func(w *decision.Work) (err error) {
		r, err = voice.Open(w.Tx, of, code)
		return err
	})
	return r, err
}

// fault is an error as the member is told it.
func fault(err error) error {
	for _, known := range []error{voice.ErrReceipt, voice.ErrMember, voice.ErrSubject, voice.ErrAnswers, voice.ErrShort, voice.ErrAgain, voice.ErrLate} {
		if errors.Is(err, known) {
			return &webui.Fault{Status: http.StatusUnprocessableEntity, Code: known.Error()}
		}
	}
	return err
}

func (p *Page) show(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	sh := &sheet{Lang: p.o.Server.Lang(r), Receipt: q.Get("receipt"), Code: q.Get("code"), p: p}
	receipt, err := p.receipt(sh.Receipt, sh.Code)
	if err == nil {
		sh.Day = receipt.Day.String()
		err = p.o.Look(func(w *decision.Work) (err error) {
			if sh.Asks, err = voice.Asks(w, receipt); err == nil {
				sh.Goals, err = gifts.Goals(w, receipt.Member)
			}
			return err
		})
	}
	if f := fault(err); err != nil && f == err {
		p.o.Server.Reply(w, r, fmt.Errorf("show a receipt: %w", err))
		return
	} else if told, ok := f.(*webui.Fault); ok {
		sh.Fault = told.Code
	}
	var b bytes.Buffer
	if err := p.template.Execute(&b, sh); err != nil {
		p.o.Server.Reply(w, r, fmt.Errorf("show a receipt: %w", err))
		return
	}
	p.o.Server.HTML(w, b.Bytes())
}

func (p *Page) say(w http.ResponseWriter, r *http.Request) {
	names := []string{"receipt", "code", "what", "subject", "words"}
	for n := range ledger.AnswersMax {
		names = append(names, "q"+strconv.Itoa(n))
	}
	fields, err := webui.Fields(r, names...)
	if err != nil {
		p.o.Server.Reply(w, r, err)
		return
	}
	receipt, err := p.receipt(fields["receipt"], fields["code"])
	if err == nil {
		s := voice.Saying{What: fields["what"], Subject: fields["subject"], Words: fields["words"]}
		for n := range ledger.AnswersMax {
			option, err := strconv.ParseUint(fields["q"+strconv.Itoa(n)], 10, 8)
			if err != nil {
				break
			}
			s.Choices = append(s.Choices, ledger.Choice{Question: uint32(n), Option: uint32(option)})
		}
		err = p.o.Decide(func(w *decision.Work) error {
			_, err := voice.Say(w, receipt, s)
			return err
		})
	}
	p.o.Server.Reply(w, r, fault(err))
}

// sheet is what the template is filled from.
type sheet struct {
	Lang          string
	Receipt, Code string
	Day           string
	Asks          []voice.Ask
	Goals         []gifts.Goal
	Fault         string
	p             *Page
}

// Say gives a sentence in the sheet's language.
func (sh *sheet) Say(code string, values ...any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return sh.p.o.Server.Say(sh.Lang, code, texts...)
}

// Text is a text in the sheet's language.
func (sh *sheet) Text(t document.Text) string { return t.In(sh.Lang) }

// Asset is the URL of an asset.
func (sh *sheet) Asset(name string) (string, error) { return sh.p.o.Server.Asset(name) }

// Heading is what something is about.
func (sh *sheet) Heading(a voice.Ask) string {
	if a.Name != (document.Text{}) {
		return a.Name.In(sh.Lang)
	}
	if a.Subject == "" {
		return sh.Say("voice-experience")
	}
	if name, ok := sh.p.o.Name(a.Subject); ok {
		return sh.Say("voice-review", name.In(sh.Lang))
	}
	return sh.Say("voice-review", a.Subject)
}

// Reached is how far the member is with a goal, at most all of it.
func (*sheet) Reached(g gifts.Goal) int64 { return min(g.Have, g.Target) }

// Far is how far the member is with a goal, in words.
func (sh *sheet) Far(g gifts.Goal) string {
	amount := func(n int64) string {
		if g.Fen {
			return "¥" + lot.Fen(n).String()
		}
		return strconv.FormatInt(n, 10)
	}
	if g.Done() {
		return sh.Say("voice-goal-done")
	}
	return sh.Say("voice-goal-far", amount(g.Have), amount(g.Target), amount(g.Missing()))
}

// Stars are the answers to a question without answers of its own.
func (*sheet) Stars() []int { return []int{1, 2, 3, 4, 5} }

// Became is the word for what became of something said.
func (*sheet) Became(a voice.Ask) string {
	return [...]string{"", "voice-open", "voice-waits", "voice-granted", "voice-refused"}[a.Status]
}
