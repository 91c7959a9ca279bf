package assemble

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jifen-pos/jifen/cmd/internal/control"
	"github.com/jifen-pos/jifen/cmd/internal/downlink"
	"github.com/jifen-pos/jifen/cmd/internal/drawtool"
	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/cmd/internal/membersite"
	"github.com/jifen-pos/jifen/cmd/internal/officetool"
	"github.com/jifen-pos/jifen/cmd/internal/publishtool"
	"github.com/jifen-pos/jifen/cmd/internal/shelf"
	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/broker"
	"github.com/jifen-pos/jifen/sync/hq/dashboard"
	"github.com/jifen-pos/jifen/sync/hq/dealing"
	"github.com/jifen-pos/jifen/sync/hq/grantlog"
	"github.com/jifen-pos/jifen/sync/hq/quarantine"
	"github.com/jifen-pos/jifen/sync/hq/signer"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/standby"
	"github.com/jifen-pos/jifen/sync/hq/voicepage"
	"github.com/jifen-pos/jifen/sync/identity"
	"github.com/jifen-pos/jifen/sync/mqttlink"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Names of files in HQ's data folder.
const (
	BookFile  = "book.db"
	grantsDir = "grants" // the grant log
	// restoredFile is put there by whoever puts a backup of the book back; HQ
	// takes it away once it has begun a new epoch.
	restoredFile = "restored"
	HQKeyFile    = "hq.key"
)

// HQ is jifenhq: the book, the broker or the way to one, and the dashboard.
type HQ struct {
	log    *slog.Logger
	book   *sqlbook.Book
	store  *standby.Watch
	grants *grantlog.Log
	hq     *hq.HQ
	hub    *webui.Hub
	web    *webui.Server
	broker *broker.Broker
	link   func() *mqttlink.Link

	authority *identity.Authority
	control   *control.Control  // the operator's tool asks here for what a person decides
	publish   *publishtool.Desk // what of it is about programmes
	draws     *drawtool.Desk    // and about draws
	office    *officetool.Desk  // and what a person decides beside them
	random    io.Reader

	docs    shelf.Documents // of the settings
	brought bool
}

// NewHQ opens headquarters. It starts nothing.
func NewHQ(cfg config.HQ, w World) (*HQ, error) {
	h := &HQ{log: w.Log, hub: webui.NewHub(), random: w.Rand}
	if err := h.build(cfg, w); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func (h *HQ) build(cfg config.HQ, w World) error {
	data, err := folder(cfg.Data)
	if err != nil {
		return err
	}
	key, former, err := keyfile.Ring(filepath.Join(data, HQKeyFile), w.Rand)
	if err != nil {
		return err
	}
	phoneKey, err := keyfile.Secret(filepath.Join(data, phoneKeyFile), 32, w.Rand)
	if err != nil {
		return err
	}
	docs, err := shelf.Load(cfg.Documents, phoneKey)
	if err != nil {
		return err
	}
	if h.book, err = openBook(cfg.Store, data); err != nil {
		return err
	}
	folders := []string{filepath.Join(data, grantsDir)}
	if cfg.Store.GrantCopy != "" {
		folders = append(folders, cfg.Store.GrantCopy)
	}
	if h.grants, err = grantlog.Open(folders...); err != nil {
		return err
	}
	if docs, err = shelf.AsPublished(docs, h.book); err != nil {
		return err
	}
	if h.authority, err = openAuthority(data, w); err != nil {
		return err
	}
	o := hq.Options{
		Certify: h.certify, Gone: h.gone, Random: w.Rand,
		Grants: h.grants, Restored: exists(filepath.Join(data, restoredFile)), Book: h.book, Programme: docs.Programme, Key: key, Former: former, Now: func() time.Time { return w.Now().Wall },
		Changed: h.hub.Changed, Log: w.Log.With("part", "hq"),
	}
	for _, t := range cfg.Terminals {
		o.Boards = append(o.Boards, hq.Board{ID: ledger.TerminalID(t.ID), Name: t.Name, Store: t.Store})
	}
	if h.hq, err = hq.New(o); err != nil {
		return err
	}
	if docs, err = shelf.AsPublished(docs, h.book); err != nil { // a book that went back knows it again
		return err
	}
	if o.Restored {
		if err := os.Remove(filepath.Join(data, restoredFile)); err != nil {
			return err
		}
	}
	h.docs = docs
	if err := h.bring(); err != nil {
		return err
	}
	h.buildDesks(data, docs.Members, phoneKey, w)
	if err := h.buildLink(cfg, w, key); err != nil {
		return err
	}
	site := membersite.Site{HQ: h.hq, Key: key, PhoneKey: phoneKey, Members: docs.Members, Data: data, Rand: w.Rand}
	if err := h.buildWeb(cfg, w, docs.Products, site); err != nil {
		return err
	}
	h.control, err = control.New(data, h.work, w.Log.With("part", "control"))
	return err
}

// bring has HQ publish the documents of its settings, and take in the members with
// what they bring along. A fenced HQ does so once a person has taken over on it.
func (h *HQ) bring() error {
	if h.brought || h.hq.Fenced() {
		return nil
	}
	if err := shelf.Publish(h.hq, h.docs); err != nil {
		return err
	}
	for _, p := range h.docs.Members.All() {
		if err := h.hq.OpenMember(p); err != nil {
			return fmt.Errorf("open points of %s: %w", p.ID, err)
		}
	}
	h.brought = true
	return nil
}

// buildDesks makes what the operator's tool asks.
func (h *HQ) buildDesks(data string, members *roll.Members, phoneKey []byte, w World) {
	h.office = &officetool.Desk{HQ: h.hq, Members: members, PhoneKey: phoneKey, Log: w.Log.With("part", "office")}
	h.draws = &drawtool.Desk{Public: dealing.Public{Book: h.book}, Data: data}
	h.publish = &publishtool.Desk{HQ: h.hq, Book: h.book, Data: data, Log: w.Log.With("part", "publish")}
}

// gone ends the connections of a terminal that was decommissioned.
func (h *HQ) gone(id ledger.TerminalID) {
	if h.broker != nil {
		h.broker.Kick(id.String())
	}
}

func openBook(s config.Storage, data string) (*sqlbook.Book, error) {
	if s.Kind == config.StorePostgres {
		return sqlbook.OpenPostgres(s.URL, s.Password.Reveal())
	}
	return sqlbook.OpenSQLite(filepath.Join(data, BookFile))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// buildLink makes HQ an ordinary MQTT client: of its own broker, or another.
func (h *HQ) buildLink(cfg config.HQ, w World, key ed25519.PrivateKey) error {
	session := downlink.New(w.Log.With("part", "link"), h.hq, func(pause func(ledger.TerminalID) time.Duration) *exchange.HQ {
		return exchange.NewHQ(exchange.HQOptions{Key: key, Office: h.hq, Pause: pause, Twice: cfg.Store.Mirrored, Voice: signer.Voice{Signer: h.hq.Keys(), Book: h.book}, Broke: h.broke})
	})
	username, password, url := cfg.Broker.Username, cfg.Broker.Password.Reveal(), cfg.Broker.URL
	if cfg.Broker.Embedded {
		secure, err := h.authority.Serve()
		if err != nil {
			return err
		}
		h.broker = broker.New(broker.Options{
			Listen: cfg.Broker.Listen, TLS: secure, Certified: h.certified, Authenticate: h.authenticate, Log: w.Log.With("part", "broker"),
		})
	}
	own, err := h.authority.Client()
	if err != nil {
		return err
	}
	h.link = func() *mqttlink.Link {
		if h.broker != nil {
			url = "ssl://" + h.broker.Addr().String()
		}
		return mqttlink.New(mqttlink.Options{
			URL: url, ClientID: fmt.Sprintf("hq.%08x", uint32(w.Now().Wall.UnixNano())), Username: username,
			Password: func() string { return password }, TLS: func() *tls.Config { return own },
			Subscribe: []mqttlink.Subscription{{Filter: wire.AllUp, QoS: 1}, {Filter: wire.AllState, QoS: 1}},
			Backoff:   mqttlink.Backoff{Cap: 10 * time.Second}, Wake: session.Wake(), Log: w.Log.With("part", "link"),
			Breach: func(err error) { h.hq.Refused(0, nil, err) },
		}, session)
	}
	return nil
}

func (h *HQ) buildWeb(cfg config.HQ, w World, goods *programme.Products, site membersite.Site) (err error) {
	people := make([]webui.Person, len(cfg.People))
	for i, p := range cfg.People {
		people[i] = webui.Person{ID: p.ID, Name: p.Name, PIN: p.PIN.Reveal()}
	}
	if h.web, err = newServer(cfg.Dashboard, webui.Options{Title: "dashboard-title", People: people, Tries: waits(filepath.Join(cfg.Data, "pin-waits.json"))}, w); err != nil {
		return err
	}
	name := func(product string) (document.Text, bool) {
		p, ok := goods.Find(product)
		return p.Name, ok
	}
	if err := voicepage.Mount(voicepage.Options{Server: h.web, Look: h.hq.Look, Decide: h.hq.Decide, Name: name}); err != nil {
		return err
	}
	h.store = standby.New(cfg.Store.URL, cfg.Store.Password.Reveal())
	site.Server, site.Now = h.web, func() time.Time { return w.Now().Wall }
	if err := membersite.Mount(site); err != nil {
		return err
	}
	_, err = dashboard.Mount(dashboard.Options{Server: h.web, Hub: h.hub, HQ: h.hq, Draws: dealing.Public{Book: h.book}, Refused: quarantine.Room{Book: h.book}, Settle: dashboard.Office{HQ: h.hq}, Store: h.store.Seen, Silent: h.hq.Silent})
	return err
}

// broke says where HQ broke over a message: whoever mends it needs to know.
func (h *HQ) broke(why any) {
	h.log.Error("HQ broke over a message", "why", why, "stack", string(debug.Stack()))
}

// Listen binds what others connect to, so that a busy port is told before
// anything runs.
func (h *HQ) Listen() error {
	if h.broker != nil {
		if err := h.broker.Listen(); err != nil {
			return err
		}
	}
	return h.web.Listen()
}

// Addr is where the dashboard is served.
func (h *HQ) Addr() string { return h.web.Addr() }

// endsWithin is how long HQ that is to end waits for its book.
const endsWithin = 10 * time.Second

// Run runs HQ until ctx ends: first the pages and the link stop, then the
// broker, then the book. What a database that answers nothing was asked to keep is
// given up: nobody was told that it is kept.
func (h *HQ) Run(ctx context.Context) error {
	first, stopFirst := context.WithCancel(context.Background())
	defer stopFirst()
	then, stopThen := context.WithCancel(context.Background())
	defer stopThen()
	front, failedFront := errgroup.WithContext(context.Background())
	core(front, first, "dashboard", h.web.Run)
	core(front, first, "book", h.keepsBook)
	core(front, first, "grant log", h.keepsLog)
	core(front, first, "control", func(ctx context.Context) error { h.control.Run(ctx); return nil })
	edge(front, first, h.log, "nightly", h.nightly)
	edge(front, first, h.log, "standby", func(ctx context.Context) error { return h.store.Run(ctx, h.hub.Changed) })
	edge(front, first, h.log, "link", h.link().Run)
	back, failedBack := errgroup.WithContext(context.Background())
	if h.broker != nil {
		core(back, then, "broker", h.broker.Run)
	}
	select {
	case <-ctx.Done():
	case <-failedFront.Done():
	case <-failedBack.Done():
	}
	stopFirst()
	limit := time.AfterFunc(endsWithin, func() {
		h.log.Error("HQ's book answers nothing: HQ ends without it, and what was not acked comes again")
		h.book.GiveUp()
	})
	defer limit.Stop()
	err := front.Wait()
	stopThen()
	return errors.Join(err, back.Wait())
}

// keepsBook ends HQ when its book is lost: started anew it is refused, or begins with
// what is there, and what the grant log has.
func (h *HQ) keepsBook(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-h.book.Lost():
		return fmt.Errorf("HQ's book: %w", err)
	}
}

// keepsLog ends HQ when its grant log cannot be written: opened anew, the log says
// what it has, or why it cannot be.
func (h *HQ) keepsLog(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-h.hq.Lost():
		return err
	}
}

// nightly has HQ settle what a day's end brings. It looks every hour; what is
// settled stays so.
func (h *HQ) nightly(ctx context.Context) error {
	tick := time.NewTicker(time.Hour)
	defer tick.Stop()
	for {
		if err := h.bring(); err != nil {
			h.log.Error("what the settings name", "error", err)
		}
		if err := h.hq.Nightly(); err != nil {
			h.log.Error("the day's end at HQ", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Close closes what New opened. It is called after Run has returned.
func (h *HQ) Close() error {
	if h.book == nil {
		return nil
	}
	err := h.book.Close()
	if h.control != nil {
		err = errors.Join(err, h.control.Close())
	}
	if h.grants != nil {
		err = errors.Join(err, h.grants.Close())
	}
	return err
}
