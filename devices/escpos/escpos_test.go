package escpos_test

import (
	"bytes"
	"errors"
	"math/bits"
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

func TestEncodeText(t *testing.T) {
	tests := []struct {
		encoding escpos.Encoding
		text     string
		want     string
	}{
		{escpos.GBK, "中㛃", "\x1c&\xd6\xd0\xa1\xf5\x1c."},
		{escpos.GB18030, "中㛃", "\x1c&\xd6\xd0\x82\x30\xb7\x31\x1c."},
		{escpos.UTF8, "中¥", "中￥"},
	}
	for _, tt := range tests {
		d := receipt.New("text")
		d.Text(tt.text)
		got := encode(t, d, escpos.Profile{Name: "plain", Dots: 384, Columns: 32, Encoding: tt.encoding})
		if want := "\x1b@\x1c." + tt.want + "\n"; string(got) != want {
			t.Errorf("Encode(%q) as %s = %q, want %q", tt.text, tt.encoding, got, want)
		}
	}
}

// The drawer opens where the document says so and the till has one, and not
// when the paper is printed another time.
func TestDrawer(t *testing.T) {
	d := receipt.New("sale")
	d.Drawer()
	d.Text("A")
	for pin, pulse := range map[escpos.Pin]string{
		escpos.NoDrawer: "", escpos.Pin2: "\x1bp\x00\x32\xfa", escpos.Pin5: "\x1bp\x01\x32\xfa",
	} {
		p := escpos.Profile{Name: "plain", Dots: 384, Columns: 32, Drawer: pin}
		if got, want := encode(t, d, p), "\x1b@\x1c."+pulse+"A\n"; string(got) != want {
			t.Errorf("Encode with the drawer on pin %d = %q, want %q", pin, got, want)
		}
		if got := encode(t, d.Again("again"), p); bytes.Contains(got, []byte("\x1bp")) {
			t.Errorf("Encode of a reprint = %q, want no pulse", got)
		}
	}
	alone := receipt.New("drawer")
	alone.Drawer()
	p := escpos.Generic80
	p.Drawer = escpos.Pin2
	if got, want := encode(t, alone, p), "\x1b@\x1da\x0f\x1c.\x1bp\x00\x32\xfa"; string(got) != want {
		t.Errorf("Encode of a pulse alone = %q, want %q and no paper", got, want)
	}
}

// What proves that a paper is printed goes before the last cut.
func TestTail(t *testing.T) {
	feed := "\x1bd\x05\x1dV\x01"
	build := map[string]func(d *receipt.Document){
		feed: func(d *receipt.Document) { d.Text("A"); d.Cut(); d.Text("B"); d.Cut() },
		"":   func(*receipt.Document) {},
	}
	for want, build := range build {
		d := receipt.New("tail")
		build(d)
		job, err := escpos.NewJob(*d, escpos.Generic80)
		if err != nil || string(job.Bytes[job.Tail:]) != want {
			t.Errorf("NewJob = tail %q, %v, want %q", job.Bytes[job.Tail:], err, want)
		}
	}
}

// bitmap is a picture of one column of bytes, repeated.
func bitmap(width int, pattern ...byte) *receipt.Bitmap {
	b := &receipt.Bitmap{Width: width}
	for range 8 {
		for i := range b.Stride() {
			b.Bits = append(b.Bits, pattern[i%len(pattern)])
		}
	}
	return b
}

// A picture whose dots spell a real-time command would open the drawer or stop
// the printer in the middle of it (dev 1.9).
func TestPicturesSpellNoCommand(t *testing.T) {
	for _, width := range []int{8, 17, 376, 380, 384} {
		for _, pattern := range [][]byte{{0x10, 0x14}, {0x10, 0x04}, {0x10, 0x05}, {0x01, 0x01, 0x40}, {0x08, 0x0A}, {0xFF}} {
			d := receipt.New("mark")
			d.Picture(bitmap(width, pattern...))
			job := encode(t, d, escpos.Generic58)
			if at := escpos.RealTimeAt(job); at >= 0 {
				t.Errorf("%d dots of % X: a real-time command at byte %d", width, pattern, at)
			}
			black := func(b []byte) (n int) {
				for _, c := range b {
					n += bits.OnesCount8(c)
				}
				return n
			}
			at := bytes.Index(job, []byte("\x1dv0\x00")) + 8
			want := 0
			for y := range 8 {
				for x := range width {
					if bitmap(width, pattern...).Black(x, y) {
						want++
					}
				}
			}
			if got := black(job[at : at+8*48]); got < want/2 || got > want {
				t.Errorf("%d dots of % X: %d black dots, want %d or a few less", width, pattern, got, want)
			}
		}
	}
}

func TestEncodeRefuses(t *testing.T) {
	narrow := escpos.Profile{Name: "narrow", Dots: 192, Columns: 16}
	long := receipt.New("long")
	long.QR(strings.Repeat("x", receipt.MaxQR), "")
	if _, err := escpos.Encode(*long, narrow); !errors.Is(err, escpos.ErrQRFit) {
		t.Errorf("Encode of a QR that is too wide = %v, want ErrQRFit", err)
	}
	broad := receipt.New("broad")
	broad.Picture(bitmap(385, 0xFF))
	if _, err := escpos.Encode(*broad, escpos.Generic58); !errors.Is(err, escpos.ErrPicture) {
		t.Errorf("Encode of a picture that is too wide = %v, want ErrPicture", err)
	}
	bad := receipt.Document{Lines: []receipt.Line{{Kind: 42}}}
	if _, err := escpos.Encode(bad, escpos.Generic58); !errors.Is(err, receipt.ErrLine) {
		t.Errorf("Encode of an unknown line = %v, want ErrLine", err)
	}
	for _, p := range []escpos.Profile{{}, {Dots: 380, Columns: 30}, {Dots: 384, Columns: 33}, {Dots: 384, Columns: 32, FeedLines: -1},
		{Dots: 384, Columns: 32, Drawer: 3}} {
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
