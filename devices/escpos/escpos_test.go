package escpos_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/receipt"
)

func encode(t *testing.T, d *receipt.Document, p escpos.Profile) []byte {
	t.Helper()
	job, err := escpos.Encode(*d, p)
	if err != nil {
		t.Fatalf("Encode(%q) = error %v", d.Title, err)
	}
	return job
}

func TestEncodeBytes(t *testing.T) {
	plain := escpos.Profile{Name: "plain", Dots: 384, Columns: 32, FeedLines: 3}
	cutter := escpos.Profile{Name: "cutter", Dots: 384, Columns: 32, FeedLines: 3, Cutter: true, BackChannel: true}
	tests := []struct {
		name    string
		profile escpos.Profile
		build   func(*receipt.Document)
		want    string
	}{
		{"empty", plain, func(*receipt.Document) {}, "\x1b@\x1c."},
		{"ascii", plain, func(d *receipt.Document) { d.Text("a") }, "\x1b@\x1c.a\n\x1bd\x03"},
		{"chinese", plain, func(d *receipt.Document) { d.Text("a中b") }, "\x1b@\x1c.a\x1c&\xd6\xd0\x1c.b\n\x1bd\x03"},
		{"yuan", plain, func(d *receipt.Document) { d.Text("¥€") }, "\x1b@\x1c.\x1c&\xa3\xa4\x1c.EUR\n\x1bd\x03"},
		{"not-in-gbk", plain, func(d *receipt.Document) { d.Text("𠮷") }, "\x1b@\x1c.\x1c&\xa1\xf5\x1c.\n\x1bd\x03"},
		{"both-size-commands", plain, func(d *receipt.Document) { d.Text("A", receipt.Large) },
			"\x1b@\x1c.\x1d!\x11\x1c!\x0cA\n\x1d!\x00\x1c!\x00\x1bd\x03"},
		{"bold-and-centre", plain, func(d *receipt.Document) { d.Centre("A", receipt.Bold); d.Text("B") },
			"\x1b@\x1c.\x1ba\x01\x1bE\x01A\n\x1ba\x00\x1bE\x00B\n\x1bd\x03"},
		{"feed-before-cut", cutter, func(d *receipt.Document) { d.Text("A"); d.Cut() }, "\x1b@\x1da\x0f\x1c.A\n\x1bd\x03\x1dV\x01"},
		{"two-papers", cutter, func(d *receipt.Document) { d.Text("A"); d.Cut(); d.Cut(); d.Text("B") },
			"\x1b@\x1da\x0f\x1c.A\n\x1bd\x03\x1dV\x01B\n\x1bd\x03\x1dV\x01"},
		{"control-bytes-go", plain, func(d *receipt.Document) { d.Text("a\x1b\x10\x04b") }, "\x1b@\x1c.ab\n\x1bd\x03"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := receipt.New(tt.name)
			tt.build(d)
			if got := encode(t, d, tt.profile); string(got) != tt.want {
				t.Errorf("Encode = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestEncodeRefuses(t *testing.T) {
	narrow := escpos.Profile{Name: "narrow", Dots: 192, Columns: 16}
	long := receipt.New("long")
	long.QR(strings.Repeat("x", receipt.MaxQR), "")
	if _, err := escpos.Encode(*long, narrow); !errors.Is(err, escpos.ErrQRFit) {
		t.Errorf("Encode of a QR that is too wide = %v, want ErrQRFit", err)
	}
	bad := receipt.Document{Lines: []receipt.Line{{Kind: 42}}}
	if _, err := escpos.Encode(bad, escpos.Generic58); !errors.Is(err, receipt.ErrLine) {
		t.Errorf("Encode of an unknown line = %v, want ErrLine", err)
	}
	for _, p := range []escpos.Profile{{}, {Dots: 380, Columns: 30}, {Dots: 384, Columns: 33}, {Dots: 384, Columns: 32, FeedLines: -1}} {
		if _, err := escpos.Encode(receipt.Document{}, p); !errors.Is(err, escpos.ErrProfile) {
			t.Errorf("Encode for %+v = %v, want ErrProfile", p, err)
		}
	}
}

func TestRealTimeAt(t *testing.T) {
	for job, want := range map[string]int{"": -1, "\x10": -1, "a\x10\x04": 1, "\x10\x05": 0, "\x10\x10\x14": 1, "\x10\x06\x04": -1} {
		if got := escpos.RealTimeAt([]byte(job)); got != want {
			t.Errorf("RealTimeAt(%q) = %d, want %d", job, got, want)
		}
	}
}

// anyText returns text of characters that hurt: hanzi with a second byte in the
// ASCII range, full-width marks, what GBK lacks, control bytes.
func anyText(r *rand.Rand) string {
	alphabet := []rune("aZ 0|\\@~中乗乕丂俓誠閤￥¥€·•…×□，。（）👍𠮷㛃䶮é\u00A0\u200B\u0301\x00\x10\x04\x1b\n")
	var b strings.Builder
	for range r.IntN(60) {
		b.WriteRune(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

func anyDocument(r *rand.Rand) *receipt.Document {
	d := receipt.New("any")
	for range r.IntN(12) {
		style := receipt.Style(r.IntN(4))
		switch r.IntN(8) {
		case 0:
			d.Text(anyText(r), style)
		case 1:
			d.Centre(anyText(r), style)
		case 2:
			d.Right(anyText(r), style)
		case 3, 4:
			d.Pair(anyText(r), anyText(r), style)
		case 5:
			d.Rule()
		case 6:
			d.Feed(r.IntN(receipt.MaxFeed + 1))
		case 7:
			d.QR(strings.Repeat("Q7"+string(rune('A'+r.IntN(26))), 1+r.IntN(90)), anyText(r))
		}
	}
	return d
}

// TestEveryJobIsSafe walks the bytes of many jobs with a reader of its own.
func TestEveryJobIsSafe(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		d := anyDocument(r)
		for _, p := range []escpos.Profile{escpos.Generic58, escpos.Generic80} {
			job := encode(t, d, p)
			if at := escpos.RealTimeAt(job); at >= 0 {
				t.Fatalf("seed %d, %s: real-time command at byte %d", seed, p.Name, at)
			}
			if fault := walk(job, p); fault != "" {
				t.Fatalf("seed %d, %s: %s", seed, p.Name, fault)
			}
		}
	}
}

// walk follows a job command by command and tells the first fault.
func walk(job []byte, p escpos.Profile) string {
	lengths := map[string]int{"\x1b@": 2, "\x1da": 3, "\x1ba": 3, "\x1bE": 3, "\x1d!": 3, "\x1c!": 3, "\x1bd": 3, "\x1dV": 3, "\x1c&": 2, "\x1c.": 2}
	chinese, size, columns := true, 1, 0
	for len(job) > 0 {
		switch {
		case len(job) >= 2 && lengths[string(job[:2])] > 0:
			if string(job[:2]) == "\x1d!" {
				size = 1 + int(job[2]&1)
			}
			if job[0] == 0x1c && job[1] != '!' {
				chinese = job[1] == '&'
			}
			job = job[lengths[string(job[:2])]:]
		case bytes.HasPrefix(job, []byte("\x1dv0\x00")):
			stride, rows := int(job[4])|int(job[5])<<8, int(job[6])|int(job[7])<<8
			if stride*8 != p.Dots || rows > 255 || rows*stride > 8192 || len(job) < 8+stride*rows {
				return "raster band of a wrong size"
			}
			job = job[8+stride*rows:]
		case job[0] == '\n':
			columns = 0
			job = job[1:]
		case job[0] >= 0x20 && job[0] < 0x7F:
			if chinese {
				return "ASCII in Chinese mode"
			}
			columns += size
			job = job[1:]
		case job[0] > 0x80 && chinese && len(job) >= 2:
			text, err := simplifiedchinese.GBK.NewDecoder().Bytes(job[:2])
			if err != nil || len([]rune(string(text))) != 1 || strings.Contains(string(text), "\uFFFD") {
				return "not a GBK pair"
			}
			columns += 2 * size
			job = job[2:]
		default:
			return "a byte that belongs to nothing"
		}
		if columns > p.Columns {
			return "a line wider than the paper"
		}
	}
	return ""
}
