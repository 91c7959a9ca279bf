package paper_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/escpos/paper"
)

const (
	receiptlineSays = `红米好物
中山路店 收银台 2
────
五常大米 5kg ￥59.90
Organic Milk ￥128.00
────
合计 ￥187.90
谢谢光临`
	encoderSays = `Green Shop
Till 2
────
Rice 59.90
Crème brûlée 8.50
[QR] JF1.V.FOREIGN
[barcode] 6900001000112
Thank you`
)

// Jobs that npm receiptline 4.0.4 and @point-of-sale/receipt-printer-encoder
// 4.0.1 made, kept by scripts/foreign.sh.
func TestReadJobsOfOtherPrograms(t *testing.T) {
	tests := []struct {
		file    string
		dots    int
		says    string
		kicks   int
		unknown []string
	}{
		{"receiptline-32.bin", 384, receiptlineSays, 0, nil},
		{"receiptline-48.bin", 576, receiptlineSays, 0, nil},
		{"receiptline-generic-32.bin", 384, receiptlineSays, 0, nil},
		{"receiptline-generic-48.bin", 576, receiptlineSays, 0, nil},
		{"encoder-32.bin", 576, encoderSays, 1, []string{"GS k"}},
		{"encoder-48.bin", 576, encoderSays, 1, []string{"GS k"}},
		{"encoder-raster.bin", 576, "below", 0, nil},
		{"encoder-column.bin", 576, "below", 0, nil},
	}
	dir := t.TempDir()
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			job, err := os.ReadFile(filepath.Join("testdata", "foreign", tt.file))
			if err != nil {
				t.Fatal(err)
			}
			dots := paper.Suggest(job)
			papers, err := paper.Read(job, dots)
			if err != nil || dots != tt.dots {
				t.Fatalf("Suggest = %d, Read = %v, want %d dots", dots, err, tt.dots)
			}
			papers = slices.DeleteFunc(papers, paper.Paper.Blank)
			if len(papers) != 1 || papers[0].Kicks != tt.kicks {
				t.Fatalf("Read = %+v, want one paper with %d kicks", papers, tt.kicks)
			}
			if diff := cmp.Diff(tt.says, squeeze(papers[0].Text)); diff != "" {
				t.Errorf("text: -want +got\n%s", diff)
			}
			if diff := cmp.Diff(tt.unknown, papers[0].Unknown); diff != "" {
				t.Errorf("unknown commands: -want +got\n%s", diff)
			}
			if !strings.Contains(tt.says, "below") {
				picture, err := paper.PNG(papers[0])
				if err != nil {
					t.Fatal(err)
				}
				if got := scan(t, dir, picture); got != "JF1.V.FOREIGN" {
					t.Errorf("zbarimg = %q, want JF1.V.FOREIGN", got)
				}
			}
		})
	}
}

// squeeze leaves one blank where there are many, a short rule for a long one,
// and no picture and no empty line.
func squeeze(text string) string {
	var lines []string
	for _, line := range strings.Split(text, "\n") {
		line = strings.Join(strings.Fields(line), " ")
		if strings.Trim(line, "─") == "" && line != "" {
			line = "────"
		}
		if line != "" && !strings.HasPrefix(line, "[picture ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// A picture comes out the same whether it is sent as rows or as columns.
func TestRowsAndColumnsAreTheSamePicture(t *testing.T) {
	var pictures [][64][64]bool
	for _, name := range []string{"encoder-raster.bin", "encoder-column.bin"} {
		job, err := os.ReadFile(filepath.Join("testdata", "foreign", name))
		if err != nil {
			t.Fatal(err)
		}
		papers, err := paper.Read(job, 384)
		if err != nil {
			t.Fatal(err)
		}
		var p [64][64]bool
		for y := range 64 {
			for x := range 64 {
				p[y][x] = papers[0].Image.ColorIndexAt(x, y) != 0
			}
		}
		pictures = append(pictures, p)
	}
	if pictures[0] != pictures[1] {
		t.Error("the picture sent as columns differs from the one sent as rows")
	}
	if p := pictures[0]; !p[0][63] || !p[31][31] || !p[63][0] || p[10][30] {
		t.Error("the picture is not the square with a diagonal that was sent")
	}
}
