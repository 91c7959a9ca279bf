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
	for name, tt := range map[string]struct {
		code, want string
		is         error
	}{
		"half-of-it":        {code[:len(code)/2], "capital letters", token.ErrForm},
		"no-code":           {"6900001000112", "no code of Jifen", token.ErrForm},
		"a-voucher":         {"JF1.V." + code[6:], "voucher", token.ErrSignature},
		"a-letter-misread":  {swapped(code), "misread", token.ErrSignature},
		"in-small-letters":  {code[:6] + strings.ToLower(code[6:]), "capital letters", token.ErrForm},
		"a-pass":            {"JF1.M." + code[6:], "pass", token.ErrSignature},
		"with-much-behind":  {code + strings.Repeat("0", token.TextMax), "characters are missing or wrong", token.ErrTooLong},
		"with-a-line-break": {code + "\n", "capital letters", token.ErrForm},
	} {
		if err := statement.Certificate(tt.code, public, path, "en", &out); !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Certificate of %s = %v, want %v and %q in its sentence", name, err, tt.is, tt.want)
		}
	}
	foreign := ed25519.NewKeyFromSeed([]byte("the seed of some other terminal!")).Public().(ed25519.PublicKey)
	if err := statement.Certificate(code, foreign, "", "en", &out); !errors.Is(err, token.ErrUnknownKey) || !strings.Contains(err.Error(), "-public") {
		t.Errorf("a certificate of another key: %v, want what to do about it", err)
	}
}

// swapped is a code with two of its characters exchanged, in the middle of what
// is signed.
func swapped(code string) string {
	b := []byte(code)
	for i := 20; ; i += 3 {
		if b[i] != b[i+3] {
			b[i], b[i+3] = b[i+3], b[i]
			return string(b)
		}
	}
}
