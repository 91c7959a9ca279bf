package keyfile

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net"
	"os"
	"time"
)

// A certificate is valid from long ago, since a board may not know the day when
// it makes one, to a day that no board will see: whoever trusts it trusts that
// very one.
var (
	certFrom  = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	certUntil = time.Date(2099, 12, 31, 0, 0, 0, 0, time.UTC)
)

// Certificate returns the certificate that a machine made for itself, with the
// key beside it, made at the first start for these names and addresses; and its
// fingerprint, by which a person may know it.
func Certificate(cert, key string, names []string, random io.Reader) (pair tls.Certificate, fingerprint string, err error) {
	if _, err := os.Stat(cert); errors.Is(err, fs.ErrNotExist) {
		if err := makeCertificate(cert, key, names, random); err != nil {
			return pair, "", fmt.Errorf("make certificate %s: %w", cert, err)
		}
	}
	if pair, err = tls.LoadX509KeyPair(cert, key); err != nil {
		return pair, "", fmt.Errorf("read certificate: %w", err)
	}
	return pair, fmt.Sprintf("%X", sha256.Sum256(pair.Certificate[0])), nil
}

func makeCertificate(cert, key string, names []string, random io.Reader) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), random)
	if err != nil {
		return err
	}
	serial := make([]byte, 16)
	if _, err := io.ReadFull(random, serial); err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial), Subject: pkix.Name{CommonName: "Jifen terminal"}, NotBefore: certFrom, NotAfter: certUntil,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true, IsCA: true,
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else if name != "" {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(random, template, template, private.Public(), private)
	if err != nil {
		return err
	}
	sealed, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	if err := Write(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: sealed})); err != nil {
		return err
	}
	return Write(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}
