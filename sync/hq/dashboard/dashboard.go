// Package dashboard is HQ's page of the fleet (cap H2): which terminal is
// there, what each still owes, and whether all points add up. The page is a
// projection of hq.Overview, and where somebody settles what waits for a person: HQ
// decides, this package keeps nothing but its last answers.
package dashboard

import (
	"bytes"
	"context"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/dashboard/page"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/standby"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// every is how often the page is looked at without a change, for the ages.
const every = time.Second

// HQ is what the dashboard asks for.
type HQ interface {
	Overview() (hq.Overview, error)
}

var _ HQ = (*hq.HQ)(nil)

// Options are what the dashboard is made of.
type Options struct {
	Server  *webui.Server
	Hub     *webui.Hub // woken when HQ's book or a presence has changed
	HQ      HQ
	Draws   Draws               // nil: nothing is published here
	Refused Refused             // nil: it is not shown
	Settle  Settler             // nil: nothing is settled here
	Store   func() standby.Seen // nil: the book is no server's
	Silent  func() error        // why HQ has nothing to say, or nil
}

// Dashboard is HQ's page of the fleet.
type Dashboard struct {
	o         Options
	templates *template.Template
	choices   choices
}

// Mount puts the dashboard's routes and assets on its server.
func Mount(o Options) (*Dashboard, error) {
	d := &Dashboard{o: o}
	var err error
	if d.templates, err = o.Server.Dress(page.Assets, page.Templates); err != nil {
		return nil, fmt.Errorf("dashboard's page: %w", err)
	}
	o.Server.Open("GET /{$}", d.show)
	o.Server.Open("GET /readyz", d.ready)
	o.Server.Open("POST /signin", o.Server.TakePIN)
	o.Server.Signed("POST /signout", func(w http.ResponseWriter, r *http.Request, _ webui.Person) {
		o.Server.SignOut(w, r)
		o.Server.Reply(w, r, nil)
	})
	o.Server.Signed("GET /stream", d.stream)
	o.Server.Signed("GET /overview.json", d.overviewJSON)
	d.mountDraws()
	d.mountRefused()
	d.mountSettle()
	return d, nil
}

// show answers with the page, or with the sign-in.
func (d *Dashboard) show(w http.ResponseWriter, r *http.Request) {
	p, ok := d.o.Server.Who(r)
	lang := d.o.Server.Lang(r)
	if !ok {
		d.o.Server.ShowSignIn(w, r, webui.Gate{Heading: d.o.Server.Say(lang, "hq-heading"), Action: "/signin"})
		return
	}
	sh, err := d.sheet(p, lang)
	if err != nil {
		d.o.Server.Reply(w, r, fmt.Errorf("show fleet: %w", err))
		return
	}
	var b bytes.Buffer
	if err := d.templates.ExecuteTemplate(&b, "page", sh); err != nil {
		d.o.Server.Reply(w, r, fmt.Errorf("show fleet: %w", err))
		return
	}
	d.o.Server.HTML(w, b.Bytes())
}

// fragments are the parts of the page that the stream renews.
var fragments = []string{"store", "counts", "terminals", "totals", "recent", "conflicts", "settling", "alarms", "refused"}

// stream sends the page's fragments as they change, and looks every second:
// ages change by themselves.
func (d *Dashboard) stream(w http.ResponseWriter, r *http.Request, p webui.Person) {
	lang := d.o.Server.Lang(r)
	d.o.Server.Stream(w, r, webui.Feed{Hub: d.o.Hub, Every: every, Render: func(context.Context) ([]webui.Fragment, error) {
		sh, err := d.sheet(p, lang)
		if err != nil {
			return nil, err
		}
		return webui.Draw(d.templates, fragments, sh)
	}})
}

func (d *Dashboard) overviewJSON(w http.ResponseWriter, r *http.Request, _ webui.Person) {
	o, err := d.o.HQ.Overview()
	if err != nil {
		d.o.Server.Reply(w, r, fmt.Errorf("show fleet: %w", err))
		return
	}
	d.o.Server.JSON(w, o)
}
