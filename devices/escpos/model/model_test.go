package model_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/escpos/model"
	"github.com/jifen-pos/jifen/devices/receipt"
)

func TestEveryModelPrints(t *testing.T) {
	d := receipt.New("测试")
	d.Centre("红米好物", receipt.Bold, receipt.Large)
	d.Pair("五常大米", "￥59.90")
	d.QR(strings.Repeat("A", receipt.MaxQR), "")
	d.Cut()
	names := model.Names()
	if len(names) < 6 {
		t.Fatalf("Names() = %q, want six and more", names)
	}
	for _, name := range names {
		m, err := model.Find(name)
		if err != nil {
			t.Errorf("Find(%s) = error %v", name, err)
			continue
		}
		if m.Profile.Name != name || m.Note == "" || m.Profile.Drawer != escpos.NoDrawer {
			t.Errorf("Find(%s) = %+v, want its own name, a note, and no drawer", name, m)
		}
		if _, err := escpos.Encode(*d, m.Profile); err != nil {
			t.Errorf("Encode for %s = %v", name, err)
		}
	}
}

// The two that need no choice are the ones that the encoder has built in.
func TestGenericModelsAreTheBuiltIn(t *testing.T) {
	for _, want := range []escpos.Profile{escpos.Generic58, escpos.Generic80} {
		m, err := model.Find(want.Name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, m.Profile); diff != "" {
			t.Errorf("Find(%s): -built in +file\n%s", want.Name, diff)
		}
	}
}

const small = "name = \"mine\"\ndots = 384\ncolumns = 32\n"

func TestParseSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		name, text, says string
		want             error
	}{
		{"small", small, "", nil},
		{"key", small + "kolumns = 3\n", "unknown key kolumns", model.ErrModel},
		{"type", small + "cutter = 1\n", "line 4", model.ErrModel},
		{"name", "name = \"My Printer\"\ndots = 384\ncolumns = 32\n", "small letters", model.ErrModel},
		{"fact", small + "[from]\nname = \"probed\"\n", "from.name is no fact", model.ErrModel},
		{"origin", small + "[from]\ndots = \"hearsay\"\n", "not probed, documented or assumed", model.ErrModel},
		{"proof-of-a-mute", small + "proof = \"process-id\"\n", "without a back channel", model.ErrModel},
		{"proof", small + "back_channel = true\nproof = \"faith\"\n", "faith", escpos.ErrProfile},
		{"encoding", small + "encoding = \"big5\"\n", "big5", escpos.ErrProfile},
		{"dots", "name = \"mine\"\ndots = 380\ncolumns = 31\n", "380 dots", escpos.ErrProfile},
		{"long", small + "note = \"" + strings.Repeat("x", model.MaxFile) + "\"\n", "bytes", model.ErrModel},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := model.Parse([]byte(tt.text))
			if !errors.Is(err, tt.want) || err != nil && !strings.Contains(err.Error(), tt.says) {
				t.Errorf("Parse = %v, want %v that says %q", err, tt.want, tt.says)
			}
		})
	}
}

func TestOrigins(t *testing.T) {
	m, err := model.Find("xprinter-80")
	if err != nil {
		t.Fatal(err)
	}
	if m.Origin("proof") != model.Probed || m.Origin("dots") != model.Assumed {
		t.Errorf("origins are %q and %q, want probed and assumed", m.Origin("proof"), m.Origin("dots"))
	}
	for _, name := range []string{"", "none", "../models/generic58", "generic58.toml"} {
		if _, err := model.Find(name); !errors.Is(err, model.ErrUnknown) {
			t.Errorf("Find(%q) = %v, want ErrUnknown", name, err)
		}
	}
}
