package config_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/devices/scan"
)

func TestScannersThatAreRefused(t *testing.T) {
	tests := []struct{ name, lines, want string }{
		{"kind", "kind = \"usb\"", `scanners[1].kind: must be "serial", "hid", "tcp", "stdin" or "virtual"`},
		{"no-place", "kind = \"hid\"", "scanners[1].path: must be the full path"},
		{"path-and-usb", "kind = \"hid\"\npath = \"/dev/input/event3\"\nusb = \"1eab:0c22\"", "scanners[1].usb: must stand alone"},
		{"usb-form", "kind = \"serial\"\nusb = \"1eab-0c22\"", "scanners[1].usb: must be vendor:product"},
		{"open-to-the-shop", "kind = \"tcp\"\nlisten = \"0.0.0.0:8481\"", "scanners[1].listen: must be on 127.0.0.1"},
		{"aim", "kind = \"stdin\"\naim = \"yes\"", `scanners[1].aim: must be "auto", "on" or "off"`},
		{"gs", "kind = \"hid\"\nusb = \"1eab:0c22\"\ngs = \"~~\"", "scanners[1].gs: must be one visible character"},
		{"repeat", "kind = \"stdin\"\nrepeat_ms = 3001", "scanners[1].repeat_ms: must be from -1 to 3000"},
		{"no-read", "kind = \"stdin\"\nno_read = [\"\"]", "scanners[1].no_read: must be texts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := config.ParseTerminal([]byte(smallTerminal + "[[scanners]]\nname = \"counter\"\n" + tt.lines + "\n"))
			var faults config.Faults
			if !errors.As(err, &faults) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("ParseTerminal with %s: %v, want %q", tt.lines, err, tt.want)
			}
		})
	}
}

func TestScannerSettingsReachTheFramer(t *testing.T) {
	got, err := config.ParseTerminal([]byte(smallTerminal + `[[scanners]]
name = "counter"
kind = "hid"
usb = "05e0:1200@1-1.4"
aim = "on"
stx = true
gs = "~"
silence_ms = 100
repeat_ms = -1
no_read = []
`))
	if err != nil {
		t.Fatal(err)
	}
	o := got.Scanners[0].Framer()
	if o.AIM != scan.AIMOn || !o.STX || o.Idle.Milliseconds() != 100 || o.Partial != scan.DefaultPartial || o.Repeat >= 0 || o.NoRead == nil || len(o.NoRead) != 0 {
		t.Errorf("Framer() = %+v", o)
	}
}

func TestInStoreLayouts(t *testing.T) {
	got, err := config.ParseTerminal([]byte(smallTerminal + `[codes]
cartons = true
[[in_store]]
form = "21IIIIIPPPPPC"
price = "jiao"
[[in_store]]
form = "22IIIIIWWWWWC"
check = "off"
weight = "jin/100"
`))
	if err != nil {
		t.Fatal(err)
	}
	shop, err := got.Shop()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		text string
		want barcode.Piece
	}{
		{"2112345012346", barcode.Piece{Priced: true, Fen: 12340}}, {"2212345000120", barcode.Piece{Milligrams: 60_000}},
	} {
		code, err := shop.Classify("]E0", tt.text)
		if err != nil || code.Kind != barcode.InStore || code.Piece != tt.want {
			t.Errorf("Classify(%q) = %v %+v, %v, want %+v", tt.text, code.Kind, code.Piece, err, tt.want)
		}
	}
	if code, err := shop.Classify("]I1", "16901234567899"); err != nil || code.Kind != barcode.GTIN {
		t.Errorf("Classify of a carton = %v, %v, want goods", code, err)
	}
}

func TestInStoreLayoutsThatAreRefused(t *testing.T) {
	_, err := config.ParseTerminal([]byte(smallTerminal + `[[in_store]]
form = "21IIIIIPPPPPC"
check = "middle"
[[in_store]]
form = "21IIIIIWWWWWC"
`))
	for _, want := range []string{`line 20: in_store[1].check: must be "right", "left" or "off"`, "line 22: in_store[2].form: takes the same codes as layout 1"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseTerminal: %v, want %q", err, want)
		}
	}
}
