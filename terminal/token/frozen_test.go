package token_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/token"
)

var freeze = flag.Bool("freeze", false, "add texts for the kinds that have none yet; those that are there stay")

// frozenFile holds one text of every kind, under the key of 32 bytes 1. Texts like
// these are on paper in people's wallets: they must open for ever.
const frozenFile = "testdata/v1/codes.txt"

// printed is a kind of text: how one is made, and what it says when it is opened.
type printed struct {
	seal func() ([]string, error)
	open func(text string) (any, error)
	want []any // of each text
}

// one makes a single text.
func one(text string, err error) ([]string, error) { return []string{text}, err }

func printedKinds() map[string]printed {
	entry := lot.Origin{Terminal: 7, Incarnation: 0x0123456789abcdef, Seq: 1234}
	head := token.Head{Terminal: 7, Head: ledger.Head{Incarnation: 0x0123456789abcdef, Seq: 1234, Hash: ledger.Hash{1, 2, 31: 3}}, Day: 20_800, Minute: 29_700_000}
	certificate := token.Certificate{
		Entry: entry, Hash: [token.HashBytes]byte{1, 15: 2}, Member: 1017, Minute: 29_700_000, EcoFen: 2680, InAll: 1,
		Awards: []token.Awarded{{N: 0, Issue: ledger.Issue{Asset: "points:green", Amount: 26, Funder: "m1", UnitCost: 1000, Expires: 21_120, Active: 20_801}}},
	}
	activity := token.Activity{ID: "lecture-1", Nonce: 0x0123456789abcdef, From: 29_700_000, Until: 29_700_090}
	challenge := token.Challenge{Terminal: 7, Incarnation: 0x0123456789abcdef, Ask: 99, Minute: 29_700_000}
	carried := []byte(strings.Repeat("a note that a phone carries; ", 12))
	parts := []any{}
	for n, b := range [][]byte{carried[:175], carried[175:]} {
		parts = append(parts, token.Part{Sum: [4]byte{0xce, 0xd1, 0x63, 0x72}, N: n, Count: 2, Bytes: b})
	}
	return map[string]printed{
		"voucher": {func() ([]string, error) { return one(token.SealVoucher(voucher, ours)) },
			func(s string) (any, error) { return token.OpenVoucher(s, keys) }, []any{voucher}},
		"pass": {func() ([]string, error) { return one(token.SealPass(pass, ours)) },
			func(s string) (any, error) { return token.OpenPass(s, keys) }, []any{pass}},
		"head": {func() ([]string, error) { return one(token.SealHead(head, ours)) },
			func(s string) (any, error) { return token.OpenHead(s, keys) }, []any{head}},
		"certificate": {func() ([]string, error) { return token.SealCertificates(certificate, ours) },
			func(s string) (any, error) { return token.OpenCertificate(s, keys) }, []any{certificate}},
		"activity": {func() ([]string, error) { return one(token.SealActivity(activity, ours)) },
			func(s string) (any, error) { return token.OpenActivity(s, keys) }, []any{activity}},
		"challenge": {func() ([]string, error) { return one(token.SealChallenge(challenge, ours)) },
			func(s string) (any, error) { return token.OpenChallenge(s, keys) }, []any{challenge}},
		"part": {func() ([]string, error) { return token.Carry(carried) },
			func(s string) (any, error) { return token.OpenPart(s) }, parts},
	}
}

// TestEveryTextOfVersionOneOpens: and is written as it was then.
func TestEveryTextOfVersionOneOpens(t *testing.T) {
	frozen := map[string][]string{}
	b, err := os.ReadFile(frozenFile)
	if err != nil && !*freeze {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		name, code, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		frozen[name] = append(frozen[name], code)
	}
	added := ""
	for name, p := range printedKinds() {
		codes, err := p.seal()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(frozen[name]) == 0 && *freeze {
			for _, code := range codes {
				added += fmt.Sprintln(name, code)
			}
			frozen[name] = codes
		}
		if diff := cmp.Diff(frozen[name], codes); diff != "" {
			t.Errorf("%s (-version 1 +now):\n%s", name, diff)
			continue
		}
		for n, code := range codes {
			got, err := p.open(code)
			if diff := cmp.Diff(p.want[n], got); err != nil || diff != "" {
				t.Errorf("%s opens with %v (-want +got):\n%s", name, err, diff)
			}
		}
	}
	if added != "" {
		if err := os.WriteFile(frozenFile, []byte(string(b)+added), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
