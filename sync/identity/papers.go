package identity

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/sync/wire"
)

// Store keeps what a terminal was given, in files or not.
type Store interface {
	// Load returns what Save kept, or nil.
	Load(name string) ([]byte, error)
	// Save keeps bytes under a name, whole or not at all.
	Save(name string, b []byte) error
}

// Names of what is kept.
const (
	ownName         = "own"         // the terminal's certificate
	authoritiesName = "authorities" // those that are believed
	floorName       = "floor"       // the latest time that something signed showed
)

// Clock is what a board's clock shows, and whether that is synchronised with one
// that can be trusted.
type Clock func() (wall time.Time, synchronised bool)

// PapersOptions are what a terminal's papers are made of.
type PapersOptions struct {
	Key   ed25519.PrivateKey // made on the board, and never leaves it
	Store Store
	Clock Clock
	Built time.Time     // the program: it is later than that
	Code  func() string // the enrolment code, or ""
}

// Papers are a terminal's certificate and the authorities by which it knows the
// broker. It is safe for concurrent use.
type Papers struct {
	o PapersOptions

	mu          sync.Mutex
	own         *x509.Certificate
	authorities []*x509.Certificate
	floor       time.Time
	vouched     bool // the broker was believed through another authority's word
}

// NewPapers loads what is kept.
func NewPapers(o PapersOptions) (*Papers, error) {
	p := &Papers{o: o, floor: o.Built}
	own, err := o.Store.Load(ownName)
	if err != nil {
		return nil, fmt.Errorf("load the terminal's certificate: %w", err)
	}
	if list := certificates(own); len(list) == 1 && publicOf(list[0]).Equal(o.Key.Public()) {
		p.own = list[0]
		p.later(p.own.NotBefore)
	}
	kept, err := o.Store.Load(authoritiesName)
	if err != nil {
		return nil, fmt.Errorf("load the authorities: %w", err)
	}
	p.authorities = certificates(kept)
	floor, err := o.Store.Load(floorName)
	if err != nil {
		return nil, fmt.Errorf("load the time: %w", err)
	}
	if at, err := time.Parse(time.RFC3339, string(floor)); err == nil {
		p.later(at)
	}
	return p, nil
}

func (p *Papers) later(at time.Time) bool {
	if !at.After(p.floor) {
		return false
	}
	p.floor = at
	return true
}

// now is the time as far as the terminal knows it: what a synchronised clock
// says; else what something signed has shown, unless the clock is later and not
// absurd. A clock beyond the end of what HQ signed last is taken for wrong, but
// what has once been seen to be past stays past.
func (p *Papers) now(end time.Time) time.Time {
	wall, sure := p.o.Clock()
	if wall.Before(p.floor) || !sure && wall.After(end) {
		return p.floor
	}
	return wall
}

// Renew asks for a certificate where there is none, a third of its life is over,
// or the broker showed a newer authority.
func (p *Papers) Renew(time.Time) (*wire.Renew, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.own == nil || len(p.authorities) == 0 {
		return &wire.Renew{}, true
	}
	life := p.own.NotAfter.Sub(p.own.NotBefore)
	if !p.vouched && p.now(p.own.NotAfter).Before(p.own.NotBefore.Add(life/3)) {
		return nil, false
	}
	return &wire.Renew{Until: p.own.NotAfter.UnixMilli()}, true
}

// Take takes in what HQ signed. The message that brought it was signed by HQ.
func (p *Papers) Take(m *wire.Certificate) error {
	own, authorities := certificates(m.Own), certificates(m.Authority)
	if len(own) != 1 || len(authorities) == 0 || !publicOf(own[0]).Equal(p.o.Key.Public()) {
		return fmt.Errorf("a certificate for this terminal: %w", ErrStranger)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.own != nil && own[0].NotAfter.Before(p.own.NotAfter) {
		return nil // late: there is a newer one
	}
	if _, err := chain(own, authorities, x509.ExtKeyUsageClientAuth, own[0].NotBefore); err != nil {
		return fmt.Errorf("a certificate for this terminal: %w", err)
	}
	if err := p.o.Store.Save(authoritiesName, m.Authority); err != nil {
		return err
	}
	if err := p.o.Store.Save(ownName, m.Own); err != nil {
		return err
	}
	p.own, p.authorities, p.vouched = own[0], authorities, false
	return p.keepFloor(own[0].NotBefore)
}

// keepFloor keeps a time that something signed has shown.
func (p *Papers) keepFloor(at time.Time) error {
	if !p.later(at) {
		return nil
	}
	return p.o.Store.Save(floorName, []byte(p.floor.UTC().Format(time.RFC3339)))
}

// Enrolled reports whether the terminal has a certificate to show.
func (p *Papers) Enrolled() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.own != nil && len(p.authorities) > 0
}

// Until is when the terminal's certificate ends, or zero.
func (p *Papers) Until() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.own == nil {
		return time.Time{}
	}
	return p.own.NotAfter
}

// TLS makes the settings of one attempt to connect.
func (p *Papers) TLS() *tls.Config {
	c := base()
	c.ServerName = BrokerName
	if !p.Enrolled() {
		c.ServerName = enrolName
	}
	c.InsecureSkipVerify = true // VerifyConnection does it, with the authorities and the time that we have
	c.VerifyConnection = func(s tls.ConnectionState) error { return p.verify(s.PeerCertificates) }
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.own == nil {
			return &tls.Certificate{}, nil
		}
		return &tls.Certificate{Certificate: [][]byte{p.own.Raw}, PrivateKey: p.o.Key}, nil
	}
	return c
}

// verify knows the broker by the authorities that HQ has signed for, or, before
// there are any, by the pin in the enrolment code.
func (p *Papers) verify(list []*x509.Certificate) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	authorities := p.authorities
	if len(authorities) == 0 {
		pin, err := PinIn(p.o.Code())
		if err != nil {
			return err
		}
		for _, c := range list {
			if c.IsCA && PinOf(c) == pin {
				authorities = []*x509.Certificate{c}
			}
		}
	}
	if len(list) == 0 || len(authorities) == 0 {
		return fmt.Errorf("the broker's certificate: %w", ErrStranger)
	}
	if err := verifyBroker(list, authorities, p.now(list[0].NotAfter)); err != nil {
		return err
	}
	p.vouched = len(p.authorities) > 0 && list[0].CheckSignatureFrom(p.authorities[0]) != nil
	return p.keepFloor(list[0].NotBefore)
}
