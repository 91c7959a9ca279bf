package devicetool_test

import (
	"bytes"
	"encoding/json"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/jifen-pos/jifen/cmd/internal/devicetool"
	"github.com/jifen-pos/jifen/devices/barcode"
)

func decode(t *testing.T, in string, o devicetool.DecodeOptions) []devicetool.ScanReport {
	t.Helper()
	var out bytes.Buffer
	if err := devicetool.Decode(strings.NewReader(in), &out, o); err != nil {
		t.Fatalf("Decode(%q): %v", in, err)
	}
	var all []devicetool.ScanReport
	for d := json.NewDecoder(&out); ; {
		var r devicetool.ScanReport
		if err := d.Decode(&r); err == io.EOF {
			return all
		} else if err != nil {
			t.Fatalf("Decode(%q) wrote no JSON: %v", in, err)
		}
		all = append(all, r)
	}
}

func TestDecodeScans(t *testing.T) {
	shop, err := barcode.NewShop(barcode.Options{InStore: []barcode.Layout{barcode.UsualLayout("21IIIIIPPPPPC")}})
	if err != nil {
		t.Fatal(err)
	}
	fen := int64(650)
	tests := []struct {
		name, in string
		o        devicetool.DecodeOptions
		want     []devicetool.ScanReport
	}{
		{"goods", "]E06901234567892\r\n", devicetool.DecodeOptions{}, []devicetool.ScanReport{{Kind: "gtin", AIM: "]E0", Text: "6901234567892", GTIN: "06901234567892"}}},
		{"a-pause-keeps-two-items-apart", "96385074\r\n+300ms\n96385074\r\n96385074\n", devicetool.DecodeOptions{}, []devicetool.ScanReport{
			{Kind: "gtin", Text: "96385074", GTIN: "00000096385074"}, {AtMS: 300, Kind: "gtin", Text: "96385074", GTIN: "00000096385074"},
			{AtMS: 300, Kind: "gtin", Text: "96385074", GTIN: "00000096385074", Repeat: true},
		}},
		{"payment-codes-are-never-shown", "]Q1134567890123454321\n", devicetool.DecodeOptions{}, []devicetool.ScanReport{{Kind: "payment", AIM: "]Q1", Text: "…4321", Refused: "payment-code"}}},
		{"nor-members", "13800138000\n", devicetool.DecodeOptions{}, []devicetool.ScanReport{{Kind: "phone", Text: "…8000"}}},
		{"misread", "6901234567893\n", devicetool.DecodeOptions{}, []devicetool.ScanReport{{Kind: "unknown", Text: "…7893", Refused: "check-digit"}}},
		{"in-store", "2112345006505\n", devicetool.DecodeOptions{Setup: devicetool.Setup{Shop: shop}}, []devicetool.ScanReport{{Kind: "in-store", Text: "2112345006505", GTIN: "02112345000008", Fen: &fen}}},
		{"in-store-elsewhere", "2112345006505\n", devicetool.DecodeOptions{}, []devicetool.ScanReport{{Kind: "unknown", Text: "…6505", Refused: "in-store-code"}}},
		{"gs1", "]C1010690123456789210A\x1d17261231\n", devicetool.DecodeOptions{}, []devicetool.ScanReport{{
			Kind: "gtin", AIM: "]C1", Text: "010690123456789210A\x1d17261231", GTIN: "06901234567892",
			Elements: []devicetool.ElementReport{{AI: "01", Name: "gtin", Value: "06901234567892"}, {AI: "10", Name: "batch", Value: "A"}, {AI: "17", Name: "expires", Value: "261231"}},
		}}},
		{"half-a-scan-at-the-end", "690123", devicetool.DecodeOptions{}, []devicetool.ScanReport{{Refused: "bad-read"}}},
		{"hex", "41 31\n0d\n4232\n0D0a", devicetool.DecodeOptions{Hex: true}, []devicetool.ScanReport{{Kind: "unknown", Text: "…", Refused: "unknown-code"}, {Kind: "unknown", Text: "…", Refused: "unknown-code"}}},
		{"hex-with-a-gap", "36 39\n+600ms\n30 0d", devicetool.DecodeOptions{Hex: true}, []devicetool.ScanReport{{AtMS: 600, Refused: "bad-read"}, {AtMS: 600, Kind: "unknown", Text: "…", Refused: "unknown-code"}}},
		{"silence-ends", "3936333835303734\n+100ms\n", devicetool.DecodeOptions{Hex: true, Setup: devicetool.Setup{Silence: 100e6}}, []devicetool.ScanReport{{AtMS: 100, Kind: "gtin", Text: "96385074", GTIN: "00000096385074"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := decode(t, tt.in, tt.o)
			if diff := cmp.Diff(tt.want, got, cmpopts.IgnoreFields(devicetool.ScanReport{}, "ZH", "EN", "Detail")); diff != "" {
				t.Errorf("Decode(%q) (-want +got):\n%s", tt.in, diff)
			}
			for _, r := range got {
				if (r.Refused != "") != (r.ZH != "" && r.EN != "") {
					t.Errorf("Decode(%q) refuses without a sentence in both languages, or the other way round: %+v", tt.in, r)
				}
			}
		})
	}
}

func TestDecodeWhatIsNoHex(t *testing.T) {
	err := devicetool.Decode(strings.NewReader("6G\n"), io.Discard, devicetool.DecodeOptions{Hex: true})
	if err == nil || !strings.Contains(err.Error(), "hexadecimal") {
		t.Errorf("Decode of 6G = %v, want a sentence about it", err)
	}
}

// endless is noise without an end of line, so many bytes of it.
type endless struct{ left int }

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(len(p), e.left)
	for i := range p[:n] {
		p[i] = 'x'
	}
	e.left -= n
	return n, nil
}

func TestEndlessNoiseCostsNoMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var out bytes.Buffer
	if err := devicetool.Decode(&endless{64 << 20}, &out, devicetool.DecodeOptions{}); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("64 MiB without an end cost %d bytes and made %d lines, want little and one", used, strings.Count(out.String(), "\n"))
	}
}
