package statement_test

import (
	"crypto/ed25519"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/statement"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
	"github.com/jifen-pos/jifen/terminal/token"
)

var by = clerk.By{Lane: 1, Actor: "c1"}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// sold is a ledger with one sale that earned points, and the code on its receipt.
func sold(t *testing.T, qty int64) (path, code string, key ed25519.PrivateKey) {
	t.Helper()
	used := filepath.Join(t.TempDir(), "ledger.db")
	store, err := boltstore.Open(used, tilltest.Terminal)
	must(t, err)
	t.Cleanup(func() { store.Close() })
	b := tilltest.New(t, store)
	must(t, b.Till.SignIn(by), b.Till.Scan(by, "", "HM10001001V"), b.Till.Scan(by, "", "6900001000112"), b.Till.SetQty(by, 0, qty))
	v, err := b.Till.View(by.Lane)
	must(t, err)
	_, err = b.Till.Pay(by, till.Payment{Ref: v.Ref, Tenders: []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}})
	must(t, err)
	jobs, err := b.Till.Jobs()
	must(t, err)
	for _, j := range jobs {
		for _, c := range j.Document.Codes() {
			if kind, _ := token.KindOf(c); kind == token.KindRecord {
				code = c
			}
		}
	}
	if code == "" {
		t.Fatal("the receipt has no certificate")
	}
	ledgerFile, err := os.ReadFile(used)
	must(t, err)
	path = filepath.Join(t.TempDir(), "copy.db")
	must(t, os.WriteFile(path, ledgerFile, 0o600))
	return path, code, b.Key
}

func TestCertificateIsWhatTheLedgerHas(t *testing.T) {
	path, code, key := sold(t, 2)
	public := key.Public().(ed25519.PublicKey)
	var out strings.Builder
	must(t, statement.Certificate(code, public, path, "en", &out))
	for _, want := range []string{"member M1001", "points:consumption +99,", "the ledger has the same entry"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("Certificate says:\n%s\nwant %q in it", out.String(), want)
		}
	}

	other, _, _ := sold(t, 1) // the same key and entry number, another sale
	if err := statement.Certificate(code, public, other, "en", &out); !errors.Is(err, statement.ErrCertificate) {
		t.Errorf("with another ledger: %v, want ErrCertificate", err)
	}
	foreign := ed25519.NewKeyFromSeed([]byte("the seed of some other terminal!")).Public().(ed25519.PublicKey)
	if err := statement.Certificate(code, foreign, "", "en", &out); err == nil {
		t.Error("a certificate of another key is taken")
	}
}
