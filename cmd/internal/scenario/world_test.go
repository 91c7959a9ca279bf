package scenario_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/devices/devicetest"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Codes that the scenarios scan, from the sample documents.
const (
	rice   = "6900001000112" // ￥49.90
	millet = "6900001000228" // ￥26.80, eco
	red    = "6900001000334" // ￥18.80
	oil    = "6900001000440" // ￥79.90
	lei    = "HM10001823T"   // the card of M1007: 2500 consumption, 300 green at HQ

	consumption lot.Asset = "points:consumption"
	green       lot.Asset = "points:green"
)

// pinHash is made once, since making one is slow on purpose.
var pinHash = webui.HashPIN(pin, []byte("salt of the scenarios"))

// world is HQ, one terminal with a scanner and a printer, and who works there.
type world struct {
	t       testing.TB
	dir     string
	set     settings
	env     []string
	scanner *devicetest.SerialScanner
	hq      *program
	till    *program
	at      screen
	desk    desk
}

// settings are what the two settings files say.
type settings struct {
	terminal  int
	broker    string // where terminals find the broker
	hqBroker  string // HQ's [broker] table
	login     string // the terminal's own login at the broker, if it has one
	cashier   string
	dashboard string
	scanners  string // [[scanners]] tables
	printer   string // the [printer] table
	people    string
	documents string
	api       string // the [api] table, if there is one
	more      string // further [[terminals]] tables of HQ
	database  string // URL of HQ's book in PostgreSQL, or "": a file
}

// newWorld lays out settings and documents; nothing runs yet.
func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), scanner: devicetest.Scanner(t)}
	broker := freeAddress(t)
	w.set = settings{
		terminal: 1, broker: broker,
		hqBroker: fmt.Sprintf("embedded = true\nlisten = %q\n", broker), cashier: "127.0.0.1:0", dashboard: "127.0.0.1:0",
		scanners: fmt.Sprintf("[[scanners]]\nname = \"counter\"\nkind = \"serial\"\npath = %q\n", w.scanner.Path()),
		printer:  "kind = \"virtual\"\nprofile = \"generic58\"\n", documents: "documents",
		people: fmt.Sprintf("[[people]]\nid = %q\nname = \"Li\"\npin = '%s'\n", person, pinHash),
	}
	// A boot is what this folder knows: emptied, the board was switched off.
	run := filepath.Join(w.dir, "run")
	w.mkdir(run)
	w.env = append(os.Environ(), "RUNTIME_DIRECTORY="+run)
	w.mkdir(w.path("documents"))
	w.write("documents/programme.yaml", demo.Programme)
	w.write("documents/products.csv", demo.Products)
	w.write("documents/members.csv", demo.Members)
	return w
}

func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

func (w *world) mkdir(path string) {
	w.t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(name string, b []byte) {
	w.t.Helper()
	if err := os.WriteFile(w.path(name), b, 0o644); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) read(name string) []byte {
	w.t.Helper()
	b, err := os.ReadFile(w.path(name))
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (s settings) documentTable() string {
	return fmt.Sprintf("[documents]\nprogramme = \"%[1]s/programme.yaml\"\nproducts = \"%[1]s/products.csv\"\nmembers = \"%[1]s/members.csv\"\n", s.documents)
}

func (s settings) hqFile() string {
	store := ""
	if s.database != "" {
		store = fmt.Sprintf("[store]\nkind = \"postgresql\"\nurl = %q\n", s.database)
	}
	return fmt.Sprintf("data = \"hq\"\n[broker]\n%s[dashboard]\nlisten = %q\n%s%s[[terminals]]\nid = %d\nname = \"Till 1\"\nstore = \"S1\"\n%s%s",
		s.hqBroker, s.dashboard, s.people, store, s.terminal, s.more, s.documentTable())
}

// book is HQ's book, which HQ has let go of.
func (w *world) book() (kept *sqlbook.Book) {
	w.t.Helper()
	var err error
	if w.set.database != "" {
		kept, err = sqlbook.OpenPostgres(w.set.database, "")
	} else {
		kept, err = sqlbook.OpenSQLite(w.path("hq/book.db"))
	}
	if err != nil {
		w.t.Fatalf("open HQ's book: %v", err)
	}
	return kept
}

// scheme is how terminals speak to the broker: HQ's own wants TLS.
func (s settings) scheme() string {
	if strings.Contains(s.hqBroker, "embedded = true") {
		return "ssl"
	}
	return "tcp"
}

func (s settings) tillFile() string {
	return fmt.Sprintf("data = \"till\"\n[ledger]\nany_file_system = true\n[terminal]\nid = %d\nname = \"Till 1\"\nstore = \"S1\"\nstore_name_zh = \"一店\"\nstore_name_en = \"First Store\"\n"+
		"[hq]\nurl = \"%s://%s\"\n%s[cashier]\nlisten = %q\n%s%s%s[printer]\n%s%s",
		s.terminal, s.scheme(), s.broker, s.login, s.cashier, s.api, s.people, s.scanners, s.printer, s.documentTable())
}

// hqCommand and tillCommand are how the daemons are started, with the settings
// as they are now.
func (w *world) hqCommand() *exec.Cmd {
	w.write("jifenhq.toml", []byte(w.set.hqFile()))
	return w.command("jifenhq")
}

func (w *world) tillCommand() *exec.Cmd {
	w.write("jifend.toml", []byte(w.set.tillFile()))
	return w.command("jifend")
}

func (w *world) command(name string) *exec.Cmd {
	c := exec.Command(ours(name), "-config", w.path(name+".toml"))
	c.Dir, c.Env = w.dir, w.env
	return c
}

// openHQ starts HQ, and somebody signs in there.
func (w *world) openHQ() {
	w.t.Helper()
	w.hq = start(w.t, w.hqCommand())
	w.desk = signInHQ(w.t, w.hq.ready())
	if _, err := os.Stat(w.path("till/enrolled")); err != nil {
		w.join("-approved")
	}
}

// join hands the board a code from HQ, as an installer does.
func (w *world) join(how ...string) {
	w.t.Helper()
	args := append([]string{"board", "invite", "-hq", "hq"}, how...)
	exit, code, said := tool(w.t, w.dir, append(args, fmt.Sprint(w.set.terminal))...)
	if exit != 0 {
		w.t.Fatalf("jifen board invite = %d: %s", exit, said)
	}
	if exit, _, said = tool(w.t, w.dir, "join", "-data", "till", strings.TrimSpace(code)); exit != 0 {
		w.t.Fatalf("jifen join = %d: %s", exit, said)
	}
}

// openTill starts the terminal; the cashier signs in and waits for the scanner.
func (w *world) openTill() {
	w.t.Helper()
	w.till = start(w.t, w.tillCommand())
	w.at = signIn(w.t, w.till.ready())
	w.at.sees("the scanner to be ready", func(v view) bool { return v.device("scanner").OK })
}

// scan scans codes one after the other; each is waited for, as a cashier waits
// for the beep.
func (w *world) scan(codes ...string) view {
	w.t.Helper()
	var v view
	for _, code := range codes {
		before := w.at.view().Message.N
		w.scanner.Send([]byte(code + "\r\n"))
		v = w.at.sees("an answer to the scan of "+code, func(v view) bool { return v.Message.N > before })
	}
	return v
}

// sell sells codes for cash and returns the sale's reference.
func (w *world) sell(codes ...string) string {
	w.t.Helper()
	v := w.scan(codes...)
	w.at.do("pay", "ref", v.Ref, "cash", v.Quote.ToPay.String())
	return v.Ref
}

// papers are the pictures that the virtual printer has kept, oldest first.
func (w *world) papers() []string {
	names, err := filepath.Glob(w.path("till/papers/*.png"))
	if err != nil {
		w.t.Fatal(err)
	}
	return names
}

// voucherOnPaper waits for a paper after the first `since` whose picture holds
// a voucher, as zbarimg reads it.
func (w *world) voucherOnPaper(zbarimg string, since int) string {
	w.t.Helper()
	text, read := "", since
	eventually(w.t, "a voucher on paper", func() (any, bool) {
		papers := w.papers()
		for ; read < len(papers) && text == ""; read++ {
			out, err := exec.Command(zbarimg, "-q", "--raw", "-Sdisable", "-Sqrcode.enable", papers[read]).Output()
			if err == nil && bytes.HasPrefix(out, []byte("JF1.V.")) {
				text = strings.TrimSpace(string(out))
			}
		}
		return papers, text != ""
	})
	return text
}

// freeAddress finds a port on loopback that is free now. It is not one that
// the system gives to outgoing connections, so that it is still free when a
// program comes back to it.
func freeAddress(t testing.TB) string {
	t.Helper()
	for range 100 {
		address := fmt.Sprintf("127.0.0.1:%d", 20_000+rand.IntN(12_000))
		l, err := net.Listen("tcp", address)
		if err != nil {
			continue
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		return address
	}
	t.Fatal("no port is free")
	return ""
}

// forgetBoot empties what does not outlive a boot: the board was switched off.
func (w *world) forgetBoot() {
	w.t.Helper()
	if err := os.RemoveAll(w.path("run")); err != nil {
		w.t.Fatal(err)
	}
	w.mkdir(w.path("run"))
}
