// Package identity is who may speak to HQ's broker, and by what each end knows
// the other: HQ as a small authority that signs X.509 certificates of keys made
// on the boards, the code with which a board enrols, and the TLS settings of
// both ends (sec K1 to K6). The authority signs names of the pipe and nothing
// else: what counts is signed by the boards' keys and HQ's own, end to end.
//
// It opens no connection and starts no goroutine; time is asked for, since a
// board may have none (trap 31).
package identity

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"time"
)

// The names in certificates.
const (
	// BrokerName is the name of every broker of an HQ, wherever it stands: the
	// terminals hold its authority, and that authority signs for no one else.
	BrokerName = "broker.jifen.internal"
	// enrolName is how a board asks for the whole chain that it does not have.
	enrolName = "enrol.jifen.internal"
	// HQName is HQ's own at a broker.
	HQName = "hq"
)

// How long what is signed is good.
const (
	terminalLife  = 90 * 24 * time.Hour // away for 60 days, it still comes back
	brokerLife    = 30 * 24 * time.Hour
	authorityLife = 20 * 365 * 24 * time.Hour
	// backdate is how far the signer's clock may be ahead of the reader's.
	backdate = time.Hour
)

// Errors of knowing the other end.
var (
	ErrStranger = errors.New("certificate of another authority")
	ErrEnded    = errors.New("certificate has ended")
	ErrName     = errors.New("certificate of another name")
	ErrCode     = errors.New("not an enrolment code: 32 digits and letters, without I, L, O and U")
)

// Pin is what an enrolment code says of HQ's authority.
type Pin [PinBytes]byte

// PinOf is the pin of an authority's key.
func PinOf(authority *x509.Certificate) (p Pin) {
	sum := sha256.Sum256(authority.RawSubjectPublicKeyInfo)
	copy(p[:], sum[:])
	return p
}

// chain says whether the leaf of a chain is signed by one of the authorities,
// through what else the chain holds, and good for a use at a time. A signature
// of the authority shows that its leaf has begun, so a clock that is behind
// does not matter; one that is past its end does.
func chain(list, authorities []*x509.Certificate, use x509.ExtKeyUsage, now time.Time) (*x509.Certificate, error) {
	if len(list) == 0 {
		return nil, ErrStranger
	}
	leaf := list[0]
	o := x509.VerifyOptions{Roots: x509.NewCertPool(), Intermediates: x509.NewCertPool(), KeyUsages: []x509.ExtKeyUsage{use}, CurrentTime: now}
	for _, a := range authorities {
		o.Roots.AddCert(a)
	}
	for _, c := range list {
		if c.NotBefore.After(o.CurrentTime) {
			o.CurrentTime = c.NotBefore
		}
	}
	for _, c := range list[1:] {
		o.Intermediates.AddCert(c)
	}
	_, err := leaf.Verify(o)
	if invalid := (x509.CertificateInvalidError{}); errors.As(err, &invalid) && invalid.Reason == x509.Expired {
		return leaf, fmt.Errorf("of %s on %s: %w", leaf.Subject.CommonName, leaf.NotAfter.Format(time.DateOnly), ErrEnded)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrStranger, err)
	}
	return leaf, nil
}

// base are the settings of both ends. One curve keeps the first packets small,
// and a ticket would carry the certificate again.
func base() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, CurvePreferences: []tls.CurveID{tls.X25519}, SessionTicketsDisabled: true,
	}
}

func publicOf(c *x509.Certificate) ed25519.PublicKey {
	key, _ := c.PublicKey.(ed25519.PublicKey)
	return key
}
