package identity_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/identity"
	"github.com/jifen-pos/jifen/sync/wire"
)

var day0 = time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

// shelf keeps papers in memory.
type shelf map[string][]byte

func (s shelf) Load(name string) ([]byte, error) { return s[name], nil }
func (s shelf) Save(name string, b []byte) error { s[name] = bytes.Clone(b); return nil }

// bench is HQ's authority, one terminal, and a clock for each.
type bench struct {
	*testing.T
	hq        time.Time
	wall      time.Time // of the board
	sure      bool
	authority *identity.Authority
	broker    *tls.Config
	key       ed25519.PrivateKey
	kept      shelf
	code      string
	papers    *identity.Papers
}

func newBench(t *testing.T) *bench {
	b := &bench{T: t, hq: day0, wall: day0, sure: true, kept: shelf{}}
	var err error
	b.authority, err = identity.Make(newKey(t), rand.Reader, func() time.Time { return b.hq })
	b.ok("Make", err)
	b.key = newKey(t)
	b.code, err = identity.NewCode(b.authority.Pin(), rand.Reader)
	b.ok("NewCode", err)
	b.serve()
	b.restart()
	return b
}

func newKey(t *testing.T) ed25519.PrivateKey {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (b *bench) ok(call string, err error) {
	b.Helper()
	if err != nil {
		b.Fatalf("%s = %v, want nil", call, err)
	}
}

// serve starts the broker anew, with a certificate of now.
func (b *bench) serve() {
	b.Helper()
	var err error
	b.broker, err = b.authority.Serve()
	b.ok("Serve", err)
}

// restart starts the terminal anew on what it kept.
func (b *bench) restart() {
	b.Helper()
	var err error
	b.papers, err = identity.NewPapers(identity.PapersOptions{
		Key: b.key, Store: b.kept, Built: day0.Add(-10 * day), Code: func() string { return b.code },
		Clock: func() (time.Time, bool) { return b.wall, b.sure },
	})
	b.ok("NewPapers", err)
}

// connect is one handshake; shown is what the broker was shown.
func (b *bench) connect() (shown []*x509.Certificate, err error) {
	b.Helper()
	return handshake(b.T, b.broker, b.papers.TLS())
}

func handshake(t *testing.T, server, client *tls.Config) (shown []*x509.Certificate, err error) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	done := make(chan []*x509.Certificate, 1)
	go func() {
		far, err := l.Accept()
		if err != nil {
			done <- nil
			return
		}
		defer far.Close()
		c := tls.Server(far, server)
		_ = c.Handshake()
		done <- c.ConnectionState().PeerCertificates
	}()
	near, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	err = tls.Client(near, client).Handshake()
	return <-done, err
}

// enrol connects for the first time and takes what HQ signs.
func (b *bench) enrol() {
	b.Helper()
	shown, err := b.connect()
	b.ok("the first connection", err)
	if len(shown) != 0 {
		b.Fatalf("the first connection shows %d certificates, want none", len(shown))
	}
	b.renew()
}

func (b *bench) renew() {
	b.Helper()
	own, err := b.authority.Certify("t1", b.key.Public().(ed25519.PublicKey))
	b.ok("Certify", err)
	b.ok("Take", b.papers.Take(&wire.Certificate{Own: own, Authority: b.authority.Believed()}))
}

// known wants HQ to know the terminal by what it shows.
func (b *bench) known(when string) {
	b.Helper()
	shown, err := b.connect()
	b.ok(when+": connect", err)
	name, key, err := b.authority.Recognise(shown)
	if err != nil || name != "t1" || !key.Equal(b.key.Public()) {
		b.Errorf("%s: Recognise() = %q, %v, want t1", when, name, err)
	}
}

func (b *bench) refused(when string, want error) {
	b.Helper()
	if _, err := b.connect(); !errors.Is(err, want) {
		b.Errorf("%s: connect = %v, want %v", when, err, want)
	}
}

func TestBoardKnowsHQByItsCodeAndThenByItsAuthority(t *testing.T) {
	b := newBench(t)
	b.enrol()
	b.known("after enrolment")
	b.restart()
	b.code = ""
	b.known("after a restart, without the code")

	other := newBench(t)
	b.broker = other.broker
	b.refused("a broker of another authority", identity.ErrStranger)
	if _, _, err := other.authority.Recognise(mustParse(t, b.kept["own"])); !errors.Is(err, identity.ErrStranger) {
		t.Errorf("another authority's Recognise() = %v, want ErrStranger", err)
	}
}

func TestCodeOfAnotherHQOpensNothing(t *testing.T) {
	b, other := newBench(t), newBench(t)
	b.code = other.code
	b.refused("the code's pin is of another authority", identity.ErrStranger)
	b.code = ""
	b.refused("no code", identity.ErrCode)
}

func mustParse(t *testing.T, raw []byte) []*x509.Certificate {
	t.Helper()
	list, err := x509.ParseCertificates(raw)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// TestTerminalsCertificateIsNoBrokers has a terminal's key stand in for the broker.
func TestTerminalsCertificateIsNoBrokers(t *testing.T) {
	b := newBench(t)
	b.enrol()
	b.broker = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{b.kept["own"]}, PrivateKey: b.key}}}
	b.refused("a terminal that plays the broker", identity.ErrStranger)
	login, err := b.authority.Login()
	b.ok("Login", err)
	b.broker = &tls.Config{Certificates: []tls.Certificate{login}}
	b.refused("HQ's own login that plays the broker", identity.ErrStranger)
}

// fault C1, fault C9: boards that wake in 1970, or years ahead.
func TestBoardsThatDoNotKnowTheTimeConnect(t *testing.T) {
	for name, c := range map[string]struct {
		wall time.Time
		away time.Duration // between the last connection and this one
		want error
	}{
		"1970":                         {time.Unix(0, 0), day, nil},
		"1970-after-weeks":             {time.Unix(0, 0), 50 * day, nil},
		"behind-by-a-month":            {day0.Add(-30 * day), day, nil},
		"years-ahead-and-unconfirmed":  {day0.Add(9 * 365 * day), day, nil},
		"a-little-behind-hq":           {day0.Add(day - time.Hour), day, nil},
		"the-board's-own-has-run-out":  {time.Unix(0, 0), 91 * day, nil}, // the broker decides that
		"the-hardware-clock-is-right":  {day0.Add(50 * day), 50 * day, nil},
		"twenty-years-unused-and-1970": {time.Unix(0, 0), 21 * 365 * day, identity.ErrEnded},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.enrol()
			b.hq, b.wall, b.sure = day0.Add(c.away), c.wall, false
			b.serve()
			b.restart()
			if _, err := b.connect(); !errors.Is(err, c.want) {
				t.Errorf("connect = %v, want %v", err, c.want)
			}
		})
	}
}

// What something signed has once shown to be past stays past, whatever the clock
// says afterwards.
func TestEndedCertificatesAreNotBelievedForEver(t *testing.T) {
	stolen := newBench(t)
	stolen.enrol()
	first, err := stolen.broker.GetCertificate(&tls.ClientHelloInfo{})
	stolen.ok("GetCertificate", err)
	fixed := &tls.Config{Certificates: []tls.Certificate{*first}}

	stolen.wall = day0.Add(31 * day)
	stolen.broker = fixed
	stolen.refused("a synchronised clock after the end", identity.ErrEnded)

	stolen.wall, stolen.sure = time.Unix(0, 0), false
	if _, err := stolen.connect(); err != nil {
		t.Errorf("1970, and nothing signed shows that it has ended: %v, want it believed", err)
	}
	stolen.hq = day0.Add(31 * day)
	stolen.serve()
	if _, err := stolen.connect(); err != nil {
		t.Fatalf("the new certificate in 1970: %v", err)
	}
	stolen.restart()
	stolen.broker = fixed
	stolen.refused("1970, after the new certificate showed the time", identity.ErrEnded)
}

func TestTerminalsRenewInTime(t *testing.T) {
	b := newBench(t)
	if m, ok := b.papers.Renew(b.wall); !ok || m.Until != 0 {
		t.Errorf("Renew() without a certificate = %v, %v, want it asked for", m, ok)
	}
	b.enrol()
	for _, c := range []struct {
		after time.Duration
		want  bool
	}{{day, false}, {29 * day, false}, {31 * day, true}} {
		b.hq, b.wall = day0.Add(c.after), day0.Add(c.after)
		if _, ok := b.papers.Renew(b.wall); ok != c.want {
			t.Errorf("Renew() after %s = %v, want %v", c.after, ok, c.want)
		}
	}
	b.renew()
	if _, ok := b.papers.Renew(b.wall); ok {
		t.Error("Renew() right after the renewal = true, want false")
	}
	b.hq = day0.Add(122 * day)
	if _, _, err := b.authority.Recognise(mustParse(t, b.kept["own"])); !errors.Is(err, identity.ErrEnded) {
		t.Errorf("Recognise() after the end = %v, want ErrEnded", err)
	}
}

func TestCertificatesOfOthersAreNotTaken(t *testing.T) {
	b, other := newBench(t), newBench(t)
	b.enrol()
	before := bytes.Clone(b.kept["own"])
	foreign, err := other.authority.Certify("t1", b.key.Public().(ed25519.PublicKey))
	b.ok("Certify", err)
	ofOther, err := b.authority.Certify("t1", other.key.Public().(ed25519.PublicKey))
	b.ok("Certify", err)
	for name, m := range map[string]*wire.Certificate{
		"of-another-key":       {Own: ofOther, Authority: b.authority.Believed()},
		"of-another-authority": {Own: foreign, Authority: b.authority.Believed()},
		"no-certificate":       {Own: []byte("x"), Authority: b.authority.Believed()},
		"no-authority":         {Own: before},
	} {
		if err := b.papers.Take(m); !errors.Is(err, identity.ErrStranger) {
			t.Errorf("%s: Take() = %v, want ErrStranger", name, err)
		}
	}
	if !bytes.Equal(before, b.kept["own"]) {
		t.Error("a refused certificate took the place of the good one")
	}
}

// Two authorities at once: nobody has to be there at the same moment.
func TestAuthoritiesRotateWithoutLosingATerminal(t *testing.T) {
	b := newBench(t)
	b.enrol()
	if _, ok := b.papers.Renew(b.wall); ok {
		t.Fatal("Renew() = true before the rotation")
	}
	key := newKey(t)
	next, err := b.authority.Next(key)
	b.ok("Next", err)
	b.authority, err = identity.Open(key, next.Kept(), rand.Reader, func() time.Time { return b.hq })
	b.ok("Open", err)
	b.serve()
	b.known("a terminal that knows the older one only")
	if _, ok := b.papers.Renew(b.wall); !ok {
		t.Error("Renew() = false, although the broker showed a newer authority")
	}
	b.renew()
	if _, err := b.connect(); err != nil {
		t.Errorf("connect after the renewal = %v", err)
	}
	if _, ok := b.papers.Renew(b.wall); ok {
		t.Error("Renew() = true after the renewal")
	}

	b.authority = b.authority.Alone()
	b.serve()
	b.known("the newer one alone")
	// A board set up now knows the newer one by its code.
	b.key, b.kept = newKey(t), shelf{}
	b.code, err = identity.NewCode(b.authority.Pin(), rand.Reader)
	b.ok("NewCode", err)
	b.restart()
	b.enrol()
	b.known("a board enrolled after the rotation")
}

func TestCodesAsPeopleTypeThem(t *testing.T) {
	b := newBench(t)
	pin, err := identity.PinIn(b.code)
	if err != nil || pin != b.authority.Pin() {
		t.Fatalf("PinIn(%s) = %x, %v, want %x", b.code, pin, err, b.authority.Pin())
	}
	typed := strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(identity.Spread(b.code), "0", "o"), "1", "l"))
	if got, err := identity.ReadCode(" " + typed + "\n"); err != nil || got != b.code {
		t.Errorf("ReadCode(%q) = %s, %v, want %s", typed, got, err, b.code)
	}
	for _, bad := range []string{"", b.code[1:], b.code + "0", b.code[1:] + "U"} {
		if _, err := identity.ReadCode(bad); !errors.Is(err, identity.ErrCode) {
			t.Errorf("ReadCode(%q) = %v, want ErrCode", bad, err)
		}
	}
	again, err := identity.NewCode(b.authority.Pin(), rand.Reader)
	if err != nil || again == b.code || again[16:] != b.code[16:] {
		t.Errorf("NewCode() = %s, %v, want another secret with the same pin as %s", again, err, b.code)
	}
}
