package scenario_test

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/jifen-pos/jifen/terminal/boltstore"
)

// refusals are starts that must not succeed: what is wrong, and what is said
// of it.
var refusals = []struct {
	name string
	with func(w *world) *exec.Cmd // makes the fault and gives the start that meets it
	want []string                 // parts of what it says
}{
	{"busy-cashier-port", func(w *world) *exec.Cmd {
		w.set.cashier = occupied(w)
		return w.tillCommand()
	}, []string{"jifend: serve pages on ", "the address is in use or cannot be taken"}},
	{"busy-dashboard-port", func(w *world) *exec.Cmd {
		w.set.dashboard = occupied(w)
		return w.hqCommand()
	}, []string{"jifenhq: serve pages on ", "the address is in use or cannot be taken"}},
	{"busy-broker-port", func(w *world) *exec.Cmd {
		w.set.hqBroker = "embedded = true\nlisten = \"" + occupied(w) + "\"\n"
		return w.hqCommand()
	}, []string{"jifenhq: listen for terminals on ", "the address is in use by another program"}},
	{"terminal-started-twice", func(w *world) *exec.Cmd {
		w.openTill()
		w.at.sees("its versions to be written", func(v view) bool { return v.Ledger.Head.Seq >= 4 })
		return w.tillCommand()
	}, []string{"jifend: open ledger ", "ledger is in use by another process"}},
	{"hq-started-twice", func(w *world) *exec.Cmd {
		w.openHQ()
		w.set.hqBroker = "embedded = true\nlisten = \"" + freeAddress(w.t) + "\"\n"
		return w.hqCommand()
	}, []string{"jifenhq: open book ", "book is in use by another process"}},
	{"no-settings-file", func(w *world) *exec.Cmd {
		return w.command("jifend")
	}, []string{"jifend: ", "jifend.toml", "no such file"}},
	{"wrong-settings", func(w *world) *exec.Cmd {
		w.set.printer = "kind = \"virtual\"\nprofiel = \"generic58\"\n[log]\nlevel = 5\n"
		return w.tillCommand()
	}, []string{"jifend: ", "2 faults", "printer.profiel: is not a setting", "log.level: must be a text in quotes"}},
	{"missing-document", func(w *world) *exec.Cmd {
		w.remove("documents/products.csv")
		return w.tillCommand()
	}, []string{"jifend: read document: ", "documents/products.csv", "no such file"}},
	{"faulty-programme", func(w *world) *exec.Cmd {
		b := bytes.Replace(w.read("documents/programme.yaml"), []byte("valid_days: 60"), []byte("valid_days: soon"), 1)
		w.write("documents/programme.yaml", bytes.Replace(b, []byte("version: 1"), []byte("versoin: 1"), 1))
		return w.tillCommand()
	}, []string{"jifend: document ", "documents/programme.yaml:", "line 3:1: ", "line 4:1: ", "versoin", "line 36:5: ", "valid_days"}},
	{"faulty-products", func(w *world) *exec.Cmd {
		w.write("documents/products.csv", append(w.read("documents/products.csv"), "6900001000113,错,wrong digit,100,m1,false\n6900001000112,重,twice,100,m1,false\n"...))
		return w.tillCommand()
	}, []string{"jifend: document ", "documents/products.csv:", "line 68:1: ", "wrong check digit", "line 69:1: ", "earlier row"}},
	{"faulty-members-at-hq", func(w *world) *exec.Cmd {
		w.write("documents/members.csv", append(w.read("documents/members.csv"), "M2001,甲,HM10001001V,13900009999,-5,0,\n"...))
		return w.hqCommand()
	}, []string{"jifenhq: document ", "documents/members.csv:", "line 22:11: card", "line 22:35: opening_consumption"}},
	{"ledger-in-memory", func(w *world) *exec.Cmd {
		dir, err := os.MkdirTemp("/dev/shm", "jifen-scenario-")
		if err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { os.RemoveAll(dir) })
		file := strings.Replace(w.set.tillFile(), `data = "till"`, `data = "`+dir+`"`, 1)
		w.write("jifend.toml", []byte(strings.Replace(file, "any_file_system = true", "any_file_system = false", 1)))
		return w.command("jifend")
	}, []string{"jifend: ", "is a tmpfs: it keeps nothing over a power cut", "set any_file_system = true in [ledger]"}},
	{"data-folder-not-writable", func(w *world) *exec.Cmd {
		return asNobody(w, w.tillCommand())
	}, []string{"jifend: make data folder: ", "permission denied"}},
	{"data-folder-below-a-file", func(w *world) *exec.Cmd {
		w.write("till", []byte("a file"))
		return w.tillCommand()
	}, []string{"jifend: make data folder: ", "not a directory"}},
	{"ledger-of-another-terminal", func(w *world) *exec.Cmd {
		w.otherLedger()
		return w.tillCommand()
	}, []string{"jifend: open ledger ", "it is of t7, not of t1", "belongs to another terminal"}},
	{"ledger-cut-short", func(w *world) *exec.Cmd {
		w.openTill()
		w.sell(rice)
		w.till.stop(syscall.SIGTERM)
		w.write("till/ledger.db", w.read("till/ledger.db")[:3*4096])
		return w.tillCommand()
	}, []string{"jifend: open ledger ", "cut short", "ledger file is damaged"}},
	{"ledger-gone-after-enrolment", func(w *world) *exec.Cmd {
		w.openHQ()
		w.openTill()
		w.at.sees("HQ to be there", func(v view) bool { return v.Ledger.Online })
		w.till.stop(syscall.SIGTERM)
		w.remove("till/ledger.db")
		return w.tillCommand()
	}, []string{"jifend: the ledger ", "ledger.db is missing", "has enrolled"}},
	{"ledger-is-another-file", func(w *world) *exec.Cmd {
		w.mkdir(w.path("till"))
		w.write("till/ledger.db", bytes.Repeat([]byte("no ledger "), 4096))
		return w.tillCommand()
	}, []string{"jifend: open ledger ", "ledger file is damaged"}},
	{"book-is-another-file", func(w *world) *exec.Cmd {
		w.mkdir(w.path("hq"))
		w.write("hq/book.db", bytes.Repeat([]byte("no book "), 4096))
		return w.hqCommand()
	}, []string{"jifenhq: open book ", "not a book of HQ"}},
	{"key-file-damaged", func(w *world) *exec.Cmd {
		w.mkdir(w.path("till"))
		w.write("till/terminal.key", []byte("not a key\n"))
		return w.tillCommand()
	}, []string{"jifend: key file ", "terminal.key", "is damaged"}},
}

func TestFaultsAtTheStartAreSaid(t *testing.T) {
	t.Parallel()
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			command := c.with(w)
			before := w.stored()
			code, said := start(t, command).refusal()
			if code != 1 || strings.Contains(said, "goroutine ") || strings.Contains(said, "panic") {
				t.Errorf("exit code %d, want 1 and no panic; it said:\n%s", code, said)
			}
			for _, part := range c.want {
				if !strings.Contains(said, part) {
					t.Errorf("it does not say %q but:\n%s", part, said)
				}
			}
			w.keeps(before)
		})
	}
}

// stored is what is in the ledger and in the book of a world whose HQ does not
// run, by file.
func (w *world) stored() map[string][]byte {
	files := map[string][]byte{}
	for _, name := range []string{"till/ledger.db", "hq/book.db", "till/terminal.key"} {
		raw, err := os.ReadFile(w.path(name))
		if err == nil && w.hq == nil {
			files[name] = raw
		}
	}
	return files
}

// keeps checks that nothing of what was stored before is lost or changed.
func (w *world) keeps(before map[string][]byte) {
	w.t.Helper()
	after := w.stored()
	for name, raw := range before {
		if !bytes.Equal(raw, after[name]) {
			w.t.Errorf("the refused start changed %s", name)
		}
	}
}

func (w *world) remove(name string) {
	w.t.Helper()
	if err := os.Remove(w.path(name)); err != nil {
		w.t.Fatal(err)
	}
}

// occupied is an address on which somebody else listens.
func occupied(w *world) string {
	w.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = l.Close() })
	return l.Addr().String()
}

// otherLedger puts the ledger of another terminal into the data folder.
func (w *world) otherLedger() {
	w.t.Helper()
	w.mkdir(w.path("till"))
	store, err := boltstore.Open(w.path("till/ledger.db"), 7)
	if err != nil {
		w.t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		w.t.Fatal(err)
	}
}

// asNobody takes the right to write into the folder of the world. Root has it
// in any case, so root starts the program as somebody who has none.
func asNobody(w *world, c *exec.Cmd) *exec.Cmd {
	w.t.Helper()
	for _, path := range []string{w.dir, filepath.Dir(w.dir)} {
		if err := os.Chmod(path, 0o555); err != nil {
			w.t.Fatal(err)
		}
		w.t.Cleanup(func() { _ = os.Chmod(path, 0o755) })
	}
	if os.Geteuid() == 0 {
		const nobody = 65534
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	return c
}

func TestMissingProgramIsSaid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	raw, err := os.ReadFile(ours("jifen"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "jifen"), raw, 0o755); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(filepath.Join(dir, "jifen"), "demo")
	c.Dir = dir
	code, said := start(t, c).refusal()
	if code != 1 || !regexp.MustCompile(`^jifen demo: start jifenhq: .*no such file.*build it with make first\)\n$`).MatchString(said) {
		t.Errorf("jifen demo without the daemons beside it = %d: %q; want 1 and one line that says how to get them", code, said)
	}
}

func TestNothingToScanOnIsSaid(t *testing.T) {
	t.Parallel()
	code, _, said := tool(t, t.TempDir(), "scan", rice)
	if code != 1 || strings.Count(said, "\n") != 1 || !strings.HasPrefix(said, "jifen scan: ") {
		t.Errorf("jifen scan without a terminal = %d: %q; want 1 and one line", code, said)
	}
}
