package scenario_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/audit"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/pgtest"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// fleet is HQ, a broker and several terminals, each with a line of its own that
// can be harmed, and a clerk who sells at each all the time.
type fleet struct {
	*world
	tills  []*counter
	line   *rope          // HQ's own, where the broker is not its own
	hqAt   string         // HQ's page
	other  *mosquitto     // nil: the broker is HQ's own
	server *pgtest.Server // nil: HQ's book is a file
	random *rand.Rand
	clerks sync.WaitGroup
	rest   context.CancelFunc // for the clerks
}

// counter is one terminal of a fleet.
type counter struct {
	id      ledger.TerminalID
	line    *rope
	api     string
	base    string // of the cashier's page
	papers  bool   // its printer keeps them
	program *program
	clerk   *clerk
}

func (c *counter) file(name string) string { return fmt.Sprintf("till-%d/%s", uint32(c.id), name) }

// newFleet lays everything out; nothing runs yet.
func newFleet(t *testing.T, seed uint64, tills int, foreign bool) *fleet {
	t.Helper()
	f := &fleet{world: newWorld(t), random: rand.New(rand.NewPCG(seed, 0))}
	for n := range tills {
		f.tills = append(f.tills, &counter{id: ledger.TerminalID(n + 1), api: freeAddress(t)})
	}
	if foreign {
		f.other = newMosquitto(f.world, f.ids()[1:]...)
		f.line = hang(t, "tcp", "127.0.0.1:0", f.set.broker)
		f.set.hqBroker = strings.Replace(f.set.hqBroker, f.set.broker, f.line.addr, 1)
		f.server = pgtest.New(t)
		f.set.database = f.server.Database()
	}
	for _, c := range f.tills {
		c.line = hang(t, "tcp", "127.0.0.1:0", f.set.broker)
		f.mkdir(f.path(fmt.Sprintf("run-%d", c.id)))
	}
	return f
}

func (f *fleet) ids() (ids []ledger.TerminalID) {
	for _, c := range f.tills {
		ids = append(ids, c.id)
	}
	return ids
}

// openHQ starts HQ with all terminals in its settings.
func (f *fleet) openHQ() {
	f.t.Helper()
	file := f.set.hqFile()
	for _, c := range f.tills[1:] {
		file += fmt.Sprintf("[[terminals]]\nid = %d\nname = \"Till %d\"\nstore = \"S%d\"\n", c.id, c.id, c.id)
	}
	f.write("jifenhq.toml", []byte(file))
	f.hq = start(f.t, f.command("jifenhq"))
	f.hqAt = f.hq.ready()
}

// open starts a terminal; the first time it gets a code before.
func (f *fleet) open(c *counter) {
	f.t.Helper()
	name := fmt.Sprintf("jifend-%d", c.id)
	s := f.set
	s.terminal, s.broker, s.scanners, s.printer = int(c.id), c.line.addr, "", "kind = \"none\"\n"
	if c.papers {
		s.printer = f.set.printer
	}
	if s.login != "" {
		s.login = strings.Replace(s.login, ledger.TerminalID(f.set.terminal).String(), c.id.String(), 1)
	}
	s.api, s.people = fmt.Sprintf("[api]\nlisten = %q\n", c.api), f.set.people+apiPeople
	file := strings.Replace(s.tillFile(), `data = "till"`, fmt.Sprintf("data = %q", strings.TrimSuffix(c.file(""), "/")), 1)
	f.write(name+".toml", []byte(strings.Replace(file, `store = "S1"`, fmt.Sprintf("store = \"S%d\"", c.id), 1)))
	cmd := exec.Command(ours("jifend"), "-config", f.path(name+".toml"))
	cmd.Dir, cmd.Env = f.dir, append(f.env, fmt.Sprintf("RUNTIME_DIRECTORY=%s-%d", f.path("run"), c.id))
	c.program = start(f.t, cmd)
	c.base = c.program.ready()
}

// enrol starts HQ and all terminals, each with its code and a clerk.
func (f *fleet) enrol() {
	f.t.Helper()
	f.openHQ()
	for _, c := range f.tills {
		_, code, said := tool(f.t, f.dir, "board", "invite", "-hq", "hq", "-approved", strconv.Itoa(int(c.id)))
		if exit, _, more := tool(f.t, f.dir, "join", "-data", strings.TrimSuffix(c.file(""), "/"), strings.TrimSpace(code)); exit != 0 {
			f.t.Fatalf("t%d does not join: %s%s", c.id, said, more)
		}
		f.open(c)
		c.clerk = newClerk("http://"+c.api, strings.TrimSpace(string(f.read(c.file("api.token")))), int(c.id), f.random.Uint64())
	}
}

// begin starts everything, and the clerks begin to work.
func (f *fleet) begin(ctx context.Context) {
	f.t.Helper()
	if f.other != nil {
		f.other.open()
	}
	f.enrol()
	ctx, f.rest = context.WithCancel(ctx)
	for _, c := range f.tills {
		f.clerks.Go(func() { c.clerk.work(ctx) })
	}
}

// calm waits until each of some terminals, or every one, says that HQ has all it wrote.
func (f *fleet) calm(within time.Duration, of ...*counter) {
	f.t.Helper()
	if len(of) == 0 {
		of = f.tills
	}
	for _, c := range of {
		end := time.Now().Add(within)
		for {
			h := c.clerk.health(context.Background())
			if h["online"] == true && fmt.Sprint(h["backlog"]) == "0" {
				break
			}
			if time.Now().After(end) {
				f.t.Fatalf("%s after all harm ended: t%d says %v", within, c.id, h)
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// close stops all in order until HQ has what the terminals wrote last, for which
// a second may be too short on a busy machine, and they have what HQ wrote: it
// may send points to one that has just stopped.
func (f *fleet) close() {
	f.t.Helper()
	open := f.tills
	for try := 1; ; try++ {
		for _, c := range open {
			c.program.stop(syscall.SIGTERM)
		}
		f.hq.stop(syscall.SIGTERM)
		behind, missing := f.behind()
		if len(behind) == 0 {
			break
		}
		if try == 10 {
			f.t.Fatalf("all were stopped %d times, and still: %v", try, missing)
		}
		open = behind
		f.openHQ()
		for _, c := range open {
			f.open(c)
		}
		f.calm(waitLimit, open...)
	}
}

// behind finds the terminals, all stopped, of which HQ lacks something or to
// which something is still on its way.
func (f *fleet) behind() (behind []*counter, missing error) {
	f.t.Helper()
	for _, c := range f.tills {
		if err := f.lacks(c.id, c.file("ledger.db")); err != nil {
			behind, missing = append(behind, c), errors.Join(missing, err)
		}
	}
	return behind, missing
}

// lacks says what HQ lacks of a terminal, both stopped, or what is on its way to it.
func (w *world) lacks(id ledger.TerminalID, file string) (missing error) {
	w.t.Helper()
	kept := w.book()
	defer kept.Close()
	err := kept.View(func(tx book.Tx) error {
		t, err := tx.Terminal(id)
		if err != nil {
			return err
		}
		j := journalIn(w.t, w.path(file))
		last := j.entries[len(j.entries)-1]
		e, err := ledger.Decode(last.Raw)
		if err == nil && (t.Entries != int64(len(j.entries)) || t.Has != last.Head || t.DownSeq != e.Mark) {
			missing = fmt.Errorf("%s: HQ has %d entries up to %s, the terminal %d up to %s; HQ wrote %d to it, it has read %d",
				id, t.Entries, t.Has, len(j.entries), last.Head, t.DownSeq, e.Mark)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return missing
}

// agree holds every terminal's file against HQ's book, looks through the whole
// book, and adds up where everything is.
func (f *fleet) agree() {
	f.t.Helper()
	kept := f.book()
	defer kept.Close()
	if err := audit.Check(kept); err != nil {
		f.t.Errorf("HQ's book: %v", err)
	}
	held, spent := map[lot.Asset]lot.Amount{}, map[lot.Asset]lot.Amount{}
	err := kept.View(func(tx book.Tx) (err error) {
		for _, c := range f.tills {
			path := f.path(c.file("ledger.db"))
			totals, bad := totalsIn(path)
			err = errors.Join(err, bad, compareEntries(tx, c.id, journalIn(f.t, path)), compareStates(f.t, tx, c.id, path))
			for _, t := range totals {
				held[t.Asset] += t.Held()
				spent[t.Asset] += t.Spent
				if t.Risk != 0 {
					err = errors.Join(err, fmt.Errorf("t%d took %d of %s beyond what it held", c.id, t.Risk, t.Asset))
				}
			}
		}
		return errors.Join(err, noAlarms(tx), places(tx, held, spent))
	})
	if err != nil {
		f.t.Errorf("the sides do not agree:\n%v", err)
	}
}

// places compares what all terminals hold and spent with HQ's accounts.
func places(tx book.Tx, held, spent map[lot.Asset]lot.Amount) error {
	sums, err := tx.Accounts()
	for _, s := range sums {
		asset := s.Asset
		if asset.Quota() {
			asset = "quota" // as a terminal adds them up
		}
		switch s.Kind {
		case book.AtTerminal:
			held[asset] -= s.Amount
		case book.Spent:
			spent[asset] -= s.Amount
		case book.InFlight, book.Risk:
			if s.Amount != 0 {
				err = errors.Join(err, fmt.Errorf("%d of %s are at %v", s.Amount, s.Asset, s.Kind))
			}
		}
	}
	for asset := range held {
		if held[asset] != 0 || spent[asset] != 0 {
			err = errors.Join(err, fmt.Errorf("%s: the terminals hold %d more, and spent %d more, than HQ says", asset, held[asset], spent[asset]))
		}
	}
	return err
}

// kept checks what the clerks were told: all that was done is there once, and
// nothing that was refused.
func (f *fleet) kept() (sold int) {
	f.t.Helper()
	for _, c := range f.tills {
		k := c.clerk
		refs := map[string]int{}
		for _, e := range journalIn(f.t, f.path(c.file("ledger.db"))).entries {
			entry, err := ledger.Decode(e.Raw)
			if err != nil {
				continue // of a later version
			}
			switch entry.Body.(type) {
			case *ledger.Sale, *ledger.Redeem:
				refs[entry.Ref]++
			}
		}
		for _, ref := range k.told {
			if refs[ref] != 1 {
				f.t.Errorf("t%d said that %s was done, and its journal has it %d times", c.id, ref, refs[ref])
			}
			delete(refs, ref)
		}
		for ref, n := range refs {
			if why, refused := k.refused[ref]; refused || !k.open[ref] || n > 1 {
				f.t.Errorf("t%d has %s %d times, and the clerk was told %q", c.id, ref, n, why)
			}
		}
		if k.unlooked != "" || len(k.open) > 1 || len(k.told) == 0 {
			f.t.Errorf("the clerk at t%d: %d done, %d unknown, %s", c.id, len(k.told), len(k.open), k.unlooked)
		}
		f.t.Logf("t%d: %d done, %d refused, %d answers that came late", c.id, len(k.told), len(k.refused), k.again)
		sold += len(k.told)
	}
	return sold
}

// goroutines ends a program as it is and counts, by where they were made, the
// goroutines that it had.
func goroutines(p *program) map[string]int {
	_ = p.cmd.Process.Signal(syscall.SIGQUIT)
	<-p.gone
	count := map[string]int{}
	for _, g := range bytes.Split([]byte(p.said.String()), []byte("\n\n")) {
		if !bytes.HasPrefix(bytes.TrimSpace(g), []byte("goroutine ")) {
			continue
		}
		by := "main"
		for line := range strings.Lines(string(g)) {
			if made, ok := strings.CutPrefix(line, "created by "); ok {
				by, _, _ = strings.Cut(strings.TrimSpace(made), " in goroutine")
			}
		}
		count[by]++
	}
	return count
}
