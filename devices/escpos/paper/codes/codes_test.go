package codes_test

import (
	"image"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/escpos/paper"
	"github.com/jifen-pos/jifen/devices/escpos/paper/codes"
	"github.com/jifen-pos/jifen/devices/receipt"
)

func TestReadsOurCodes(t *testing.T) {
	alphabet := "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
	for _, p := range []escpos.Profile{escpos.Generic58, escpos.Generic80} {
		for _, length := range []int{1, 40, 120, 280} {
			var text strings.Builder
			for i := range length {
				text.WriteByte(alphabet[(i*i*7+i*13+length)%len(alphabet)])
			}
			d := receipt.New("两个码")
			d.Centre("礼品券", receipt.Large)
			d.QR(text.String(), "上面的")
			d.Rule()
			d.QR("JF1.R.SECOND", "下面的")
			d.Cut()
			job, err := escpos.Encode(*d, p)
			if err != nil {
				t.Fatal(err)
			}
			papers, err := paper.Read(job, p.Dots)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{text.String(), "JF1.R.SECOND"}, codes.Read(papers[0].Image)); diff != "" {
				t.Errorf("Read of %d characters at %d dots: -want +got\n%s", length, p.Dots, diff)
			}
		}
	}
}

// Codes that a printer draws by itself, beside a picture that is none.
func TestReadsForeignCodes(t *testing.T) {
	native := "\x1d(k\x03\x001C\x04\x1d(k\x03\x001E3\x1d(k\x0d\x001P0\xe7\xa7\xaf\xe5\x88\x86https\x1d(k\x03\x001Q0"
	block := "\x1dv0\x00\x08\x00\x40\x00" + strings.Repeat("\xff", 8*64)
	papers, err := paper.Read([]byte("A\n"+native+"\nB\n"+block+"\nC\n"), 384)
	if err != nil || len(papers) != 1 {
		t.Fatalf("Read = %d papers, %v", len(papers), err)
	}
	if diff := cmp.Diff([]string{"积分http"}, codes.Read(papers[0].Image)); diff != "" {
		t.Errorf("Read: -want +got\n%s", diff)
	}
	if got := codes.Read(nil); got != nil {
		t.Errorf("Read of nothing = %q", got)
	}
	if got := codes.Read(&image.Paletted{}); got != nil {
		t.Errorf("Read of an empty picture = %q", got)
	}
}
