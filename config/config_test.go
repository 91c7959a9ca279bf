package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/config"
)

// pin is a hash of the right form; no PIN opens it.
const pin = "$argon2id$v=19$m=19456,t=2,p=1$MTIzNDU2Nzg5MDEyMzQ1Ng$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI"

// smallTerminal is the least that a terminal's settings may say.
const smallTerminal = `data = "ledger"
[terminal]
id = 7
name = "Till 7"
store = "riverside"
store_name_zh = "河滨店"
enrol_code = "abcd-efgh-jkmn-pqr0"
[hq]
url = "tcp://hq.example:1883"
[[people]]
id = "li"
name = "Li"
pin = '` + pin + `'
[documents]
programme = "programme.yaml"
products = "/srv/products.yaml"
members = "docs/members.yaml"
`

// smallHQ is the least that HQ's settings may say.
const smallHQ = `data = "books"
[[people]]
id = "chen"
name = "Chen"
pin = '` + pin + `'
[documents]
programme = "programme.yaml"
products = "products.yaml"
members = "members.yaml"
[[terminals]]
id = 7
name = "Till 7"
store = "riverside"
`

func TestLoadTerminal(t *testing.T) {
	path := write(t, "jifend.toml", smallTerminal)
	dir := filepath.Dir(path)
	got, err := config.LoadTerminal(path)
	if err != nil {
		t.Fatalf("LoadTerminal: %v", err)
	}
	want := config.Terminal{
		Data: filepath.Join(dir, "ledger"),
		Terminal: config.Identity{
			ID: 7, Name: "Till 7", Store: "riverside", StoreNameZH: "河滨店", StoreNameEN: "河滨店",
			EnrolCode: "ABCDEFGHJKMNPQR0",
		},
		HQ:      config.Uplink{URL: "tcp://hq.example:1883"},
		Cashier: config.Web{Listen: "127.0.0.1:8480"},
		API:     config.API{Socket: filepath.Join(dir, "ledger", "api.sock")},
		People:  []config.Person{{ID: "li", Name: "Li", PIN: pin}},
		Scanners: []config.Scanner{{
			Name: "scanner", Kind: "virtual", AIM: "auto", PartialMS: 500, RepeatMS: 300, RepeatOnceMS: 3000, MaxFrame: 512,
			NoRead: []string{"NR", "NOREAD"},
		}},
		Printer: config.Printer{Kind: "virtual", Profile: "generic80", Drawer: "none", Language: "zh"},
		Display: config.Display{Kind: "none"},
		Documents: config.Documents{
			Programme: filepath.Join(dir, "programme.yaml"),
			Products:  "/srv/products.yaml",
			Members:   filepath.Join(dir, "docs/members.yaml"),
		},
		Log: config.Log{Level: "info"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("LoadTerminal: settings differ (-want +got):\n%s", diff)
	}
}

func TestLoadHQ(t *testing.T) {
	path := write(t, "jifenhq.toml", smallHQ)
	dir := filepath.Dir(path)
	got, err := config.LoadHQ(path)
	if err != nil {
		t.Fatalf("LoadHQ: %v", err)
	}
	want := config.HQ{
		Data:      filepath.Join(dir, "books"),
		Broker:    config.Broker{Embedded: true, Listen: "127.0.0.1:1883"},
		Dashboard: config.Web{Listen: "127.0.0.1:8490"},
		People:    []config.Person{{ID: "chen", Name: "Chen", PIN: pin}},
		Store:     config.Storage{Kind: "sqlite"},
		Terminals: []config.Station{{ID: 7, Name: "Till 7", Store: "riverside"}},
		Documents: config.Documents{
			Programme: filepath.Join(dir, "programme.yaml"),
			Products:  filepath.Join(dir, "products.yaml"),
			Members:   filepath.Join(dir, "members.yaml"),
		},
		Log: config.Log{Level: "info"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("LoadHQ: settings differ (-want +got):\n%s", diff)
	}
}

// TestFaultsAllAtOnce has one file with many faults: all are told, in the
// order of their lines, what is missing last.
func TestFaultsAllAtOnce(t *testing.T) {
	_, err := config.ParseTerminal([]byte(`data = 5
colour = "red"
[terminal]
id = "one"
name = "Till"
store = "River Side"
enrol_code = "1234-5678"
[hq]
url = "hq.example"
[cashier]
listen = "192.0.2.1:8480"
lan = "no"
[[people]]
id = "li"
name = "Li"
pin = "123456"
[[people]]
id = "li"
pin = '` + pin + `'
[[scanners]]
name = "counter"
kind = "serial"
baud = 9601
[printer]
kind = "laser"
`))
	want := []string{
		"line 1: data: must be a text in quotes",
		"line 2: colour: is not a setting; here stand data, terminal, hq, cashier, customer, ledger, witness, api, people, scanners, codes, in_store, printer, display, documents, log",
		"line 3: terminal.store_name_zh: must name the store for receipts, here or in store_name_en",
		"line 4: terminal.id: must be a whole number from 0 to 4294967295, without quotes",
		"line 6: terminal.store: must be 1 to 32 letters, digits, dots, hyphens or underscores of ASCII, a letter or digit first",
		"line 7: terminal.enrol_code: must be 16 to 64 characters, hyphens not counted",
		"line 9: hq.url: must be tcp://host:port or ssl://host:port",
		"line 11: cashier.listen: must be on 127.0.0.1, [::1] or localhost, unless lan = true in [cashier]",
		"line 12: cashier.lan: must be true or false, without quotes",
		"line 16: people[1].pin: must be the argon2id hash of a PIN: $argon2id$v=19$m=19456,t=2,p=1$salt$hash",
		"line 17: people[2].name: must name the person as others know them",
		`line 18: people[2].id: must be another person than people[1].id: "li" is taken`,
		"line 20: scanners[1].path: must be the full path of the device, for example /dev/serial/by-id/…",
		"line 23: scanners[1].baud: must be a speed that scanners and printers have: 1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200",
		`line 25: printer.kind: must be "virtual", "tcp", "serial", "usb" or "none"`,
		"documents.programme: must be the path of the programme document",
		"documents.products: must be the path of the products document",
		"documents.members: must be the path of the members document",
	}
	if diff := cmp.Diff(want, lines(t, err)); diff != "" {
		t.Errorf("ParseTerminal: faults differ (-want +got):\n%s", diff)
	}
}

// TestTerminalFault changes one line of good settings.
func TestTerminalFault(t *testing.T) {
	for _, tc := range []struct{ name, from, to, want string }{
		{"id-zero", "id = 7", "id = 0", "line 3: terminal.id: must be the terminal's number"},
		{"id-too-big", "id = 7", "id = 4294967296", "line 3: terminal.id: must be a whole number from 0 to 4294967295"},
		{"id-negative", "id = 7", "id = -1", "line 3: terminal.id: must be a whole number from 0 to 4294967295"},
		{"unknown-key", "id = 7", "id = 7\nnmae = 1", "line 4: terminal.nmae: is not a setting"},
		{"table-for-list", "[[people]]", "[people]", "line 10: people: must be a list of tables"},
		{"not-toml", "id = 7", "id = ", "line 3: is not TOML"},
		{"code-letters", "abcd-efgh-jkmn-pqr0", "abcd-efgh-jkmn-pqru", "line 7: terminal.enrol_code: must be Crockford base32"},
		{"url-scheme", "tcp://hq", "http://hq", "line 9: hq.url: must be tcp://host:port"},
		{"url-no-port", ":1883", "", "line 9: hq.url: must end with a port from 1 to 65535"},
		{"url-port-range", ":1883", ":65536", "line 9: hq.url: must end with a port from 1 to 65535"},
		{"url-port-zero", ":1883", ":0", "line 9: hq.url: must end with a port from 1 to 65535"},
		{"url-password", "tcp://", "tcp://me:secret@", "line 9: hq.url: must not hold a password"},
		{"url-path", ":1883", ":1883/x", "line 9: hq.url: must end with the port"},
		{"password-alone", "[[people]]", "password = \"x\"\n[[people]]", "line 8: hq.username: must be given together"},
		{"listen-all", "[hq]", "[cashier]\nlisten = \":8480\"\n[hq]", "line 9: cashier.listen: must be on 127.0.0.1"},
		{"listen-port", "[hq]", "[cashier]\nlisten = \"127.0.0.1:70000\"\n[hq]", "line 9: cashier.listen: must end with a port from 0 to 65535"},
		{"listen-no-port", "[hq]", "[cashier]\nlisten = \"127.0.0.1\"\n[hq]", "line 9: cashier.listen: must be host:port"},
		{"pin-memory", "m=19456", "m=19455", "line 13: people[1].pin: must be hashed with m from 19456"},
		{"pin-memory-huge", "m=19456", "m=9999999", "line 13: people[1].pin: must be hashed with m from 19456"},
		{"pin-rounds", "t=2", "t=1", "line 13: people[1].pin: must be hashed with"},
		{"pin-other-hash", "argon2id", "argon2i", "line 13: people[1].pin: must be the argon2id hash"},
		{"pin-short-salt", "MTIzNDU2Nzg5MDEyMzQ1Ng$", "MTIz$", "line 13: people[1].pin: must have a salt of 8 bytes"},
		{"pin-not-base64", "MTIzNDU2Nzg5MDEyMzQ1Ng$", "M$", "line 13: people[1].pin: must have a salt of 8 bytes"},
		{"document-empty", "\"programme.yaml\"", "\"\"", "line 15: documents.programme: must be the path"},
		{"nobody", "[[people]]\nid = \"li\"\nname = \"Li\"\npin = '" + pin + "'\n", "", "people: must name at least one person"},
		{"data-missing", "data = \"ledger\"", "", "data: must be the folder"},
		{"name-control", "Till 7", "Till\\n7", "line 4: terminal.name: must be one line"},
		{"name-long", "Till 7", strings.Repeat("店", 65), "line 4: terminal.name: must be at most 64 characters"},
		{"tcp-printer", "[hq]", "[printer]\nkind = \"tcp\"\naddress = \":9100\"\n[hq]", "line 10: printer.address: must name a host"},
		{"usb-printer", "[hq]", "[printer]\nkind = \"usb\"\n[hq]", "line 8: printer.address: must be the full path"},
		{"printer-profile", "[hq]", "[printer]\nprofile = \"wide\"\n[hq]", "line 9: printer.profile: must be \"epson-tm-t20ii\""},
		{"printer-model-file", "[hq]", "[printer]\nprofile = \"wide.toml\"\n[hq]", "line 9: printer.profile: must be"},
		{"printer-drawer", "[hq]", "[printer]\ndrawer = \"left\"\n[hq]", "line 9: printer.drawer: must be \"none\", \"pin2\" or \"pin5\""},
		{"printer-flow", "[hq]", "[printer]\nflow = \"up\"\n[hq]", "line 9: printer.flow: must be"},
		{"display-kind", "[hq]", "[display]\nkind = \"dsp800\"\n[hq]", "line 9: display.kind: must be \"none\", \"cd5220\" or \"escpos\""},
		{"display-path", "[hq]", "[display]\nkind = \"cd5220\"\n[hq]", "line 8: display.path: must be the full path"},
		{"log-level", "[hq]", "[log]\nlevel = \"loud\"\n[hq]", "line 9: log.level: must be \"debug\", \"info\", \"warn\" or \"error\""},
		{"scanner-device-twice", "[hq]", serial("a") + serial("b") + "[hq]", "line 15: scanners[2].path: must be another device"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			text := strings.Replace(smallTerminal, tc.from, tc.to, 1)
			_, err := config.ParseTerminal([]byte(text))
			wantFault(t, err, tc.want)
		})
	}
}

// TestHQFault changes one line of good settings.
func TestHQFault(t *testing.T) {
	const station = "[[terminals]]\nid = 8\nname = \"B\"\nstore = \"hill\"\n"
	for _, tc := range []struct{ name, add, want string }{
		{"terminal-twice", "[[terminals]]\nid = 7\nname = \"B\"\nstore = \"hill\"", `line 15: terminals[2].id: must be another terminal than terminals[1].id: "7" is taken`},
		{"code-in-the-settings", station + `enrol_code = "abcd-efgh-jkmn-pqr0"`, "line 18: terminals[2].enrol_code: is not a setting"},
		{"broker-url-embedded", "[broker]\nurl = \"tcp://b.example:1883\"", "line 15: broker.url: is for a broker of your own"},
		{"broker-url-missing", "[broker]\nembedded = false", "line 14: broker.url: must be tcp://host:port"},
		{"broker-listen-external", "[broker]\nembedded = false\nurl = \"tcp://b.example:1883\"\nlisten = \":1883\"", "line 17: broker.listen: is for the built-in broker"},
		{"dashboard-lan", "[dashboard]\nlisten = \"0.0.0.0:8490\"", "line 15: dashboard.listen: must be on 127.0.0.1"},
		{"one-port-for-two", "[dashboard]\nlisten = \"127.0.0.1:1883\"", "line 15: dashboard.listen: must have another port"},
		{"store-url-of-a-file", "[store]\nurl = \"postgres://hq@db/jifen\"", `line 15: store.url: is for kind = "postgresql"`},
		{"store-without-url", "[store]\nkind = \"postgresql\"", "line 14: store.url: must be postgres://user@host/database"},
		{"store-password-in-url", "[store]\nkind = \"postgresql\"\nurl = \"postgres://hq:1@db/jifen\"", "line 16: store.url: must not hold a password"},
		{"store-password-in-query", "[store]\nkind = \"postgresql\"\nurl = \"postgres://hq@db/jifen?password=1\"", "line 16: store.url: must not hold a password"},
		{"store-kind", "[store]\nkind = \"paper\"", `line 15: store.kind: must be "sqlite" or "postgresql"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, err := config.ParseHQ([]byte(smallHQ + tc.add))
			wantFault(t, err, tc.want)
		})
	}
}

func TestAllowed(t *testing.T) {
	for _, tc := range []struct{ name, add string }{
		{"free-port", "[cashier]\nlisten = \"127.0.0.1:0\""},
		{"ipv6-loopback", "[cashier]\nlisten = \"[::1]:8480\""},
		{"localhost", "[cashier]\nlisten = \"localhost:8480\""},
		{"lan", "[cashier]\nlisten = \"0.0.0.0:8480\"\nlan = true"},
		{"no-printer", "[printer]\nkind = \"none\""},
		{"drawer-and-display", "[printer]\ndrawer = \"pin2\"\nprofile = \"/etc/jifen/mine.toml\"\n[display]\nkind = \"cd5220\"\npath = \"/dev/ttyS1\"\nchinese = true"},
		{"tcp-printer", "[printer]\nkind = \"tcp\"\naddress = \"192.0.2.9:9100\"\nprofile = \"generic58\""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if _, err := config.ParseTerminal([]byte(smallTerminal + tc.add)); err != nil {
				t.Errorf("ParseTerminal: got %v, want no fault", err)
			}
		})
	}
}

func TestSerialSpeedIsSet(t *testing.T) {
	got, err := config.ParseTerminal([]byte(smallTerminal + serial("a") + "[printer]\nkind = \"serial\"\naddress = \"/dev/ttyS0\""))
	if err != nil {
		t.Fatalf("ParseTerminal: %v", err)
	}
	if got.Scanners[0].Baud != 9600 || got.Printer.Baud != 9600 {
		t.Errorf("ParseTerminal: got %d and %d baud, want 9600", got.Scanners[0].Baud, got.Printer.Baud)
	}
}

func TestLoadNamesTheFile(t *testing.T) {
	path := write(t, "jifend.toml", "data = 1\n")
	_, err := config.LoadTerminal(path)
	var faults config.Faults
	if !errors.As(err, &faults) || !strings.Contains(err.Error(), path) {
		t.Errorf("LoadTerminal: got %v, want Faults with the file's name", err)
	}
	if _, err := config.LoadHQ(path + ".none"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("LoadHQ: got %v, want os.ErrNotExist", err)
	}
	long := write(t, "long.toml", strings.Repeat("#", config.FileBytesMax+1))
	if _, err := config.LoadHQ(long); err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("LoadHQ of a long file: got %v, want it refused", err)
	}
}

func TestFaultsHideSecrets(t *testing.T) {
	text := strings.Replace(smallTerminal, pin, "my-pin-is-4711", 1)
	_, err := config.ParseTerminal([]byte(strings.Replace(text, "abcd-efgh-jkmn-pqr0", "hush", 1)))
	if len(lines(t, err)) != 2 || strings.Contains(err.Error(), "4711") || strings.Contains(err.Error(), "hush") {
		t.Errorf("ParseTerminal: got %v, want two faults without the secrets", err)
	}
}

func serial(name string) string {
	return "[[scanners]]\nname = \"" + name + "\"\nkind = \"serial\"\npath = \"/dev/ttyUSB0\"\n"
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// wantFault wants exactly one fault, which begins as given.
func wantFault(t *testing.T, err error, want string) {
	t.Helper()
	if got := lines(t, err); len(got) != 1 || !strings.HasPrefix(got[0], want) {
		t.Errorf("Parse: got %q, want one fault that begins with %q", got, want)
	}
}

// lines gives the faults as texts.
func lines(t *testing.T, err error) []string {
	t.Helper()
	var faults config.Faults
	if !errors.As(err, &faults) {
		t.Fatalf("Parse: got %v, want Faults", err)
	}
	var got []string
	for _, f := range faults {
		got = append(got, f.String())
	}
	return got
}

func TestFreePortsAreNotTheSame(t *testing.T) {
	text := smallHQ + "[broker]\nlisten = \"127.0.0.1:0\"\n[dashboard]\nlisten = \"127.0.0.1:0\"\n"
	if _, err := config.ParseHQ([]byte(text)); err != nil {
		t.Errorf("ParseHQ: got %v, want no fault: port 0 takes any free port", err)
	}
}
