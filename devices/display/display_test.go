package display_test

import (
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/devices/display"
	"github.com/jifen-pos/jifen/devices/receipt"
)

func TestRowsAreExactlyAsWide(t *testing.T) {
	tests := []struct {
		name         string
		pair         display.Pair
		ascii        bool
		want         string
		wide, narrow int
	}{
		{"plain", display.Pair{Left: "合计", Plain: "TOTAL", Right: "187.90"}, true, "TOTAL         187.90", 20, 8},
		{"chinese", display.Pair{Left: "合计", Plain: "TOTAL", Right: "187.90"}, false, "合计          187.90", 20, 8},
		{"word-gives-way", display.Pair{Left: "五常稻花香大米家庭装", Right: "59.90"}, false, "五常稻花香大米 59.90", 20, 8},
		{"no-plain-word", display.Pair{Left: "五常大米", Right: "59.90"}, true, "               59.90", 20, 8},
		{"not-ascii", display.Pair{Plain: "Crème", Right: "￥8.50"}, true, "Cr?me           8.50", 20, 8},
		{"alone", display.Pair{Left: "欢迎光临红米好物中山路店"}, false, "欢迎光临红米好物中山", 20, 8},
		{"nothing", display.Pair{}, true, "                    ", 20, 8},
		{"amount-too-long", display.Pair{Plain: "X", Right: strings.Repeat("9", 30)}, true, strings.Repeat("9", 20), 20, 8},
		{"command-bytes", display.Pair{Plain: "a\x1b\x0cb", Right: "1"}, true, "ab                 1", 20, 8},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := display.Show{Upper: tt.pair, Lower: tt.pair}
			upper, lower := s.Rows(tt.wide, tt.ascii)
			if upper != tt.want || lower != tt.want {
				t.Errorf("Rows = %q, %q, want %q", upper, lower, tt.want)
			}
			for cols := tt.narrow; cols < 40; cols++ {
				if upper, _ := s.Rows(cols, tt.ascii); receipt.Width(upper) != cols {
					t.Errorf("Rows(%d) = %q of %d columns", cols, upper, receipt.Width(upper))
				}
			}
		})
	}
}
