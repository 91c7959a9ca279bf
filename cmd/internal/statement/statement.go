// Package statement writes everything in a ledger that touched a member, as the
// answer to a complaint (cap F4). It only reads.
package statement

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"time"

	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/words"
)

// The forms in which a member's history is written.
const (
	Text = "text"
	JSON = "json"
	HTML = "html" // a document to be printed
)

//go:embed statement.html
var statementPage string

// History writes everything in a ledger that touched a member, in a form and a
// language of the catalogue.
func History(path string, who member.ID, lang, form string, out io.Writer) (err error) {
	store, err := boltstore.OpenRead(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	s, err := audit.History(store, store.Terminal(), who)
	if err != nil {
		return err
	}
	switch form {
	case JSON:
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(s)
	case HTML:
		return statementHTML(s, lang, out)
	case Text:
		return statementText(s, lang, out)
	}
	return fmt.Errorf("form %q: it is text, json or html", form)
}

func statementText(s audit.Statement, lang string, out io.Writer) error {
	w := &writer{out: out}
	w.line("%s", words.In(lang, "history-of", s.Member, s.Terminal, fmt.Sprint(len(s.Events))))
	w.line("%s", words.In(lang, "history-read-to", s.Head))
	for _, a := range s.Aliases {
		w.line("%s", words.In(lang, "history-alias", a))
	}
	for _, e := range s.Events {
		w.line("\n%s  %s  %s  %s %s", e.At.Format(time.RFC3339), words.In(lang, e.Kind), e.Entry, e.Programme, e.Actor)
		if e.Code != "" {
			w.line("    %s", words.In(lang, "history-declined", words.In(lang, e.Code)))
		}
		for _, say := range e.Says {
			w.line("    %s", words.In(lang, say.Code, say.Args...))
		}
		for _, m := range e.Moves {
			w.line("    %-22s %8d  %s → %s  %s", m.Asset, m.Amount, words.In(lang, m.From), words.In(lang, m.To), m.Lot)
		}
		for _, b := range e.After {
			w.line("    %-22s %8s = %d", b.Asset, "", b.Amount)
		}
	}
	w.line("\n%s", words.In(lang, "history-now"))
	for _, b := range s.Balances {
		w.line("    %-22s %8d", b.Asset, b.Amount)
	}
	return w.err
}

// writer keeps the first error.
type writer struct {
	out io.Writer
	err error
}

func (w *writer) line(format string, values ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, format+"\n", values...)
	}
}

func statementHTML(s audit.Statement, lang string, out io.Writer) error {
	page, err := template.New("statement").Funcs(template.FuncMap{
		"word": func(code string, args ...string) string { return words.In(lang, code, args...) },
		"say":  func(x audit.Say) string { return words.In(lang, x.Code, x.Args...) },
		"time": func(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") },
		"lang": func() string { return lang },
	}).Parse(statementPage)
	if err != nil {
		return err
	}
	return page.Execute(out, s)
}
