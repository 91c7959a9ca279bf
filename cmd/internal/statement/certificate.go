package statement

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/token"
	"github.com/jifen-pos/jifen/terminal/words"
)

// ErrCertificate says that a ledger does not have what a certificate says.
var ErrCertificate = errors.New("the ledger says otherwise than the certificate")

// Certificate verifies a bookkeeping certificate (cap P2) with the key of the
// terminal that signed it, and writes what it says. With the path of a ledger it
// also compares the certificate with its entry there; one that is in use is left
// out, which the last line says. What the ledger says otherwise is
// ErrCertificate; what is no certificate of that key are the errors of
// token.OpenCertificate.
func Certificate(code string, key ed25519.PublicKey, path, lang string, out io.Writer) (err error) {
	c, err := token.OpenCertificate(code, token.NewKeys(key).Find)
	if err != nil {
		return fmt.Errorf("%s (%w)", refused(code, lang, err), err)
	}
	w := &writer{out: out}
	at := time.Unix(int64(c.Minute)*60, 0).UTC().Format(time.RFC3339)
	w.line("%s", words.In(lang, "certificate-of", c.Entry.String(), c.Member.String(), at))
	w.line("%s", words.In(lang, "certificate-eco", c.EcoFen.String()))
	for _, a := range c.Awards {
		w.line("    %s", words.In(lang, "certificate-award", string(a.Asset), fmt.Sprint(a.Amount), a.Funder, a.UnitCost.String(), a.Expires.String()))
	}
	if more := int(c.InAll) - len(c.Awards); more > 0 {
		w.line("%s", words.In(lang, "certificate-more", fmt.Sprint(more)))
	}
	if path == "" {
		w.line("%s", words.In(lang, "certificate-signed"))
		return w.err
	}
	store, err := boltstore.OpenRead(path)
	if errors.Is(err, boltstore.ErrInUse) {
		w.line("%s", words.In(lang, "certificate-in-use"))
		return w.err
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if err := entered(store, c); err != nil {
		return err
	}
	w.line("%s", words.In(lang, "certificate-entered"))
	return w.err
}

// refused says what to do about a code that is no certificate.
func refused(code, lang string, err error) string {
	kind, ours := token.KindOf(code)
	switch {
	case !ours:
		return words.In(lang, "certificate-no-code")
	case kind == token.KindVoucher:
		return words.In(lang, "certificate-other-voucher")
	case kind == token.KindPass:
		return words.In(lang, "certificate-other-pass")
	case errors.Is(err, token.ErrUnknownKey):
		return words.In(lang, "certificate-elsewhere")
	case errors.Is(err, token.ErrSignature):
		return words.In(lang, "certificate-forged")
	}
	return words.In(lang, "certificate-misread", fmt.Sprint(len(code)))
}

// entered compares a certificate with its entry.
func entered(store *boltstore.Store, c token.Certificate) error {
	if uint32(store.Terminal()) != c.Entry.Terminal {
		return fmt.Errorf("entry %s is not of terminal %d: %w", c.Entry, store.Terminal(), ErrCertificate)
	}
	var r journal.Record
	err := store.View(func(tx journal.Tx) (err error) {
		r, err = tx.Record(ledger.Incarnation(c.Entry.Incarnation), ledger.Seq(c.Entry.Seq))
		return err
	})
	switch {
	case errors.Is(err, journal.ErrNotFound):
		return fmt.Errorf("entry %s is not there: %w", c.Entry, ErrCertificate)
	case err != nil:
		return err
	case !bytes.HasPrefix(r.Head.Hash[:], c.Hash[:]):
		return fmt.Errorf("entry %s is another one: %w", c.Entry, ErrCertificate)
	}
	e, err := ledger.Decode(r.Raw)
	if err != nil {
		return err
	}
	sale, ok := e.Body.(*ledger.Sale)
	if !ok || sale.Member != c.Member || len(sale.Awards) != int(c.InAll) {
		return fmt.Errorf("entry %s awarded something else: %w", c.Entry, ErrCertificate)
	}
	for _, a := range c.Awards {
		if int(a.N) >= len(sale.Awards) || sale.Awards[a.N].Issue != a.Issue {
			return fmt.Errorf("award %d of entry %s is another one: %w", a.N, c.Entry, ErrCertificate)
		}
	}
	return nil
}
