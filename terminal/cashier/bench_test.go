package cashier_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/devices/devicetest"
	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/devices/serialscan"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/cashier"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/desk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/webui"
	"github.com/jifen-pos/jifen/terminal/words"
)

// Goods and people of the demonstration.
const (
	rice     = "6900001000112" // ￥49.90
	millet   = "6900001000228" // ￥26.80, green
	pot      = "6910002000448" // ￥198.00
	chenJing = "HM10001549V"
	pin      = "314159"
)

// bench is a terminal with a real till on a real journal, and its screen. It
// can be stopped and started again on the same port, like the daemon.
type bench struct {
	t         *testing.T
	dir, addr string
	hosts     []string
	till      *till.Till
	papers    shelf
	devices   *devices
	rename    func(*till.View) // changes what the screen is shown, or nil
	entries   atomic.Int64
	pinHash   string
	practice  bool // there is a ledger to practise on
	screen    func(lane uint32) (till.View, error)
	practised func(lane uint32) (till.View, error) // of the training's
	head      *ledger.Head
	store     *boltstore.Store
	hub       *webui.Hub
	counter   renamed
	line      line
	serial    *devicetest.SerialScanner // reads for lane 1, once it is plugged in
	festive   bool                      // the programme has a game, an activity and a survey, and HQ gave a batch
	heard     ledger.DownSeq
	stop      func()
}

// line is the line to HQ, down until a test says otherwise. Nobody answers.
type line struct{ up atomic.Bool }

func (l *line) Online() bool { return l.up.Load() }
func (*line) Ask(clerk.Ask)  {}

// devices is a set of devices whose state a test changes.
type devices struct {
	list atomic.Pointer[[]cashier.DeviceView]
}

func (d *devices) Devices(uint32) []cashier.DeviceView { return *d.list.Load() }

// shelf is a printer's pictures.
type shelf struct{ names []string }

func (s shelf) List() []cashier.PaperView {
	var list []cashier.PaperView
	for _, n := range s.names {
		list = append(list, cashier.PaperView{Name: n, Title: "购物小票"})
	}
	return list
}

func (s shelf) Picture(name string) ([]byte, error) {
	if name == "paper-000009.png" {
		return nil, errors.New("cannot be read")
	}
	return []byte("\x89PNG of " + name), nil
}

// renamed is a till whose views are changed on their way to the screen.
type renamed struct {
	*desk.Desk
	change func(*till.View)
}

func (r renamed) View(n uint32) (till.View, error) {
	v, err := r.Desk.View(n)
	if err == nil && r.change != nil {
		r.change(&v)
	}
	return v, err
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{
		t: t, dir: t.TempDir(), addr: "127.0.0.1:0", pinHash: webui.HashPIN(pin, []byte("salt of the test")),
		papers: shelf{[]string{"paper-000002.png", "paper-000001.png", "paper-000009.png"}}, devices: &devices{},
	}
	b.devices.list.Store(&[]cashier.DeviceView{{Kind: "printer", OK: true, ZH: "就绪", EN: "ready"}, {Kind: "scanner", OK: true, ZH: "就绪", EN: "ready"}})
	return b
}

// start runs the terminal until stop or the end of the test.
func (b *bench) start() *bench {
	b.t.Helper()
	store, err := boltstore.Open(filepath.Join(b.dir, "ledger.db"), 1)
	b.check("open ledger", err)
	log := slog.New(slog.DiscardHandler)
	hub := webui.NewHub()
	b.till, err = till.New(b.options(store, hub, log))
	b.check("open till", err)
	b.check("meet HQ", b.till.SetHQKey(hqKey.Public().(ed25519.PublicKey)))
	server, err := webui.New(webui.Options{
		Listen: b.addr, Hosts: b.hosts, Title: "cashier-title", Say: words.In, Log: log, Beat: 100 * time.Millisecond,
		People: []webui.Person{{ID: "li", Name: "李店员", Role: "keeper", PIN: b.pinHash}, {ID: "wu", Name: "吴店员", Role: "cashier", PIN: b.pinHash}, {ID: "zhou", Name: "周审计", Role: "auditor", PIN: b.pinHash}},
	})
	b.check("make server", err)
	counter := renamed{b.desk(b.till, store, hub), b.rename}
	b.screen = counter.View
	b.store, b.hub, b.counter = store, hub, counter
	o := cashier.Options{Server: server, Hub: hub, Till: counter, Lanes: 2, Papers: b.papers, Devices: b.devices}
	if b.practice {
		practice := b.trainingDesk(hub, log)
		o.Training, b.practised = practice, practice.View
	}
	_, err = cashier.Mount(o)
	b.check("mount screen", err)
	b.check("listen", server.Listen())
	b.addr = server.Addr()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	b.stop = func() {
		cancel()
		if err := errors.Join(<-ended, store.Close()); err != nil {
			b.t.Errorf("stop terminal: %v", err)
		}
		b.stop = func() {}
	}
	b.t.Cleanup(func() { b.stop() })
	return b
}

// desk is the counter of the bench's till.
func (b *bench) desk(t *till.Till, store *boltstore.Store, hub *webui.Hub) *desk.Desk {
	o := b.options(store, hub, nil)
	return desk.New(desk.Options{
		Till: t, Journal: store, Codes: o.Codes, PhoneKey: o.PhoneKey, Key: o.Key.Public().(ed25519.PublicKey), Changed: hub.Changed,
	})
}

// trainingDesk is a counter to practise at, on a ledger of its own.
func (b *bench) trainingDesk(hub *webui.Hub, log *slog.Logger) *desk.Desk {
	store, err := boltstore.Open(filepath.Join(b.t.TempDir(), "ledger.db"), 1)
	b.check("open training's ledger", err)
	b.t.Cleanup(func() { _ = store.Close() })
	o := b.options(store, hub, log)
	o.Training, o.Journaled = true, func(ledger.Head) {}
	practice, err := till.New(o)
	b.check("open training's till", err)
	return b.desk(practice, store, hub)
}

func (b *bench) options(store *boltstore.Store, hub *webui.Hub, log *slog.Logger) till.Options {
	b.t.Helper()
	rules, err := programme.Parse(b.rules())
	b.check("read programme", err)
	products, err := programme.ParseProducts(demo.Products)
	b.check("read products", err)
	key := []byte("a key for phones of this test")
	members, err := roll.Parse(demo.Members, key)
	b.check("read members", err)
	return till.Options{
		Terminal: 1, Place: till.Place{Store: "river", Name: programme.Text{ZH: "河滨店", EN: "Riverside"}},
		Programme: rules, RulesText: b.rules(), Deals: b.deals(rules), Products: products, Members: members, PhoneKey: key, Journal: store,
		Key: ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32)), Rand: rand.NewChaCha8([32]byte([]byte(b.addr + strings.Repeat(" ", 32))[:32])),
		Now: func() clerk.Reading {
			return clerk.Reading{Wall: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Mono: time.Minute, Quality: ledger.ClockSynced}
		},
		Boot: clerk.Boot{ID: "boot", Board: "board", Head: b.head}, Asker: &b.line, Changed: hub.Changed, Log: log,
		Journaled: func(h ledger.Head) { b.head = &h; b.entries.Add(1) },
	}
}

// plugIn puts a scanner on a serial line before lane 1, until the end of the test.
func (b *bench) plugIn() {
	b.t.Helper()
	b.serial = devicetest.Scanner(b.t)
	// This hand is quicker than any: what it scans twice is meant twice.
	source := serialscan.New(serialscan.Options{Name: "counter", Path: b.serial.Path(), Framer: scan.Options{Repeat: -1, RepeatOnce: -1}})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- source.Run(ctx, func(e scan.Event) {
			if e.Bad == scan.NotBad && !e.Repeat {
				_ = b.counter.Scan(clerk.By{Lane: 1, Actor: "li"}, e.AIM, e.Text) // what is refused, the screen says
			}
		})
	}()
	b.t.Cleanup(func() {
		cancel()
		<-ended
	})
	for source.Status().State != scan.Ready {
		time.Sleep(5 * time.Millisecond)
	}
}

func (b *bench) check(act string, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %v", act, err)
	}
}

func (b *bench) url(path string) string { return "http://" + b.addr + path }

// client is a program that uses the screen's HTTP.
type client struct {
	*http.Client
	b *bench
}

func (b *bench) client() *client {
	jar, _ := cookiejar.New(nil)
	return &client{&http.Client{Jar: jar, Timeout: 10 * time.Second}, b}
}

// signedIn is a client of li at lane 1.
func (b *bench) signedIn() *client {
	b.t.Helper()
	c := b.client()
	c.want("/lane/1/signin", `{"person":"li","pin":"`+pin+`"}`, http.StatusNoContent)
	return c
}

// post sends a command and returns the status and the answer.
func (c *client) post(path, body string) (int, string) {
	c.b.t.Helper()
	r, err := c.Post(c.b.url(path), "application/json", strings.NewReader(body))
	c.b.check("post "+path, err)
	return answer(c.b, r)
}

func (c *client) get(path string) (int, string) {
	c.b.t.Helper()
	r, err := c.Get(c.b.url(path))
	c.b.check("get "+path, err)
	return answer(c.b, r)
}

func answer(b *bench, r *http.Response) (int, string) {
	defer r.Body.Close()
	text, err := io.ReadAll(r.Body)
	b.check("read answer", err)
	return r.StatusCode, string(text)
}

func (c *client) want(path, body string, status int) string {
	c.b.t.Helper()
	got, text := c.post(path, body)
	if got != status {
		c.b.t.Fatalf("POST %s %s = %d %s, want %d", path, body, got, text, status)
	}
	return text
}

func (c *client) scan(codes ...string) {
	c.b.t.Helper()
	for _, code := range codes {
		c.want("/lane/1/scan", `{"code":"`+code+`"}`, http.StatusNoContent)
	}
}

// seen is what a program reads of a lane.
type seen struct {
	Ref      string
	Lines    []struct{ Qty int64 }
	Quote    struct{ ToPay, Total lot.Fen }
	Member   *struct{ Name string }
	Voucher  *struct{ Code string }
	Message  till.Message
	Sentence string
	Last     *till.Last
	JobIDs   []uint64
	Jobs     []printjob.Job
	Ledger   clerk.LedgerView
}

func (c *client) view() (v seen) {
	c.b.t.Helper()
	status, text := c.get("/lane/1/view.json")
	if status != http.StatusOK {
		c.b.t.Fatalf("GET view.json = %d %s, want 200", status, text)
	}
	c.b.check("read view", json.Unmarshal([]byte(text), &v))
	return v
}
