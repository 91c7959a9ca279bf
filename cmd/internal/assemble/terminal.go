package assemble

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jifen-pos/jifen/cmd/internal/boothead"
	"github.com/jifen-pos/jifen/cmd/internal/counter"
	"github.com/jifen-pos/jifen/cmd/internal/keeper"
	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/cmd/internal/refused"
	"github.com/jifen-pos/jifen/cmd/internal/scanners"
	"github.com/jifen-pos/jifen/cmd/internal/shelf"
	"github.com/jifen-pos/jifen/cmd/internal/training"
	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/devices/escpos/model"
	"github.com/jifen-pos/jifen/devices/hotplug"
	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/devices/virtual"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/mqttlink"
	"github.com/jifen-pos/jifen/sync/sealed"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/cashier"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/desk"
	"github.com/jifen-pos/jifen/terminal/headfile"
	"github.com/jifen-pos/jifen/terminal/health"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/role"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Names of files in a terminal's data folder.
const (
	TerminalKeyFile = "terminal.key"
	phoneKeyFile    = "phone.key"
	enrolledFile    = "enrolled" // is there once HQ has taken the terminal's key
	papersFolder    = "papers"
	devicesFolder   = "devices"
	trainingFolder  = "training" // emptied at every start
)

// Terminal is jifend: one ledger, its lanes and devices, and the link to HQ.
type Terminal struct {
	log      *slog.Logger
	store    *boltstore.Store
	till     *till.Till
	desk     *desk.Desk
	training *training.Training
	screen   *cashier.Screen
	hub      *webui.Hub
	web      *webui.Server
	api      *api
	zone     *time.Location // of the programme
	link     *mqttlink.Link
	up       *uplink
	shelf    *shelf.Shelf
	print    *counter.Printing

	drawerOpen string // the level of the drawer's sense pin when it is open
	keeper     *keeper.Keeper
	place      []wire.Fault       // what is wrong with where the ledger lies
	headFile   *headfile.File     // nil: none is kept
	sources    []scanners.Scanner // one a lane
	watch      *hotplug.Watch
	mono       func() time.Duration // the clock of the scans
	names      []string             // of the scanners
	scanner    *virtual.Scanner
	printer    *virtual.Printer
	customer   *counter.Customer // nil: there is no line display
	fitting    *fitting          // of the health page
	model      model.Model       // of the printer
}

// NewTerminal opens a terminal. It starts nothing.
func NewTerminal(cfg config.Terminal, w World) (*Terminal, error) {
	t := &Terminal{log: w.Log, hub: webui.NewHub(), mono: func() time.Duration { return w.Now().Mono }}
	if err := t.build(cfg, w); err != nil {
		if errors.Is(err, boltstore.ErrDamaged) {
			err = fmt.Errorf("%w: it is kept as it is; see what is wrong with jifen verify, and have it made anew with jifen rebuild", err)
		}
		return nil, errors.Join(err, t.Close())
	}
	return t, nil
}

func (t *Terminal) build(cfg config.Terminal, w World) error {
	data, err := folder(cfg.Data)
	if err != nil {
		return err
	}
	id := ledger.TerminalID(cfg.Terminal.ID)
	key, err := keyfile.Signing(filepath.Join(data, TerminalKeyFile), w.Rand)
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
	if t.shelf, docs, err = shelf.New(data, docs, key, func() time.Time { return w.Now().Wall }); err != nil {
		return err
	}
	t.zone = docs.Programme.Location()
	if err := ledgerThere(data); err != nil {
		return err
	}
	if t.place, err = keeper.CheckPlace(data, cfg.Ledger.AnyFileSystem, w.Log); err != nil {
		return err
	}
	if t.store, err = boltstore.Open(filepath.Join(data, keeper.LedgerFile), id); err != nil {
		return err
	}
	if err := t.buildKeeper(data, key, w); err != nil {
		return err
	}
	boot, err := boothead.New(w.RunDir, w.BootID, data)
	if err != nil {
		return err
	}
	left, err := boot.Read()
	if err != nil {
		return err
	}
	shop, err := cfg.Shop()
	if err != nil {
		return err
	}
	var named []clerk.Named
	if o := (headfile.Options{Path: cfg.Witness.HeadFile, Beside: data, Log: w.Log.With("part", "head file")}); o.Path != "" {
		f, head := headfile.Open(o, id, key, func() time.Time { return w.Now().Wall })
		t.headFile, named = f, []clerk.Named{{Witness: ledger.FileWitness, Head: head}}
	}
	t.up = &uplink{id: id, log: w.Log.With("part", "link"), wake: make(chan struct{}, 1), change: t.hub.Changed}
	options := till.Options{
		Terminal: id, Place: till.Place{Store: cfg.Terminal.Store, Name: programme.Text{ZH: cfg.Terminal.StoreNameZH, EN: cfg.Terminal.StoreNameEN}, Lang: cfg.Printer.Language},
		Programme: docs.Programme, RulesText: docs.Text, Products: docs.Products, Codes: shop, Members: docs.Members, Deals: docs.Deals, PhoneKey: phoneKey,
		Journal: t.store, Key: key, Now: w.Now, Rand: w.Rand, Software: w.Version,
		Boot: clerk.Boot{ID: w.BootID, Board: w.Board, Head: left, Named: named}, Asker: t.up, Short: t.keeper.Short, Changed: t.onChange, Journaled: t.onJournal(boot), Moved: t.headFile.Moved,
		Log: w.Log.With("part", "till"),
	}
	if t.till, err = till.New(options); err != nil {
		return err
	}
	if err := t.buildLink(cfg, w, data, key); err != nil {
		return err
	}
	if err := t.buildDevices(cfg, w, data); err != nil {
		return err
	}
	return t.buildDesks(cfg, w, data, options)
}

// buildDesks makes the counter's desk, the one to practise at, and their pages.
func (t *Terminal) buildDesks(cfg config.Terminal, w World, data string, like till.Options) error {
	t.desk = desk.New(desk.Options{
		Till: t.till, Journal: t.store, Codes: like.Codes, PhoneKey: like.PhoneKey, Key: like.Key.Public().(ed25519.PublicKey), Changed: t.hub.Changed,
		Seal: func(hq ed25519.PublicKey, plain []byte) ([]byte, error) {
			if hq == nil {
				return nil, nil // never met
			}
			return sealed.For(hq, plain, w.Rand)
		},
	})
	t.fitting = &fitting{shop: like.Codes, software: w.Version, now: func() time.Time { return w.Now().Wall.In(t.zone) }}
	var err error
	t.training, err = training.Open(training.Options{
		Dir: filepath.Join(data, trainingFolder), Like: like, Profile: t.model.Profile, Changed: t.hub.Changed, Log: w.Log.With("part", "training"),
	})
	if err != nil {
		return err
	}
	return t.buildWeb(cfg, w)
}

// ledgerThere refuses to start an enrolled terminal without its ledger: a new
// one in its place would be another terminal under the same name.
func ledgerThere(data string) error {
	_, enrolled := os.Stat(filepath.Join(data, enrolledFile))
	_, missing := os.Stat(filepath.Join(data, keeper.LedgerFile))
	if enrolled == nil && errors.Is(missing, fs.ErrNotExist) {
		return fmt.Errorf("the ledger %s is missing, and this terminal has enrolled: put it back, or set the board up as a new terminal in another data folder",
			filepath.Join(data, keeper.LedgerFile))
	}
	return nil
}

// buildKeeper makes what minds the ledger's file. This program looks through the
// copies of it, too.
func (t *Terminal) buildKeeper(data string, key ed25519.PrivateKey, w World) error {
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	t.keeper = keeper.New(keeper.Options{
		Data: data, Store: t.store, Key: key.Public().(ed25519.PublicKey), Program: []string{self, auditCommand}, Boot: w.BootID,
		Now: func() time.Time { return w.Now().Wall.In(t.zone) }, Changed: t.hub.Changed, Log: w.Log.With("part", "keeper"),
	})
	return nil
}

// onJournal leaves the head on tmpfs and wakes whoever has to do with entries.
func (t *Terminal) onJournal(boot *boothead.Head) func(ledger.Head) {
	return func(head ledger.Head) {
		if err := boot.Write(head); err != nil {
			t.log.Error("head of this boot not left: after a restart rights will be checked", "error", err)
		}
		t.up.Wake()
	}
}

func (t *Terminal) onChange() {
	t.hub.Changed()
	if t.print != nil {
		t.print.Wake()
	}
	if t.customer != nil {
		t.customer.Wake()
	}
}

func (t *Terminal) buildLink(cfg config.Terminal, w World, data string, key ed25519.PrivateKey) error {
	id := t.up.id
	papers, err := newPapers(cfg, data, w)
	if err != nil {
		return err
	}
	t.up.refused = refused.New(data, func() time.Time { return w.Now().Wall }, t.hub.Changed, w.Log.With("part", "link"))
	t.up.end = exchange.NewTerminal(exchange.TerminalOptions{
		ID: id, Key: key, Papers: papersFor(cfg, papers), Software: w.Version, Station: station{t.till, data, id, t.shelf}, Shelf: t.shelf, Kept: t.keeper.Kept, Gather: exchange.Gather,
		Faults: func() []wire.Fault {
			return slices.Concat(t.place, t.keeper.Result().Faults(), t.up.refused.Faults())
		},
	})
	t.up.code = func() string { return codeOf(cfg) }
	will := presence(id, wire.StateOffline)
	t.link = mqttlink.New(mqttlink.Options{
		URL: cfg.HQ.URL, ClientID: fmt.Sprintf("%s.%08x", id, uint32(w.Now().Wall.UnixNano())), Username: username(cfg),
		Password: func() string { return password(cfg) }, TLS: papers.TLS,
		Subscribe: []mqttlink.Subscription{{Filter: wire.DownTopic(id), QoS: 0}},
		Will:      &will, Birth: func() mqttlink.Frame { return presence(id, wire.StateOnline) },
		Backoff: mqttlink.Backoff{Cap: 30 * time.Second}, Wake: t.up.wake, Log: w.Log.With("part", "link"),
		Breach: func(err error) { t.up.refused.Take(nil, err) },
	}, t.up)
	return nil
}

func (t *Terminal) buildWeb(cfg config.Terminal, w World) (err error) {
	people := make([]webui.Person, len(cfg.People))
	for i, p := range cfg.People {
		people[i] = webui.Person{ID: p.ID, Name: p.Name, Role: cmp.Or(p.Role, string(role.Cashier)), PIN: p.PIN.Reveal()}
	}
	if config.NobodyOpensTheDay(cfg.People) {
		w.Log.Warn("nobody here may open or close the day: give somebody the role senior or keeper under [[people]]")
	}
	t.web, err = newServer(cfg.Cashier, webui.Options{Title: "cashier-title", People: people, Idle: lockAfter, Tries: tried{t.till}, LockAfter: lockPINs}, w)
	if err != nil {
		return err
	}
	o := cashier.Options{
		Server: t.web, Hub: t.hub, Till: t.desk, Lanes: t.lanes(), Devices: t, Training: t.training, Trained: papers{t.training.Papers()},
		Picture: pictureFrom(cfg.Customer.Pictures), MemberPage: cfg.Customer.Page,
	}
	if t.printer != nil {
		o.Papers = papers{t.printer}
	}
	if t.screen, err = cashier.Mount(o); err != nil {
		return err
	}
	if _, err := health.Mount(health.Options{Server: t.web, Hub: t.hub, Facts: t.health, TestPrint: t.testPrint}); err != nil {
		return err
	}
	t.api, err = t.newAPI(cfg, w)
	return err
}

func (t *Terminal) lanes() uint32 { return uint32(max(len(t.sources), 1)) }

// Listen binds what others connect to, so that a busy port is told before
// anything runs.
func (t *Terminal) Listen() error { return t.web.Listen() }

// Addr is where the cashier screen is served.
func (t *Terminal) Addr() string { return t.web.Addr() }

// Run runs the terminal until ctx ends, then stops it in order: first what
// takes orders, then the journal's last entry, then the link, then the file.
func (t *Terminal) Run(ctx context.Context) error {
	intake, stopIntake := context.WithCancel(context.Background())
	defer stopIntake()
	rest, stopRest := context.WithCancel(context.Background())
	defer stopRest()
	front, failedFront := errgroup.WithContext(context.Background())
	t.runIntake(front, intake)
	back, failedBack := errgroup.WithContext(context.Background())
	edge(back, rest, t.log, "link", t.link.Run)
	core(back, rest, "housekeeping", t.housekeeping)
	edge(back, rest, t.log, "head file", t.headFile.Run)
	edge(back, rest, t.log, "keeper", t.keeper.Run)

	select {
	case <-ctx.Done():
	case <-failedFront.Done():
	case <-failedBack.Done():
	}
	stopIntake()
	err := front.Wait() // no order may come after the journal's last entry
	err = errors.Join(err, t.till.Stop())
	t.drain()
	stopRest()
	return errors.Join(err, back.Wait())
}

func (t *Terminal) runIntake(g *errgroup.Group, ctx context.Context) {
	core(g, ctx, "cashier screen", t.web.Run)
	edge(g, ctx, t.log, "local API", t.api.run)
	edge(g, ctx, t.log, "training", t.training.Run)
	if t.printer != nil {
		edge(g, ctx, t.log, "virtual printer", t.printer.Run)
	}
	if t.scanner != nil {
		edge(g, ctx, t.log, "virtual scanner", t.scanner.Run)
	}
	edge(g, ctx, t.log, "hotplug", t.watch.Run)
	for n, s := range t.sources {
		lane := uint32(n + 1)
		edge(g, ctx, t.log, "scanner", func(ctx context.Context) error {
			return scanners.Run(ctx, s, func(e scan.Event) { t.scanned(lane, e) })
		})
	}
	if t.print != nil {
		edge(g, ctx, t.log, "printing", t.print.Run)
	}
	if t.customer != nil {
		edge(g, ctx, t.log, "line display", t.customer.Run)
		edge(g, ctx, t.log, "what the customer is shown", t.customer.Follow)
	}
}

// take gives a scan to the till.
func (t *Terminal) take(lane uint32, e scan.Event, late bool) {
	by := clerk.By{Lane: lane, Actor: t.till.Cashier(lane)}
	var err error
	switch {
	case e.Bad != scan.NotBad:
		err = t.till.BadRead(by)
	case late:
		err = t.till.LateScan(by)
	case !e.Repeat:
		t.api.Scanned(lane, e.AIM, e.Text)
		err = t.screen.Till(lane).Scan(by, e.AIM, e.Text)
	}
	var refusal *till.Refusal
	if err != nil && !errors.As(err, &refusal) {
		t.log.Error("scan not taken", "lane", lane, "error", err)
	}
}

// housekeeping does what falls due; a ledger that takes no more writes ends
// the daemon, since only a restart can tell what is on the disk.
func (t *Terminal) housekeeping(ctx context.Context) error {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if err := t.till.Tick(); err != nil {
			t.log.Error("housekeeping", "error", err)
		}
		if err := t.shelf.Due(t.use); err != nil {
			t.log.Error("documents", "error", err)
		}
		if err := t.store.Failed(); err != nil {
			return err
		}
	}
}

// use has other documents decide, for practice too.
func (t *Terminal) use(d till.Documents) error { return errors.Join(t.till.Use(d), t.training.Use(d)) }

// drain waits a moment for HQ to ack the last entries, and says goodbye.
func (t *Terminal) drain() {
	t.up.hurry.Store(true)
	t.up.Wake()
	until := time.Now().Add(time.Second)
	for t.up.Online() && time.Now().Before(until) {
		s, err := t.till.Progress()
		if err != nil || s.Ledger.Backlog == 0 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if t.up.Online() {
		t.up.Leave()
		time.Sleep(100 * time.Millisecond)
	}
}

// Close closes what New opened. It is called after Run has returned.
func (t *Terminal) Close() error {
	if t.scanner != nil {
		t.scanner.Close()
	}
	var err error
	if t.print != nil {
		err = t.print.Close()
	}
	if t.training != nil {
		err = errors.Join(err, t.training.Close())
	}
	if t.keeper != nil {
		err = errors.Join(err, t.keeper.Close())
	}
	if t.store != nil {
		err = errors.Join(err, t.store.Close())
	}
	return err
}
