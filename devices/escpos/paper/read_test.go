package paper_test

import (
	"bytes"
	"errors"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/escpos/paper"
	"github.com/jifen-pos/jifen/devices/receipt"
)

// said returns the lines that a document says, as they should stand on paper.
func said(t *testing.T, doc receipt.Document, cols int) []string {
	t.Helper()
	rows, err := receipt.Layout(doc, cols)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range rows {
		text := r.Left
		if r.Kind == receipt.KindColumns {
			text = r.Spread(cols / r.Size)
		}
		if text = strings.TrimRight(text, " "); text != "" {
			lines = append(lines, text)
		}
	}
	return lines
}

// shown returns the lines of text on papers, without pictures and empty lines.
func shown(papers []paper.Paper) []string {
	var lines []string
	for _, p := range papers {
		for _, line := range strings.Split(p.Text, "\n") {
			if line != "" && !strings.HasPrefix(line, "[picture ") {
				lines = append(lines, line)
			}
		}
	}
	return lines
}

func TestPaperSaysWhatTheDocumentSaid(t *testing.T) {
	for _, p := range []escpos.Profile{escpos.Generic58, escpos.Generic80} {
		for _, doc := range []receipt.Document{sampleReceipt(), sampleVoucher()} {
			papers := print(t, doc, p)
			if diff := cmp.Diff(said(t, doc, p.Columns), shown(papers)); diff != "" {
				t.Errorf("%s on %s: -said +shown\n%s", doc.Title, p.Name, diff)
			}
			for _, sheet := range papers {
				if len(sheet.Unknown) > 0 {
					t.Errorf("%s on %s: unknown commands %q", doc.Title, p.Name, sheet.Unknown)
				}
			}
		}
	}
}

func TestCutStartsANewPaper(t *testing.T) {
	papers := print(t, sampleVoucher(), escpos.Generic80)
	if len(papers) != 2 || papers[0].Cuts != 1 || papers[1].Cuts != 1 {
		t.Fatalf("Read = %d papers, want 2 with a cut each", len(papers))
	}
	if got := print(t, sampleVoucher(), escpos.Generic58); len(got) != 1 || got[0].Cuts != 0 {
		t.Errorf("Read without a cutter = %d papers, want 1 without a cut", len(got))
	}
}

// A scanner must read every code, from the shortest receipt link to the longest voucher.
func TestScannerReadsTheCode(t *testing.T) {
	dir := t.TempDir()
	charset := "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:abcxyz?=&"
	for _, p := range []escpos.Profile{escpos.Generic58, escpos.Generic80} {
		for _, length := range []int{40, 77, 120, 180, 240, 280} {
			for _, mixed := range []bool{false, true} {
				alphabet := charset[:45]
				if mixed {
					alphabet = charset
				}
				var text strings.Builder
				for i := range length {
					text.WriteByte(alphabet[(i*i*7+i*13+length)%len(alphabet)])
				}
				doc := receipt.New("code")
				doc.Centre("礼品券", receipt.Large)
				doc.QR(text.String(), "扫码兑换")
				picture, err := paper.PNG(print(t, *doc, p)[0])
				if err != nil {
					t.Fatal(err)
				}
				if got := scan(t, dir, picture); got != text.String() {
					t.Errorf("zbarimg of %d characters at %d dots = %q, want %q", length, p.Dots, got, text.String())
				}
			}
		}
	}
}

func scan(t *testing.T, dir string, picture []byte) string {
	t.Helper()
	file := filepath.Join(dir, "code.png")
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", file).Output()
	if err != nil {
		t.Fatalf("zbarimg = %v (is zbar-tools installed?)", err)
	}
	return strings.TrimSuffix(string(out), "\n")
}

// Jobs of other programs, command by command.
func TestReadForeignBytes(t *testing.T) {
	tests := []struct {
		name, in string
		text     string
		unknown  []string
		kicks    int
	}{
		{"power-on-is-chinese", "\xc4\xe3\xba\xc3\n", "你好", nil, 0},
		{"code-page-after-fs-dot", "\x1c.\x9c5\n", "£5", nil, 0},
		{"no-line-feed-at-end", "abc", "abc", nil, 0},
		{"line-wraps", strings.Repeat("x", 40) + "\n", strings.Repeat("x", 32) + "\n" + strings.Repeat("x", 8), nil, 0},
		{"wide-letters-wrap", "\x1d!\x10" + strings.Repeat("x", 20) + "\n", strings.Repeat("x", 16) + "\n" + strings.Repeat("x", 4), nil, 0},
		{"kick", "\x1bp\x00\x19\xfaA\n", "A", nil, 1},
		{"real-time-kick", "\x10\x14\x01\x00\x01A\n", "A", nil, 1},
		{"gb18030-four-bytes", "\x81\x30\x84\x36\n", "□□", []string{"pair 81 30", "pair 84 36"}, 0},
		{"pair-eats-a-command", "\xc4\x1b@A\n", "□@A", []string{"pair C4 1B"}, 0},
		{"unknown-command", "\x1bzA\n", "A", []string{"ESC z"}, 0},
		{"unknown-block", "\x1d(z\x03\x00\x31\x43\x05A\n", "A", []string{"GS ( z"}, 0},
		{"barcode-by-length", "\x1dkI\x03123A\n", "[barcode] 123\nA", []string{"GS k"}, 0},
		{"barcode-by-zero", "\x1dk\x02123\x00A\n", "[barcode] 123\nA", []string{"GS k"}, 0},
		{"native-qr", "\x1d(k\x03\x001C\x05\x1d(k\x06\x001P0ABC\x1d(k\x03\x001Q0A\n", "[QR] ABC\nA", nil, 0},
		{"native-qr-of-nothing", "\x1d(k\x03\x001Q0A\n", "A", []string{"GS ( k"}, 0},
		{"symbol-of-another-kind", "\x1d(k\x03\x000A\x05A\n", "A", []string{"GS ( k"}, 0},
		{"code-page-and-fonts", "\x1bt\x10\x1bM\x01\x1bR\x0f\x1b \x02\x1d!\x00\x1c-\x00A\n", "A", nil, 0},
		{"raster", "\x1dv0\x00\x01\x00\x02\x00\xff\x81A\n", "[picture 8x2]\nA", nil, 0},
		{"graphics", "\x1d(L\x0c\x00\x30\x70\x30\x01\x01\x31\x08\x00\x02\x00\xff\x81\x1d(L\x02\x00\x30\x32", "[picture 8x2]", nil, 0},
		{"column-strip", "\x1b*\x21\x02\x00\xff\xff\xff\x00\x00\x00A\n", "A", nil, 0},
		{"process-id", "A\n\x1d(H\x06\x0000AB12B\n", "A\nB", nil, 0},
		{"feed-lines", "A\x1bd\x03B\n", "A\n\n\nB", nil, 0},
		{"nothing", "", "", nil, 0},
		{"half-a-command", "A\n\x1d", "A", nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			papers, err := paper.Read([]byte(tt.in), 384)
			if err != nil {
				t.Fatalf("Read(%q) = error %v", tt.in, err)
			}
			var got paper.Paper
			if len(papers) > 0 {
				got = papers[0]
			}
			if got.Text != tt.text || got.Kicks != tt.kicks || !cmp.Equal(got.Unknown, tt.unknown) {
				t.Errorf("Read(%q) = text %q, unknown %q, %d kicks, want %q, %q, %d",
					tt.in, got.Text, got.Unknown, got.Kicks, tt.text, tt.unknown, tt.kicks)
			}
		})
	}
}

// A picture must stand dot by dot where it was sent.
func TestRasterDots(t *testing.T) {
	papers, err := paper.Read([]byte("\x1dv0\x00\x02\x00\x02\x00\x80\x01\x00\x10"), 384)
	if err != nil || len(papers) != 1 {
		t.Fatalf("Read = %d papers, %v, want 1", len(papers), err)
	}
	var black [][2]int
	picture := papers[0].Image
	for y := range picture.Rect.Dy() {
		for x := range picture.Rect.Dx() {
			if picture.ColorIndexAt(x, y) != 0 {
				black = append(black, [2]int{x, y})
			}
		}
	}
	if diff := cmp.Diff([][2]int{{0, 0}, {15, 0}, {11, 1}}, black); diff != "" {
		t.Errorf("black dots: -want +got\n%s", diff)
	}
}

func TestPNGHasAMargin(t *testing.T) {
	data, err := paper.PNG(print(t, sampleReceipt(), escpos.Generic58)[0])
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(data))
	if err != nil || picture.Bounds().Dx() != 384+2*paper.Margin {
		t.Errorf("PNG is %v wide, %v, want %d", picture.Bounds().Dx(), err, 384+2*paper.Margin)
	}
	if _, err := paper.PNG(paper.Paper{}); err != nil {
		t.Errorf("PNG of nothing = %v, want a blank sheet", err)
	}
}

func TestReadKeepsTheLimits(t *testing.T) {
	tall := bytes.Repeat([]byte("A\x1bd\xff\x1dV\x01"), 10)
	papers, err := paper.Read(tall, 384)
	if !errors.Is(err, paper.ErrTooLong) || len(papers) == 0 {
		t.Errorf("Read of very long papers = %d papers, %v, want some and ErrTooLong", len(papers), err)
	}
	endless := bytes.Repeat([]byte("\x1bd\xff"), 100)
	if papers, err := paper.Read(append([]byte("A"), endless...), 384); err != nil || papers[0].Image.Rect.Dy() != paper.MaxRows {
		t.Errorf("Read of one endless paper = %v, want a picture of %d rows", err, paper.MaxRows)
	}
	heavy := bytes.Repeat([]byte{0}, 2*paper.MaxBytes)
	heavy[0], heavy[paper.MaxBytes+10] = 'A', 'B'
	if papers, err := paper.Read(heavy, 384); err != nil || len(papers) != 2 {
		t.Errorf("Read of 2 MiB = %d papers, %v, want 2", len(papers), err)
	}
	if _, err := paper.Read(nil, 8); !errors.Is(err, paper.ErrDots) {
		t.Errorf("Read for 8 dots = %v, want ErrDots", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, doc := range []receipt.Document{sampleReceipt(), sampleVoucher()} {
		job, err := escpos.Encode(doc, escpos.Generic58)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(job)
	}
	f.Add([]byte("\x1d8L\xff\xff\xff\x7f\x30\x70\x1b*\x21\xff\x00\x1d(L\x02\x00\x30\x32\x1bD\x01\x02\x1dVB\x10"))
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 4096 {
			return // the limits have a test of their own
		}
		whole, err := paper.Read(in, 384)
		if err != nil && !errors.Is(err, paper.ErrTooLong) {
			t.Fatalf("Read = %v", err)
		}
		var split []paper.Paper
		roll, _ := paper.NewRoll(384, func(e paper.Event) {
			if e.Kind == paper.Torn && len(split) < len(whole) {
				split = append(split, e.Paper)
			}
		})
		for i := range in {
			if roll.Feed(in[i : i+1]); errors.Is(err, paper.ErrTooLong) && len(split) == len(whole) {
				return
			}
		}
		roll.Tear()
		same := func(a, b paper.Paper) bool {
			return a.Text == b.Text && slices.Equal(a.Unknown, b.Unknown) && a.Cuts == b.Cuts && a.Kicks == b.Kicks &&
				bytes.Equal(a.Image.Pix, b.Image.Pix)
		}
		if !slices.EqualFunc(whole, split, same) {
			t.Errorf("reading %q at once and byte by byte gives different papers", in)
		}
	})
}

func BenchmarkReceipt(b *testing.B) {
	doc := sampleReceipt()
	for b.Loop() {
		job, err := escpos.Encode(doc, escpos.Generic80)
		if err != nil {
			b.Fatal(err)
		}
		papers, err := paper.Read(job, 576)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := paper.PNG(papers[0]); err != nil {
			b.Fatal(err)
		}
	}
}
