package identity

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"sync"
	"time"
)

// Serve makes the TLS settings of a broker. Its key lives as long as the process,
// its certificate a month, and a new one is signed in good time. Who has no
// certificate yet may connect: the broker asks for something else then.
func (a *Authority) Serve() (*tls.Config, error) {
	s := &server{a: a}
	var err error
	if _, s.key, err = ed25519.GenerateKey(a.random); err != nil {
		return nil, fmt.Errorf("make the broker's key: %w", err)
	}
	if _, err := s.certificate(&tls.ClientHelloInfo{}); err != nil {
		return nil, err
	}
	c := base()
	c.ClientAuth = tls.RequestClientCert
	c.GetCertificate = s.certificate
	return c, nil
}

type server struct {
	a   *Authority
	key ed25519.PrivateKey

	mu     sync.Mutex
	signed time.Time
	leaf   *x509.Certificate
}

// renewBroker is how often the broker's certificate is signed anew: its
// beginning tells a board without a clock what day it is.
const renewBroker = 24 * time.Hour

// certificate is the broker's, alone; with what vouches for its authority while
// two are believed; and with the authority itself for boards that enrol.
func (s *server) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.a.now()
	if s.leaf == nil || now.Sub(s.signed) >= renewBroker || now.Before(s.signed) {
		leaf, err := s.a.CertifyBroker(s.key.Public().(ed25519.PublicKey))
		if err != nil {
			return nil, err
		}
		s.leaf, s.signed = leaf, now
	}
	c := &tls.Certificate{Certificate: [][]byte{s.leaf.Raw}, PrivateKey: s.key}
	if s.a.cross != nil {
		c.Certificate = append(c.Certificate, s.a.cross.Raw)
	}
	if hello.ServerName == enrolName {
		c.Certificate = append(c.Certificate, s.a.own.Raw)
	}
	return c, nil
}

// Client makes the TLS settings of HQ's own connection to a broker.
func (a *Authority) Client() (*tls.Config, error) {
	login, err := a.Login()
	if err != nil {
		return nil, err
	}
	signed := a.now()
	var mu sync.Mutex
	c := base()
	c.ServerName = BrokerName
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		mu.Lock()
		defer mu.Unlock()
		if a.now().Sub(signed) >= terminalLife/3 {
			again, err := a.Login()
			if err != nil {
				return nil, err
			}
			login, signed = again, a.now()
		}
		return &login, nil
	}
	c.InsecureSkipVerify = true // VerifyConnection does it, with the authorities and the time that we have
	c.VerifyConnection = func(s tls.ConnectionState) error {
		return verifyBroker(s.PeerCertificates, a.believed(), a.now())
	}
	return c, nil
}

func verifyBroker(list, authorities []*x509.Certificate, now time.Time) error {
	leaf, err := chain(list, authorities, x509.ExtKeyUsageServerAuth, now)
	if err != nil {
		return fmt.Errorf("the broker's certificate: %w", err)
	}
	if leaf.VerifyHostname(BrokerName) != nil {
		return fmt.Errorf("the broker's certificate: %w", ErrName)
	}
	return nil
}

// PEM is what a broker of another make needs, with a new key: its certificate with
// the whole chain, its key, and the authorities that sign for clients.
func (a *Authority) PEM() (own, key, authorities []byte, err error) {
	public, private, err := ed25519.GenerateKey(a.random)
	if err != nil {
		return nil, nil, nil, err
	}
	leaf, err := a.CertifyBroker(public)
	if err != nil {
		return nil, nil, nil, err
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, nil, err
	}
	chain := [][]byte{leaf.Raw, a.own.Raw}
	if a.cross != nil {
		chain = [][]byte{leaf.Raw, a.cross.Raw, a.own.Raw}
	}
	for _, c := range chain {
		own = append(own, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c})...)
	}
	for _, c := range a.believed() {
		authorities = append(authorities, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return own, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}), authorities, nil
}
