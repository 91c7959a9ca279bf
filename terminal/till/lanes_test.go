package till_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
	"github.com/jifen-pos/jifen/terminal/words"
)

// Codes of the demo's documents.
const (
	li  = "HM10001138Y"   // a second member's card
	tea = "6910002000110" // ￥168.00, sold by m2
)

// other is who works at the second lane.
var other = clerk.By{Lane: 2, Actor: "c2"}

// newLanes is a bench with somebody at each of two lanes.
func newLanes(t *testing.T) *tilltest.Bench {
	t.Helper()
	b := newBench(t)
	must(t, b.Till.SignIn(other))
	return b
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func scanAt(t *testing.T, b *tilltest.Bench, by clerk.By, codes ...string) {
	t.Helper()
	for _, c := range codes {
		if err := b.Till.Scan(by, "", c); err != nil {
			t.Fatalf("Scan(%s) at lane %d: %v", c, by.Lane, err)
		}
	}
}

func viewAt(t *testing.T, b *tilltest.Bench, by clerk.By) till.View {
	t.Helper()
	v, err := b.Till.View(by.Lane)
	if err != nil {
		t.Fatalf("View(%d): %v", by.Lane, err)
	}
	return v
}

// tryPay pays a lane's bill in cash, as its screen shows it.
func tryPay(t *testing.T, b *tilltest.Bench, by clerk.By, benefits ...string) (clerk.Done, error) {
	t.Helper()
	v := viewAt(t, b, by)
	p := till.Payment{Ref: v.Ref, Redeem: benefits}
	if v.Quote.ToPay > 0 {
		p.Tenders = []ledger.Tender{{Kind: "cash", Fen: v.Quote.ToPay}}
	}
	return b.Till.Pay(by, p)
}

func payAt(t *testing.T, b *tilltest.Bench, by clerk.By, benefits ...string) (lot.Origin, *ledger.Sale) {
	t.Helper()
	done, err := tryPay(t, b, by, benefits...)
	if err != nil {
		t.Fatalf("Pay at lane %d: %v", by.Lane, err)
	}
	return done.Origin, done.Entry.Body.(*ledger.Sale)
}

// refused checks that something was refused with a word that the cashier can
// read.
func refused(t *testing.T, what string, err error, want string) {
	t.Helper()
	var r *till.Refusal
	if !errors.As(err, &r) || r.Code != want {
		t.Errorf("%s = %v, want it refused with %q", what, err, want)
		return
	}
	sayable(t, want)
}

// declined checks that something was declined for want of a right.
func declined(t *testing.T, what string, err error, want string) {
	t.Helper()
	var d *clerk.Declined
	if !errors.As(err, &d) || d.Code != want {
		t.Errorf("%s = %v, want it declined with %q", what, err, want)
		return
	}
	sayable(t, want)
}

func sayable(t *testing.T, code string) {
	t.Helper()
	for _, lang := range words.Languages() {
		if words.In(lang, code) == code {
			t.Errorf("there is no sentence for %q in %s", code, lang)
		}
	}
}

// rules are the demo's, edited: each pair is an old text and a new one.
func rules(t *testing.T, pairs ...string) []byte {
	t.Helper()
	text := demo.Without(append(demo.Seasons, "limits", "make_good")...)
	for n := 0; n < len(pairs); n += 2 {
		if !bytes.Contains(text, []byte(pairs[n])) {
			t.Fatalf("the demo's programme does not say %q", pairs[n])
		}
		text = bytes.Replace(text, []byte(pairs[n]), []byte(pairs[n+1]), 1)
	}
	return text
}

// give has HQ give a member points that last.
func give(t *testing.T, b *tilltest.Bench, asset lot.Asset, n lot.Amount) {
	t.Helper()
	day := b.Programme.Day(b.Clock.Now().Wall)
	b.Give(t, lot.Lot{Owner: 1001, Asset: asset, Amount: n, Expires: b.Programme.ExpiryOf(asset, day)})
}

// papers are the texts of the newest papers, newest first.
func papers(t *testing.T, b *tilltest.Bench) (texts []string) {
	t.Helper()
	jobs, err := b.Till.Jobs()
	if err != nil {
		t.Fatalf("Jobs: %v", err)
	}
	for _, j := range jobs {
		texts = append(texts, receipt.PlainText(j.Document, 48))
	}
	return texts
}
