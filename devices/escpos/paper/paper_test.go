package paper_test

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/escpos/paper"
	"github.com/jifen-pos/jifen/devices/receipt"
)

var rewrite = flag.Bool("rewrite", false, "write the golden pictures anew")

// print encodes a document and reads it back from the bytes.
func print(t *testing.T, doc receipt.Document, p escpos.Profile) []paper.Paper {
	t.Helper()
	job, err := escpos.Encode(doc, p)
	if err != nil {
		t.Fatalf("Encode(%q) = error %v", doc.Title, err)
	}
	papers, err := paper.Read(job, p.Dots)
	if err != nil {
		t.Fatalf("Read(%q) = error %v", doc.Title, err)
	}
	return papers
}

func TestPicturesStayAsTheyAre(t *testing.T) {
	tests := []struct {
		name    string
		doc     receipt.Document
		profile escpos.Profile
	}{
		{"receipt-58", sampleReceipt(), escpos.Generic58},
		{"receipt-80", sampleReceipt(), escpos.Generic80},
		{"voucher-58", sampleVoucher(), escpos.Generic58},
		{"voucher-80", sampleVoucher(), escpos.Generic80},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := paper.PNG(print(t, tt.doc, tt.profile)[0])
			if err != nil {
				t.Fatalf("PNG = error %v", err)
			}
			golden := filepath.Join("testdata", tt.name+".png")
			if *rewrite {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Errorf("PNG(%s) = picture %x, want %x; look at it and run with -rewrite if it is right",
					tt.name, sha256.Sum256(got), sha256.Sum256(want))
			}
		})
	}
}

// How the bytes come in pieces must not change what they print.
func TestPiecesPrintTheSame(t *testing.T) {
	job, err := escpos.Encode(sampleReceipt(), escpos.Generic58)
	if err != nil {
		t.Fatal(err)
	}
	want := print(t, sampleReceipt(), escpos.Generic58)[0]
	for _, size := range []int{1, 2, 3, 7, 1000} {
		var got paper.Paper
		roll, err := paper.NewRoll(384, func(e paper.Event) {
			if e.Kind == paper.Torn {
				got = e.Paper
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for rest := job; len(rest) > 0; rest = rest[min(size, len(rest)):] {
			roll.Feed(rest[:min(size, len(rest))])
		}
		roll.Tear()
		if got.Text != want.Text || !bytes.Equal(got.Image.Pix, want.Image.Pix) {
			t.Errorf("pieces of %d bytes print %q, want %q", size, got.Text, want.Text)
		}
	}
}
