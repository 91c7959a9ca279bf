package receipt_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/receipt"
)

func TestPlainTextShowsWhatWasSaid(t *testing.T) {
	d := receipt.New("小票")
	d.Centre("红米好物", receipt.Bold, receipt.Large)
	d.Rule()
	d.Pair("五常大米", "¥59.90")
	d.Pair("Organic Whole Milk 有机纯牛奶", "￥128.00")
	d.Pair("合计", "￥187.90", receipt.Large)
	d.Right("共 2 件")
	d.Feed(1)
	d.Text("其中 300 分将于 2026-12-31 到期。")
	d.QR("JF1:ABC", "扫码看明细")
	d.Cut()
	want := strings.Join([]string{
		"            红米好物",
		"--------------------------------",
		"五常大米                 ￥59.90",
		"Organic Whole Milk 有… ￥128.00",
		"合计                    ￥187.90",
		"                         共 2 件",
		"",
		"其中 300 分将于 2026-12-31 到",
		"期。",
		"[QR] JF1:ABC",
		"           扫码看明细",
		"================================",
		"",
	}, "\n")
	if diff := cmp.Diff(want, receipt.PlainText(*d, 32)); diff != "" {
		t.Errorf("PlainText: -want +got\n%s", diff)
	}
}

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "abc": 3, "红米": 4, "￥1": 3, "¥1": 3, "€": 3, "a\u00A0b": 3, "…": 2, "·": 2, "e\u0301": 1,
		"\u200Bx": 1, "👍": 2, "，": 2, "\x1b@": 1,
	} {
		if got := receipt.Width(text); got != want {
			t.Errorf("Width(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestFit(t *testing.T) {
	tests := []struct {
		text string
		cols int
		want string
	}{
		{"红米好物", 8, "红米好物"}, {"红米好物", 7, "红米…"}, {"红米好物", 6, "红米…"}, {"红米好物", 5, "红…"},
		{"红米好物", 2, "…"}, {"红米好物", 1, ""}, {"abc", 0, ""}, {"ab cdef", 5, "ab…"}, {"a\nb", 3, "a b"},
	}
	for _, tt := range tests {
		if got := receipt.Fit(tt.text, tt.cols); got != tt.want {
			t.Errorf("Fit(%q, %d) = %q, want %q", tt.text, tt.cols, got, tt.want)
		}
	}
}

func TestWrap(t *testing.T) {
	tests := []struct {
		name, text string
		cols       int
		want       []string
	}{
		{"short", "你好", 8, []string{"你好"}},
		{"empty", "", 8, []string{""}},
		{"hanzi", "一二三四五六", 8, []string{"一二三四", "五六"}},
		{"no-mark-at-line-start", "一二三四，五", 8, []string{"一二三", "四，五"}},
		{"words", "one two three", 8, []string{"one two", "three"}},
		{"long-word", "abcdefghijkl", 8, []string{"abcdefgh", "ijkl"}},
		{"lines", "一\n二", 8, []string{"一", "二"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, receipt.Wrap(tt.text, tt.cols)); diff != "" {
				t.Errorf("Wrap(%q, %d): -want +got\n%s", tt.text, tt.cols, diff)
			}
		})
	}
}

func TestCheckKeepsTheLimits(t *testing.T) {
	tests := []struct {
		name string
		line receipt.Line
		want error
	}{
		{"good", receipt.Line{Kind: receipt.KindText, Left: "好"}, nil},
		{"longest-text", receipt.Line{Kind: receipt.KindText, Left: strings.Repeat("好", receipt.MaxText)}, nil},
		{"text-too-long", receipt.Line{Kind: receipt.KindText, Left: strings.Repeat("好", receipt.MaxText+1)}, receipt.ErrTextTooLong},
		{"longest-qr", receipt.Line{Kind: receipt.KindQR, QR: strings.Repeat("x", receipt.MaxQR)}, nil},
		{"qr-too-long", receipt.Line{Kind: receipt.KindQR, QR: strings.Repeat("x", receipt.MaxQR+1)}, receipt.ErrQRTooLong},
		{"qr-empty", receipt.Line{Kind: receipt.KindQR}, receipt.ErrQRText},
		{"qr-chinese", receipt.Line{Kind: receipt.KindQR, QR: "码"}, receipt.ErrQRText},
		{"no-kind", receipt.Line{Left: "x"}, receipt.ErrLine},
		{"kind-of-tomorrow", receipt.Line{Kind: 99}, receipt.ErrLine},
		{"size", receipt.Line{Kind: receipt.KindText, Size: 3}, receipt.ErrLine},
		{"drawer", receipt.Line{Kind: receipt.KindDrawer}, nil},
		{"picture", receipt.Line{Kind: receipt.KindBitmap, Bitmap: &receipt.Bitmap{Width: 9, Bits: make([]byte, 2*receipt.MaxBitmapRows)}}, nil},
		{"picture-too-tall", receipt.Line{Kind: receipt.KindBitmap, Bitmap: &receipt.Bitmap{Width: 9, Bits: make([]byte, 2*receipt.MaxBitmapRows+2)}}, receipt.ErrBitmap},
		{"picture-too-wide", receipt.Line{Kind: receipt.KindBitmap, Bitmap: &receipt.Bitmap{Width: receipt.MaxBitmapWidth + 1, Bits: make([]byte, 81)}}, receipt.ErrBitmap},
		{"half-a-row", receipt.Line{Kind: receipt.KindBitmap, Bitmap: &receipt.Bitmap{Width: 9, Bits: make([]byte, 3)}}, receipt.ErrBitmap},
		{"no-picture", receipt.Line{Kind: receipt.KindBitmap}, receipt.ErrBitmap},
		{"feed", receipt.Line{Kind: receipt.KindFeed, Count: receipt.MaxFeed + 1}, receipt.ErrLine},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d := receipt.Document{Lines: []receipt.Line{tt.line}}
			if got := d.Check(); !errors.Is(got, tt.want) {
				t.Errorf("Check() = %v, want %v", got, tt.want)
			}
		})
	}
	d := receipt.New("")
	d.Feed(1)
	d.Lines = append(make([]receipt.Line, 0, receipt.MaxLines+1), d.Lines...)
	for len(d.Lines) <= receipt.MaxLines {
		d.Feed(1)
	}
	if got := d.Check(); !errors.Is(got, receipt.ErrTooManyLines) {
		t.Errorf("Check() of %d lines = %v, want ErrTooManyLines", len(d.Lines), got)
	}
}

// Stored print jobs must stay readable.
func TestStoredForm(t *testing.T) {
	d := receipt.New("券")
	d.Centre("礼", receipt.Bold, receipt.Large)
	d.Pair("合计", "1")
	d.Rule()
	d.QR("A", "扫")
	d.Feed(2)
	d.Cut()
	want := `{"title":"券","lines":[{"k":1,"l":"礼","a":1,"b":true,"s":2},{"k":2,"l":"合计","r":"1"},{"k":3},{"k":4,"l":"扫","q":"A"},{"k":5,"n":2},{"k":6}]}`
	got, err := json.Marshal(d)
	if err != nil || string(got) != want {
		t.Errorf("Marshal = %s, %v, want %s", got, err, want)
	}
	var back receipt.Document
	if err := json.Unmarshal([]byte(want), &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(*d, back); diff != "" {
		t.Errorf("Unmarshal: -want +got\n%s", diff)
	}
}

func FuzzLayoutFits(f *testing.F) {
	f.Add("五常大米 5kg，特价", "¥59.90", uint8(32), false)
	f.Add("€€€€€€€€€€€€€€€€€€", "👍🏽", uint8(16), true)
	f.Add("\xff\xfe\n\n\t", "-", uint8(48), true)
	f.Fuzz(func(t *testing.T, left, right string, cols uint8, large bool) {
		columns := receipt.MinColumns + int(cols)%48
		var styles []receipt.Style
		if large {
			styles = append(styles, receipt.Large)
		}
		d := receipt.New("fuzz")
		d.Pair(left, right, styles...)
		d.Centre(left, styles...)
		d.QR("X", right)
		rows, err := receipt.Layout(*d, columns)
		if err != nil {
			return
		}
		for _, r := range rows {
			text := r.Left
			if r.Kind == receipt.KindColumns {
				text = r.Spread(columns / r.Size)
			}
			if receipt.Width(text)*r.Size > columns || !utf8.ValidString(text) || strings.Contains(text, "\n") {
				t.Errorf("Layout(%q, %q) for %d columns gave the row %q", left, right, columns, text)
			}
		}
	})
}
