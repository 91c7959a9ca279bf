package identity

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"slices"
	"time"
)

// Authority is HQ's right to sign certificates. There may be two at once: the
// older one signs nothing any more, is still believed, and vouches for the newer
// one by a certificate of it, so that a terminal that knows only the older one
// believes what the newer one signs.
type Authority struct {
	key    ed25519.PrivateKey
	own    *x509.Certificate
	older  *x509.Certificate // nil when there is one only
	cross  *x509.Certificate // of own, by older
	random io.Reader
	now    func() time.Time
}

// Kept is what is to be kept of an authority besides its key: certificates in
// DER, one after the other. It is no secret.
type Kept []byte

// Make makes an authority of a new key.
func Make(key ed25519.PrivateKey, random io.Reader, now func() time.Time) (*Authority, error) {
	a := &Authority{key: key, random: random, now: now}
	t, err := a.template("Jifen authority", key.Public().(ed25519.PublicKey), authorityLife)
	if err != nil {
		return nil, err
	}
	authorise(t)
	a.own, err = a.sign(t, t, key.Public().(ed25519.PublicKey), key)
	return a, err
}

// Open makes an authority of its key and of what was kept of it.
func Open(key ed25519.PrivateKey, kept Kept, random io.Reader, now func() time.Time) (*Authority, error) {
	list, err := x509.ParseCertificates(kept)
	if err == nil && (len(list) != 1 && len(list) != 3 || !publicOf(list[0]).Equal(key.Public())) {
		err = ErrStranger
	}
	if err != nil {
		return nil, fmt.Errorf("open the authority: %w", err)
	}
	a := &Authority{key: key, own: list[0], random: random, now: now}
	if len(list) == 3 {
		a.cross, a.older = list[1], list[2]
	}
	return a, nil
}

// Kept is what is to be kept of it.
func (a *Authority) Kept() Kept {
	out := slices.Clone(a.own.Raw)
	if a.older != nil {
		out = append(append(out, a.cross.Raw...), a.older.Raw...)
	}
	return out
}

// Next makes the authority that follows on this one, which vouches for it.
func (a *Authority) Next(key ed25519.PrivateKey) (*Authority, error) {
	next, err := Make(key, a.random, a.now)
	if err != nil {
		return nil, err
	}
	t, err := a.template(next.own.Subject.CommonName, key.Public().(ed25519.PublicKey), authorityLife)
	if err != nil {
		return nil, err
	}
	authorise(t)
	next.older = a.own
	next.cross, err = a.sign(t, a.own, key.Public().(ed25519.PublicKey), a.key)
	return next, err
}

// Alone is the authority without the older one: from then on only what itself
// signed is believed.
func (a *Authority) Alone() *Authority {
	alone := *a
	alone.older, alone.cross = nil, nil
	return &alone
}

// Pin is by what a board that enrols knows it.
func (a *Authority) Pin() Pin { return PinOf(a.own) }

// Rotating reports whether an older authority is still believed.
func (a *Authority) Rotating() bool { return a.older != nil }

// Believed are the authorities that are believed, in DER one after the other,
// the newest first.
func (a *Authority) Believed() []byte {
	var out []byte
	for _, c := range a.believed() {
		out = append(out, c.Raw...)
	}
	return out
}

func (a *Authority) believed() []*x509.Certificate {
	if a.older != nil {
		return []*x509.Certificate{a.own, a.older}
	}
	return []*x509.Certificate{a.own}
}

// Certify signs a certificate of a terminal's key: its name at the broker, from
// now on for 90 days.
func (a *Authority) Certify(name string, key ed25519.PublicKey) ([]byte, error) {
	t, err := a.template(name, key, terminalLife)
	if err != nil {
		return nil, err
	}
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	c, err := a.sign(t, a.own, key, a.key)
	if err != nil {
		return nil, err
	}
	return c.Raw, nil
}

// CertifyBroker signs a certificate of a broker's key.
func (a *Authority) CertifyBroker(key ed25519.PublicKey) (*x509.Certificate, error) {
	t, err := a.template(BrokerName, key, brokerLife)
	if err != nil {
		return nil, err
	}
	t.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	t.DNSNames = []string{BrokerName}
	return a.sign(t, a.own, key, a.key)
}

// Login is a certificate of HQ's own for a broker, with a key of its own.
func (a *Authority) Login() (tls.Certificate, error) {
	public, private, err := ed25519.GenerateKey(a.random)
	if err != nil {
		return tls.Certificate{}, err
	}
	raw, err := a.Certify(HQName, public)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: private}, err
}

// Recognise says whose a certificate is, if this authority signed it for a
// client and it has not ended.
func (a *Authority) Recognise(list []*x509.Certificate) (name string, key ed25519.PublicKey, err error) {
	leaf, err := chain(list, a.believed(), x509.ExtKeyUsageClientAuth, a.now())
	if err != nil {
		return "", nil, err
	}
	return leaf.Subject.CommonName, publicOf(leaf), nil
}

func authorise(t *x509.Certificate) {
	t.IsCA, t.BasicConstraintsValid, t.KeyUsage = true, true, x509.KeyUsageCertSign
}

func (a *Authority) template(name string, key ed25519.PublicKey, life time.Duration) (*x509.Certificate, error) {
	serial := make([]byte, 12)
	if _, err := io.ReadFull(a.random, serial); err != nil {
		return nil, fmt.Errorf("draw a serial number: %w", err)
	}
	serial[0] &= 0x7f
	now := a.now().UTC().Truncate(time.Second)
	return &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial), Subject: pkix.Name{CommonName: name},
		NotBefore: now.Add(-backdate), NotAfter: now.Add(life), KeyUsage: x509.KeyUsageDigitalSignature,
	}, nil
}

func (a *Authority) sign(t, by *x509.Certificate, of ed25519.PublicKey, with ed25519.PrivateKey) (*x509.Certificate, error) {
	raw, err := x509.CreateCertificate(a.random, t, by, of, with)
	if err != nil {
		return nil, fmt.Errorf("sign a certificate of %s: %w", t.Subject.CommonName, err)
	}
	return x509.ParseCertificate(raw)
}

// certificates reads certificates in DER, one after the other; none of bytes
// that are none.
func certificates(raw []byte) []*x509.Certificate {
	list, err := x509.ParseCertificates(raw)
	if err != nil {
		return nil
	}
	return list
}
