package scenario_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/cashier"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
)

// Who works in all scenarios.
const (
	person = "c1"
	pin    = "246810"
)

// browser is somebody at a page: it posts commands as the page does.
type browser struct {
	t    testing.TB
	base string
	http *http.Client
}

func newBrowser(t testing.TB, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatalf("cookie jar: %v", err)
	}
	b := &browser{t: t, base: base, http: &http.Client{Jar: jar, Timeout: 20 * time.Second, Transport: &http.Transport{}}}
	t.Cleanup(b.http.CloseIdleConnections)
	b.must("/language", "lang", "en")
	return b
}

// answer is what a command came to: no code means that it was done.
type answer struct {
	Status   int
	Code     string
	Sentence string
}

func (a answer) done() bool { return a.Status == http.StatusNoContent }

// post sends a command with the given names and values in turn.
func (b *browser) post(path string, pairs ...string) (answer, error) {
	body := fieldsOf(pairs)
	resp, err := b.http.Post(b.base+path, "application/json", bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	a := answer{Status: resp.StatusCode}
	raw, err := io.ReadAll(resp.Body)
	if err == nil && len(raw) > 0 {
		err = json.Unmarshal(raw, &a)
	}
	return a, err
}

func fieldsOf(pairs []string) []byte {
	fields := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fields[pairs[i]] = pairs[i+1]
	}
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err) // texts can always be written
	}
	return body
}

// must sends a command that is to be done.
func (b *browser) must(path string, pairs ...string) {
	b.t.Helper()
	if a, err := b.post(path, pairs...); err != nil || !a.done() {
		b.t.Fatalf("POST %s %q = %+v, %v; want it done", path, pairs, a, err)
	}
}

// refused sends a command that is to be refused with a code, and returns the
// sentence.
func (b *browser) refused(code, path string, pairs ...string) string {
	b.t.Helper()
	a, err := b.post(path, pairs...)
	if err != nil || a.Code != code || a.Sentence == "" {
		b.t.Fatalf("POST %s %q = %+v, %v; want it refused as %s, with a sentence", path, pairs, a, err, code)
	}
	return a.Sentence
}

// get reads a page's state.
func (b *browser) get(path string, into any) {
	b.t.Helper()
	resp, err := b.http.Get(b.base + path)
	if err != nil {
		b.t.Fatalf("GET %s: %v", path, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b.t.Fatalf("GET %s = %s, want 200", path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		b.t.Fatalf("GET %s: %v", path, err)
	}
}

// view is what a lane's screen shows.
type view struct {
	till.View
	JobIDs   []uint64
	Sentence string
	Devices  []cashier.DeviceView
	Papers   []cashier.PaperView
}

// here is how many points of a kind the member on the sale can use at once.
func (v view) here(asset lot.Asset) lot.Amount { return v.points(asset).Here }

func (v view) points(asset lot.Asset) till.PointsView {
	if v.Member != nil {
		for _, p := range v.Member.Points {
			if p.Asset == asset {
				return p
			}
		}
	}
	return till.PointsView{Asset: asset}
}

// device is the first device of a kind.
func (v view) device(kind string) cashier.DeviceView {
	for _, d := range v.Devices {
		if d.Kind == kind {
			return d
		}
	}
	return cashier.DeviceView{Kind: kind}
}

// short is the part of a view that a failure shows.
func (v view) short() string {
	return fmt.Sprintf("message %q (%s), %d lines, to pay %s, member %+v, ledger %+v, %d jobs, devices %+v",
		v.Sentence, v.Message.Code, len(v.Lines), v.Quote.ToPay, v.Member, v.Ledger, len(v.Jobs), v.Devices)
}

// screen is the cashier at lane 1.
type screen struct{ *browser }

func signIn(t testing.TB, base string) screen {
	t.Helper()
	s := screen{newBrowser(t, base)}
	s.must("/lane/1/signin", "person", person, "pin", pin)
	return s
}

func (s screen) do(command string, pairs ...string) {
	s.t.Helper()
	s.must("/lane/1/"+command, pairs...)
}

func (s screen) view() view {
	s.t.Helper()
	var v view
	s.get("/lane/1/view.json", &v)
	return v
}

// sees waits until the screen shows something.
func (s screen) sees(what string, ok func(view) bool) view {
	s.t.Helper()
	var v view
	eventually(s.t, what, func() (any, bool) {
		v = s.view()
		return v.short(), ok(v)
	})
	return v
}

// desk is somebody at HQ's dashboard.
type desk struct{ *browser }

func signInHQ(t testing.TB, base string) desk {
	t.Helper()
	d := desk{newBrowser(t, base)}
	d.must("/signin", "person", person, "pin", pin)
	return d
}

// overview is what the dashboard shows; the zone is only for its own use.
type overview struct {
	Terminals []hq.TerminalView
	Totals    []hq.TotalView
	Recent    []hq.EntryView
	Alarms    []book.Alarm
}

func (d desk) overview() overview {
	d.t.Helper()
	var o overview
	d.get("/overview.json", &o)
	return o
}

// sees waits until the dashboard shows something of the first terminal.
func (d desk) sees(what string, ok func(hq.TerminalView) bool) {
	d.t.Helper()
	eventually(d.t, what, func() (any, bool) {
		o := d.overview()
		return o, len(o.Terminals) == 1 && ok(o.Terminals[0])
	})
}
