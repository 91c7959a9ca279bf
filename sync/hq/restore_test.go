package hq_test

import (
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/grantlog"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// logged is a bench with a grant log.
func logged(t *testing.T) (b *bench, folder string) {
	t.Helper()
	b = newBench(t)
	folder = t.TempDir()
	b.openLog(folder)
	b.restart()
	return b, folder
}

func (b *bench) openLog(folder string) {
	b.Helper()
	var err error
	b.log, err = grantlog.Open(folder)
	b.ok("Open grant log", err)
}

// backup copies the book as it is.
func (b *bench) backup() []byte {
	b.Helper()
	b.ok("Close", b.book.Close())
	bytes, err := os.ReadFile(b.path)
	b.ok("ReadFile", err)
	b.reopen()
	return bytes
}

func (b *bench) reopen() {
	b.Helper()
	var err error
	b.book, err = sqlbook.OpenSQLite(b.path)
	b.ok("OpenSQLite", err)
	b.restart()
}

// restore puts a backup back and starts HQ on it.
func (b *bench) restore(backup []byte) {
	b.Helper()
	b.ok("Close", b.book.Close())
	files, err := filepath.Glob(b.path + "-*")
	b.ok("Glob", err)
	for _, f := range files {
		b.ok("Remove", os.Remove(f))
	}
	b.ok("WriteFile", os.WriteFile(b.path, backup, 0o600))
	b.reopen()
}

// goesBack puts a backup back, and a person says so.
func (b *bench) goesBack(backup []byte) {
	b.Helper()
	b.restored = true
	b.restore(backup)
	b.restored = false
}

// hello greets HQ and sends back what it lacks, until it lacks nothing.
func (t *terminal) hello() {
	t.b.Helper()
	m := &wire.Hello{Software: "test", Down: t.state.Mark(), Streams: []ledger.Head{t.state.Head()}}
	if n := len(t.downs); n > 0 {
		m.Last = t.downs[n-1]
	}
	_, err := t.b.Hello(t.id, m)
	for lacks := (*exchange.LacksError)(nil); errors.As(err, &lacks); {
		after := lacks.After
		lacks = nil
		err = t.b.Echo(t.id, &wire.Echo{
			First: after + 1, Entries: t.downs[after:min(int(after)+2, len(t.downs))], Down: t.state.Mark(), Epoch: t.b.Epoch(),
		})
	}
	t.b.ok("Hello", err)
}

// syncAll sends every incarnation from where HQ is.
func (t *terminal) syncAll() {
	t.b.Helper()
	for _, i := range []ledger.Incarnation{t.state.Head().Incarnation} {
		head, resume, err := t.b.Ingest(t.id, t.batchOf(i, t.raws[i], 1))
		if err != nil || resume || head != t.state.Head() {
			t.b.Fatalf("Ingest() = %v, %v, %v, want %v, false, nil", head, resume, err, t.state.Head())
		}
	}
}

// life is what is done after the backup: points given out, earned, spent,
// given back, and a member merged.
func (b *bench) life() {
	one, two := b.terminals[0], b.terminals[1]
	one.ask(7, 60)
	one.hear()
	one.sell(40)
	one.spendAny(25)
	one.syncAll()
	one.givesUp(30)
	one.syncAll()
	two.ask(8, 45)
	two.hear()
	two.do(&ledger.Mark{})
	two.spendAny(20)
	_, err := b.Merge(wang, zhao, hq.By{Actor: "1"})
	b.ok("Merge", err)
	one.hear()
	two.hear()
}

// spendAny spends n of what the terminal may use.
func (t *terminal) spendAny(n lot.Amount) {
	t.b.Helper()
	t.do(&ledger.Sale{Member: wang, Deduction: &ledger.Deduction{Asset: points, Draws: t.draws(n)}})
}

// givesUp gives n of what the terminal may use to HQ.
func (t *terminal) givesUp(n lot.Amount) {
	t.b.Helper()
	t.do(&ledger.NoteGiven{Member: wang, Draws: t.draws(n)})
}

func (t *terminal) draws(n lot.Amount) (out []lot.Draw) {
	t.b.Helper()
	list, err := t.state.Usable(wang)
	t.b.ok("Usable", err)
	for _, h := range list {
		if m := min(n, h.Amount); m > 0 && h.Lot.Asset == points {
			out, n = append(out, lot.Draw{Lot: h.Lot.ID, Amount: m}), n-m
		}
	}
	if n > 0 {
		t.b.Fatalf("%d more is wanted than %s may use", n, t.id)
	}
	return out
}

// settled lets both terminals be heard until nothing is left to say.
func (b *bench) settled() {
	b.Helper()
	for range 3 {
		for _, t := range b.terminals {
			t.hello()
			t.hear()
			if t.state.Mark() > 0 {
				t.do(&ledger.Mark{})
			}
			t.syncAll()
		}
	}
	if err := b.Check(); err != nil {
		b.Errorf("Check() = %v, want nil", err)
	}
}

func TestBookBehindTheGrantLogIsBroughtUpToDate(t *testing.T) {
	b, _ := logged(t)
	b.give(wang, 200)
	one, two := b.terminals[0], b.terminals[1]
	one.syncAll()
	two.syncAll()
	old := b.backup()
	b.life()
	want := b.total()
	epoch := b.Epoch()
	b.restore(old)
	if b.Epoch() <= epoch {
		t.Errorf("epoch = %d after %d, want a later one", b.Epoch(), epoch)
	}
	if diff := cmp.Diff([]string{"alarm-caught-up"}, b.alarms()); diff != "" {
		t.Errorf("alarms (-want +got):\n%s", diff)
	}
	if ids, err := b.Unheard(); len(ids) != 0 || err != nil {
		t.Errorf("Unheard() = %v, %v, want nobody: the log says what was given", ids, err)
	}
	// HQ gives at once, and no more than it has: the rest lies at terminals.
	if given := two.ask(9, 500).Given; !given {
		t.Error("ask after the restore: not given, want HQ to give at once")
	}
	b.settled()
	got := b.total()
	if got.Risk != 0 || got.Issued != want.Issued || got.Spent != 45 {
		t.Errorf("account %+v, want as before %+v with what was spent since, and no risk", got, want)
	}
	if ruling, err := b.Ruling(zhao); err != nil || ruling.Member != wang {
		t.Errorf("Ruling() = %+v, %v, want that the merge is known again", ruling, err)
	}
}

func TestLogThatEndsEarlyIsCompletedFirst(t *testing.T) {
	b, folder := logged(t)
	b.give(wang, 200)
	one := b.terminals[0]
	one.ask(1, 10)
	one.hear()
	_, before, _ := b.log.Span()
	// The commit is done and nothing is sent yet: HQ is cut off.
	one.ask(2, 10)
	if _, last, _ := b.log.Span(); last != before {
		t.Fatalf("records = %d, want %d: nothing was sent", last, before)
	}
	b.ok("Close", b.log.Close())
	b.openLog(folder)
	b.restart()
	if _, last, _ := b.log.Span(); last != before+2 {
		t.Errorf("records after the start = %d, want %d", last, before+2)
	}
	if got := b.alarms(); len(got) != 0 {
		t.Errorf("alarms = %v, want none", got)
	}
}

// stuck is a grant log that cannot be written.
type stuck struct{ hq.GrantLog }

var errStuck = errors.New("no room")

func (stuck) Append(uint64, [][]byte) error { return errStuck }

func TestNothingLeavesBeforeTheLogHasIt(t *testing.T) {
	b, _ := logged(t)
	b.give(wang, 200)
	one := b.terminals[0]
	one.hear()
	b.stuck = true
	b.restart()
	if !one.ask(1, 10).Given {
		t.Error("ask: not given, want it committed")
	}
	if raws, err := b.Down(1, 0); len(raws) != 0 || !errors.Is(err, errStuck) {
		t.Errorf("Down() = %d entries, %v, want none while the log cannot be written", len(raws), err)
	}
	b.stuck = false
	b.restart()
	if raws, err := b.Down(1, 0); len(raws) == 0 || err != nil {
		t.Errorf("Down() = %d entries, %v, want what was committed", len(raws), err)
	}
}

func TestRestoreWithoutLogWaitsForTerminals(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one, two := b.terminals[0], b.terminals[1]
	one.syncAll()
	two.syncAll()
	old := b.backup()
	b.life()
	want := b.total()
	b.restore(old)
	// HQ does not know yet; what the first terminal shows tells it.
	epoch := b.Epoch()
	one.hello()
	if b.Epoch() <= epoch {
		t.Errorf("epoch = %d after %d, want a later one", b.Epoch(), epoch)
	}
	if ids, err := b.Unheard(); !slices.Equal(ids, []ledger.TerminalID{2}) || err != nil {
		t.Errorf("Unheard() = %v, %v, want t2", ids, err)
	}
	one.hear()
	one.do(&ledger.Mark{})
	one.syncAll()
	if one.ask(9, 500).Given {
		t.Error("ask while t2 is unheard: given, want nothing")
	}
	two.hello()
	if ids, err := b.Unheard(); len(ids) != 0 || err != nil {
		t.Errorf("Unheard() = %v, %v, want nobody", ids, err)
	}
	if !two.ask(10, 500).Given {
		t.Error("ask when all are heard: not given, want what HQ has")
	}
	b.settled()
	got := b.total()
	if got.Risk != 0 || got.Issued != want.Issued || got.Spent != 45 {
		t.Errorf("account %+v, want as before %+v with what was spent since, and no risk", got, want)
	}
	if ruling, err := b.Ruling(zhao); err != nil || ruling.Member != wang {
		t.Errorf("Ruling() = %+v, %v, want that the merge is known again", ruling, err)
	}
}

func TestAPersonNeedNotWait(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one, two := b.terminals[0], b.terminals[1]
	two.ask(8, 45)
	two.hear()
	old := b.backup()
	b.goesBack(old) // a person says so: nothing else shows it
	one.hello()
	if one.ask(9, 10).Given {
		t.Error("ask while t2 is unheard: given, want nothing")
	}
	claim := one.do(checkIn(wang, "spring")).Origin
	one.sync()
	one.settled("while t2 is unheard", claim, fold.ClaimOpen, "")
	b.ok("AcceptUnheard", b.AcceptUnheard(2, hq.By{Actor: "1", Reason: "burnt"}))
	one.settled("at once", claim, fold.ClaimGranted, "")
	if !one.ask(10, 10).Given {
		t.Error("ask when a person does not wait for t2: not given")
	}
	if got := b.alarms(); !slices.Contains(got, "alarm-exposure") {
		t.Errorf("alarms = %v, want the exposure among them", got)
	}
	two.hello() // it turns up after all
	b.settled()
}

// A terminal that is heard by its word alone may still be told something by an HQ
// that does not know yet that it was replaced.
func TestATerminalIsHeardOnlyWhenItKeepsToTheEpoch(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one := b.terminals[0]
	one.ask(1, 5)
	one.hear()
	old := b.backup()
	b.goesBack(old)
	lacks := (*exchange.LacksError)(nil)
	if _, err := b.Hello(1, &wire.Hello{Down: 1, Last: one.downs[0]}); !errors.As(err, &lacks) {
		t.Errorf("Hello() of a terminal that lacks nothing = %v, want a LacksError: it has promised nothing", err)
	}
	for _, m := range []wire.Echo{{First: 2, Down: 1, Epoch: b.Epoch() - 1}, {First: 2, Down: 2, Epoch: b.Epoch()}} {
		if err := b.Echo(1, &m); !errors.As(err, &lacks) {
			t.Errorf("Echo(%+v) = %v, want a LacksError", m, err)
		}
	}
	if list, err := b.Unheard(); err != nil || !slices.Contains(list, ledger.TerminalID(1)) {
		t.Errorf("Unheard() = %v, %v, want t1 among them", list, err)
	}
	b.ok("Echo", b.Echo(1, &wire.Echo{First: 2, Down: 1, Epoch: b.Epoch()}))
	if list, err := b.Unheard(); err != nil || slices.Contains(list, ledger.TerminalID(1)) {
		t.Errorf("Unheard() = %v, %v, want t1 not among them", list, err)
	}
}

func TestNobodysWordAloneBeginsALife(t *testing.T) {
	b := newBench(t)
	epoch := b.Epoch()
	forged := ledger.SignDown(ledger.Down{Terminal: 1, Epoch: 99, Seq: 5}, b.terminals[0].key)
	if _, err := b.Hello(1, &wire.Hello{Down: 5, Last: forged}); err == nil {
		t.Error("Hello() with a forged entry = nil, want an error")
	}
	if _, err := b.Hello(1, &wire.Hello{Down: 5}); err != nil {
		t.Errorf("Hello() that shows nothing = %v, want nil", err)
	}
	other := ledger.SignDown(ledger.Down{Terminal: 2, Epoch: 99, Seq: 5}, hqKey)
	if _, err := b.Hello(1, &wire.Hello{Down: 5, Last: other}); err == nil {
		t.Error("Hello() with another terminal's entry = nil, want an error")
	}
	if b.Epoch() != epoch || b.Fenced() {
		t.Errorf("epoch %d, fenced %v, want %d as before", b.Epoch(), b.Fenced(), epoch)
	}
}

func TestLogOfAnotherBookIsRefused(t *testing.T) {
	b, _ := logged(t)
	b.give(wang, 200)
	b.terminals[0].ask(1, 10)
	b.terminals[0].hear()
	other := newBench(t)
	other.openLog(t.TempDir())
	other.now = other.now.Add(1)
	other.restart()
	other.give(zhao, 7, 8)
	other.give(wang, 7, 8)
	other.terminals[0].ask(1, 5)
	other.terminals[0].hear()
	if _, err := hq.New(b.options(other.log)); !errors.Is(err, hq.ErrGrantLog) {
		t.Errorf("New() on the log of another book = %v, want ErrGrantLog", err)
	}
}

// A note that came back because its terminal had passed it over comes back once: the
// grant log says so before the terminal is heard to pass it over, and by then it may
// have gone to another terminal.
func TestNoteTakenBackBeforeTheRestoreIsNotTakenBackAgain(t *testing.T) {
	b, _ := logged(t)
	b.give(wang, 60)
	one, two := b.terminals[0], b.terminals[1]
	one.sync()
	two.sync()
	first := one.state.Head().Incarnation
	old := b.backup()
	one.ask(1, 60) // HQ gives it to the first life
	one.do(&ledger.Stop{})
	one.sync()
	one.open(0x102)
	one.hear() // the note names a life that is not alive here
	one.do(&ledger.Mark{})
	one.sync()
	b.sums("taken back", hq.TotalView{Issued: 60, HQ: 60})
	if !two.ask(1, 60).Given {
		t.Fatal("what was taken back is not given to another terminal")
	}
	two.hear()
	b.restore(old)
	for _, i := range []ledger.Incarnation{first, 0x102} {
		if _, resume, err := b.Ingest(1, one.batchOf(i, one.raws[i], 1)); err != nil || resume {
			t.Fatalf("Ingest() after the restore = %v, %v, want what it sends again taken in", resume, err)
		}
	}
	two.do(&ledger.Mark{})
	two.syncAll()
	b.sums("in the end", hq.TotalView{Issued: 60, Terminals: 60})
	b.ok("Check", b.Check())
}

// A document that was published after the backup is gone at HQ, and does not lie beside
// the grant log either, and its terminals were told of it: they are told of the one that
// HQ has.
func TestTerminalToldOfALostDocumentIsToldOfTheOneThatIsThere(t *testing.T) {
	b, folder := logged(t)
	one := b.terminals[0]
	release := func(version string) {
		b.Helper()
		b.ok("Release", b.Release(library.Release{What: "programme", Version: version, Bytes: []byte("document " + version)}, byZhou))
	}
	release("1")
	one.sync()
	one.hear()
	old := b.backup()
	release("2")
	one.hear()
	if got := one.told(); got != "2" {
		t.Fatalf("told of version %q, want 2", got)
	}
	b.ok("RemoveAll", os.RemoveAll(filepath.Join(folder, "documents")))
	b.restore(old)
	one.hello()
	one.hear()
	if got := one.told(); got != "1" {
		t.Errorf("told of version %q after the restore, want 1, which HQ has", got)
	}
}

// three is a terminal that HQ hears of now.
func (b *bench) three() *terminal {
	b.Helper()
	b.third = hq.Board{ID: 3, Name: "three", Store: "S3", Code: code}
	b.restart()
	return b.newTerminal(3)
}

// What the log says of boards, a book that went back learns again.
func TestBoardThatEnrolledAfterTheBackupIsKnownAgain(t *testing.T) {
	b, _ := logged(t)
	backup := b.backup()
	three := b.three()
	b.restore(backup)
	if key, err := b.Key(3); err != nil || !key.Equal(three.key.Public()) {
		t.Errorf("Key() after the restore = %x, %v, want the board's", key, err)
	}
	refusedWith(t, "another board", board(72, code).enrol(b, 3), "denied-board")
}

// Without a log, what a board holds that enrolled after the backup is given to nobody
// before the board is heard; HQ's authority vouches for it.
func TestBoardThatNothingNamesIsWaitedForAndComesInByItsCertificate(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	b.terminals[0].syncAll()
	b.terminals[1].syncAll()
	backup := b.backup()
	three := b.three()
	three.ask(7, 60)
	three.hear()
	three.do(&ledger.Mark{})
	b.goesBack(backup)
	for _, heard := range b.terminals[:2] {
		heard.hello()
	}
	if b.terminals[0].ask(9, 500).Given {
		t.Error("ask while a board is unheard that holds some of it: given, want nothing")
	}
	key := three.key.Public().(ed25519.PublicKey)
	b.ok("Vouched", b.Vouched(3, key))
	if err := b.Vouched(3, b.terminals[0].key.Public().(ed25519.PublicKey)); !errors.Is(err, exchange.ErrRefused) {
		t.Errorf("Vouched() for a second board = %v, want ErrRefused", err)
	}
	three.hello()
	three.syncAll()
	if !b.terminals[0].ask(10, 500).Given {
		t.Error("ask when all are heard: not given, want what HQ has")
	}
	b.settled()
	if got := b.total(); got.Risk != 0 || got.Issued != 200 {
		t.Errorf("account %+v, want 200 issued and no risk", got)
	}
	b.ok("Decommission", b.Decommission(3, burnt))
	if err := b.Vouched(3, key); !errors.Is(err, exchange.ErrRefused) {
		t.Errorf("Vouched() of what is decommissioned = %v, want ErrRefused", err)
	}
}

// Who ends a terminal that HQ waits for does not wait for it: what it had is the
// members', and what it spent of that is the store's, also if the board turns up.
func TestTerminalThatIsWaitedForIsEnded(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	one, two := b.terminals[0], b.terminals[1]
	one.syncAll()
	two.syncAll()
	old := b.backup()
	two.ask(8, 45)
	two.hear()
	two.do(&ledger.Mark{})
	two.spendAny(20)
	b.restored = true
	b.restore(old)
	b.ok("Decommission", b.Decommission(2, burnt))
	b.restore(b.backup()) // once more, and the end is known: nobody is waited for
	b.restored = false
	one.hello()
	if ids, err := b.Unheard(); len(ids) != 0 || err != nil {
		t.Errorf("Unheard() = %v, %v, want nobody", ids, err)
	}
	if !one.ask(9, 200).Given {
		t.Error("ask for all that the member has: not given")
	}
	one.hear()
	one.do(&ledger.Mark{})
	one.syncAll()
	_, err := b.Hear(2, code, operator)
	b.ok("Hear", err)
	epoch := b.Epoch()
	two.hello()
	two.syncAll()
	if b.Epoch() != epoch {
		t.Errorf("epoch = %d after %d, want the same: nothing was forgotten that anybody waits for", b.Epoch(), epoch)
	}
	got := b.total()
	if got.Flight != 0 || got.HQ+got.Terminals != 200 || got.Spent != 20 || got.Risk != 20 {
		t.Errorf("account %+v, want the member's 200 and what the board spent at the store's risk", got)
	}
	if err := b.Check(); err != nil {
		t.Errorf("Check() = %v, want nil", err)
	}
}

// What one terminal shows of a merge or a block that HQ has forgotten, the others hear
// of that had not heard it, once.
func TestWhatOneTerminalShowsTheOthersAreTold(t *testing.T) {
	b := newBench(t)
	b.give(wang, 200)
	b.give(zhao, 100)
	one, two := b.terminals[0], b.terminals[1]
	for _, at := range b.terminals[:2] {
		at.sell(1)
		at.do(&ledger.Sale{Member: zhao, Lines: []ledger.Line{{Qty: 1, Fen: 100}}})
		at.syncAll()
		at.hear()
	}
	old := b.backup()
	_, err := b.Merge(wang, zhao, hq.By{Actor: "1"})
	b.ok("Merge", err)
	b.ok("SetStanding", b.SetStanding(wang, "", true, hq.By{Actor: "1", Reason: "card stolen"}))
	one.hear()
	b.goesBack(old)
	two.hello()
	one.hello()
	for range 2 { // it is said once
		for _, at := range b.terminals[:2] {
			at.hear()
			at.do(&ledger.Mark{})
			at.syncAll()
			about, err := at.state.About(zhao)
			b.ok("About", err)
			if about.Member != wang || !about.Ruling.Blocked {
				t.Errorf("%s knows %+v, want zhao to be wang, who is blocked", at.id, about)
			}
		}
		two.hello()
		one.hello()
	}
	if got := b.alarms(); slices.Contains(got, "alarm-wrong") {
		t.Errorf("alarms = %v, want nothing said twice", got)
	}
	b.settled()
}

// A book that went back to before some entries, and nothing else, hears of it by what a
// terminal reports that has nothing more to send.
func TestEntriesThatAnOlderBookLacksAreAskedFor(t *testing.T) {
	b, _ := logged(t)
	one := b.terminals[0]
	one.syncAll()
	had := one.state.Head()
	old := b.backup()
	one.sell(40)
	one.syncAll()
	epoch := b.Epoch()
	b.restore(old)
	report := &wire.Report{Head: one.state.Head(), Backlog: 1}
	b.ok("Report of who has something to send", b.Report(1, report))
	report.Backlog = 0
	behind := (*exchange.BehindError)(nil)
	if err := b.Report(1, report); !errors.As(err, &behind) || behind.Head != had {
		t.Errorf("Report() = %v, want that HQ has entries only up to %s", err, had)
	}
	one.syncAll()
	b.ok("Report of who has sent all", b.Report(1, report))
	if b.Epoch() != epoch {
		t.Errorf("epoch %d after %d, want the same: HQ has told nobody what it forgot", b.Epoch(), epoch)
	}
}

// A report that comes late, or of a disk that went back, names an entry of a former life.
// HQ has it: to be told to go on elsewhere would have all of the journal sent again.
func TestReportOfAFormerLifeAsksForNothing(t *testing.T) {
	b := newBench(t)
	one := b.terminals[0]
	one.sell(40)
	one.sync()
	had := one.state.Head()
	one.sell(30)
	one.sync()
	one.open(0x102)
	one.sync()
	b.ok("Report of a former life", b.Report(1, &wire.Report{Head: had}))
	behind := (*exchange.BehindError)(nil)
	next := ledger.Head{Incarnation: 0x103, Seq: 1}
	if err := b.Report(1, &wire.Report{Head: next}); !errors.As(err, &behind) || behind.Head != one.state.Head() {
		t.Errorf("Report of a life that HQ lacks = %v, want that HQ has entries only up to %s", err, one.state.Head())
	}
}

// A claim that was granted is not for a person again where HQ's book went back and the
// claim is heard late, of a terminal that was ended since.
func TestClaimThatWasGrantedStaysSo(t *testing.T) {
	b, _ := logged(t)
	b.give(wang, 100)
	one := b.terminals[0]
	one.syncAll()
	old := b.backup()
	claim := one.do(checkIn(wang, "spring")).Origin
	one.syncAll()
	b.ok("Decommission", b.Decommission(1, burnt))
	b.terminals[1].hear() // so the log has it
	b.restore(old)
	_, err := b.Hear(1, code, operator)
	b.ok("Hear", err)
	one.syncAll()
	list, err := b.Claims()
	b.ok("Claims", err)
	if len(list) != 1 || list[0].Of != claim || list[0].Status != office.ClaimGranted {
		t.Errorf("claims %+v, want %s granted", list, claim)
	}
	if err := b.Check(); err != nil {
		t.Errorf("Check() = %v, want nil", err)
	}
}

// A board's card went back, HQ gave it what it had forgotten, and then HQ's book went
// back too: the board's next life, which begins before that, waits until HQ has it again.
func TestNextLifeWaitsForWhatHealedTheOneBefore(t *testing.T) {
	b, _ := logged(t)
	one := b.terminals[0]
	one.syncAll()
	parent := one.state.Head()
	old := b.backup()
	one.sell(40)
	one.syncAll()
	healed := one.state.Head()
	b.restore(old)
	raw, err := ledger.Encode(ledger.Entry{Wall: b.now.UnixMilli(), Programme: b.programme.Version(), Body: &ledger.Open{Parent: parent}})
	b.ok("Encode", err)
	next := one.batchFrom(&ledger.Head{Incarnation: 0x102}, [][]byte{raw}, 1)
	next.Before, next.BeforeLast = healed.Incarnation, healed.Seq
	head := ledger.Head{Incarnation: 0x102, Seq: 1, Hash: ledger.Genesis(1, 0x102, parent).Next(raw)}
	mark, err := ledger.Encode(ledger.Entry{Wall: b.now.UnixMilli(), Programme: b.programme.Version(), Body: &ledger.Mark{}})
	b.ok("Encode", err)
	more := one.batchFrom(&head, [][]byte{mark}, 2)
	for _, list := range [][]*wire.Batch{{next}, {next, more}} {
		if head, resume, err := b.Ingest(1, list...); err != nil || !resume || head != parent {
			t.Errorf("Ingest() of the next life, %d batches = %v, %v, %v, want to resume after %v", len(list), head, resume, err, parent)
		}
	}
	one.syncAll()
	if head, resume, err := b.Ingest(1, next); err != nil || resume || head.Incarnation != 0x102 {
		t.Errorf("Ingest() of the next life, now = %v, %v, %v, want it taken in", head, resume, err)
	}
	if got := b.alarms(); !slices.Contains(got, "alarm-went-back") {
		t.Errorf("alarms = %v, want that the card went back", got)
	}
}

// A board's card went back, it told HQ of its next life, and HQ gave it what it had
// forgotten. Then HQ's book went back, and only now the message comes once more, in which
// the board had nothing of that: the life waits, or the rest would come after it.
func TestNextLifeThatWasToldAnEarlierEpochWaits(t *testing.T) {
	b, _ := logged(t)
	one := b.terminals[0]
	one.syncAll()
	parent := one.state.Head()
	old := b.backup()
	one.sell(40)
	one.syncAll()
	raw, err := ledger.Encode(ledger.Entry{Wall: b.now.UnixMilli(), Programme: b.programme.Version(), Body: &ledger.Open{Parent: parent}})
	b.ok("Encode", err)
	told := one.batchFrom(&ledger.Head{Incarnation: 0x102}, [][]byte{raw}, 1)
	told.Before, told.BeforeLast, told.Epoch = parent.Incarnation, parent.Seq, b.Epoch()
	if head, resume, err := b.Ingest(1, told); err != nil || resume || head.Incarnation != 0x102 {
		t.Fatalf("Ingest() of the next life = %v, %v, %v, want it taken in", head, resume, err)
	}
	b.terminals[1].hear() // so the log has it that the board was told
	b.restore(old)
	if b.Epoch() == told.Epoch {
		t.Fatalf("epoch %d, want another than before HQ's book went back", b.Epoch())
	}
	mark, err := ledger.Encode(ledger.Entry{Wall: b.now.UnixMilli(), Programme: b.programme.Version(), Body: &ledger.Mark{}})
	b.ok("Encode", err)
	head := ledger.Head{Incarnation: 0x102, Seq: 1, Hash: ledger.Genesis(1, 0x102, parent).Next(raw)}
	more := one.batchFrom(&head, [][]byte{mark}, 2)
	for _, list := range [][]*wire.Batch{{told}, {told, more}} {
		if head, resume, err := b.Ingest(1, list...); err != nil || !resume || head != parent {
			t.Errorf("Ingest() of what was told before, %d batches = %v, %v, %v, want to resume after %v", len(list), head, resume, err, parent)
		}
	}
	one.syncAll() // the rest of the life before
	if head, resume, err := b.Ingest(1, told); err != nil || !resume {
		t.Errorf("Ingest() of what was told before, again = %v, %v, %v, want to resume", head, resume, err)
	}
	told.Epoch = b.Epoch()
	if head, resume, err := b.Ingest(1, told); err != nil || resume || head.Incarnation != 0x102 {
		t.Errorf("Ingest() of what is told in this epoch = %v, %v, %v, want it taken in", head, resume, err)
	}
}
