// Package health is the page on which an installer, or whoever is asked on the
// telephone, sees how a terminal is: its line to HQ, its clock, its devices,
// what is plugged in and how to name it in the settings, and what the scanners
// read. It is a projection of Facts: this package opens no device and keeps
// nothing.
package health

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"github.com/jifen-pos/jifen/terminal/health/page"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Facts are how a terminal is.
type Facts struct {
	Terminal string
	Store    programme.Text
	Software string
	Online   bool
	Backlog  uint64    // entries that HQ does not have
	Oldest   time.Time // of them
	Clock    ledger.Clock
	Devices  []Device
	Printer  bool // there is one that a test page can be printed on
	Trial    Trial
	Plugged  []Plugged
	Scans    []Scan // newest first
}

// Device is one that the settings name.
type Device struct {
	Lane uint32 // 0 where it serves all
	Kind string
	Name string
	OK   bool
	Says programme.Text
}

// Trial is what came of the newest test page.
type Trial struct {
	Running bool
	OK      bool
	Says    programme.Text
}

// Plugged is a device that the kernel shows.
type Plugged struct {
	Class, Node, Name string
	Setting           string // what to write into the settings for it
	Hint              programme.Text
	Can               programme.Text
	Wrong             []programme.Text
}

// Scan is one scan as the till took it. Text names no person and is no money.
type Scan struct {
	At      time.Time
	Lane    uint32
	AIM     string
	Kind    programme.Text
	Text    string
	Parts   []string
	Repeat  bool // within the window in which a code is taken once
	Refused programme.Text
}

// Options are what the page is made of.
type Options struct {
	Server    *webui.Server
	Hub       *webui.Hub // woken when a fact has changed
	Facts     func() (Facts, error)
	TestPrint func(webui.Person) error // begins to print a test page
}

// every is how often the page looks without a change: a program may take a device.
const every = 5 * time.Second

// Page is the health page.
type Page struct {
	o         Options
	templates *template.Template
}

// Mount puts the page's routes and assets on its server.
func Mount(o Options) (*Page, error) {
	p := &Page{o: o}
	var err error
	if p.templates, err = o.Server.Dress(page.Assets, page.Templates); err != nil {
		return nil, fmt.Errorf("health page: %w", err)
	}
	o.Server.Open("GET /health", p.show)
	o.Server.Open("POST /health/signin", o.Server.TakePIN)
	o.Server.Signed("GET /health/stream", p.stream)
	o.Server.Signed("POST /health/test-print", func(w http.ResponseWriter, r *http.Request, who webui.Person) {
		o.Server.Reply(w, r, o.TestPrint(who))
	})
	return p, nil
}

// show answers with the page, or with the sign-in.
func (p *Page) show(w http.ResponseWriter, r *http.Request) {
	who, ok := p.o.Server.Who(r)
	lang := p.o.Server.Lang(r)
	if !ok {
		p.o.Server.ShowSignIn(w, r, webui.Gate{Heading: p.o.Server.Say(lang, "health-title"), Action: "/health/signin"})
		return
	}
	facts, err := p.o.Facts()
	var b bytes.Buffer
	if err == nil {
		err = p.templates.ExecuteTemplate(&b, "page", &sheet{facts, who, lang, p.o.Server})
	}
	if err != nil {
		p.o.Server.Reply(w, r, fmt.Errorf("show health: %w", err))
		return
	}
	p.o.Server.HTML(w, b.Bytes())
}

// fragments are the parts of the page that the stream renews.
var fragments = []string{"terminal", "devices", "scans", "plugged"}

func (p *Page) stream(w http.ResponseWriter, r *http.Request, who webui.Person) {
	lang := p.o.Server.Lang(r)
	p.o.Server.Stream(w, r, webui.Feed{Hub: p.o.Hub, Every: every, Render: func(context.Context) ([]webui.Fragment, error) {
		facts, err := p.o.Facts()
		if err != nil {
			return nil, err
		}
		return webui.Draw(p.templates, fragments, &sheet{facts, who, lang, p.o.Server})
	}})
}
