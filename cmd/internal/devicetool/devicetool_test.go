package devicetool_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/cmd/internal/devicetool"
	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/escpos/model"
	"github.com/jifen-pos/jifen/devices/printport"
	"github.com/jifen-pos/jifen/devices/receipt"
	"github.com/jifen-pos/jifen/devices/virtual"
)

func TestReadPaper(t *testing.T) {
	d := receipt.New("券")
	d.Drawer()
	d.Centre("兑换券")
	d.QR("JF1.V.ABC", "")
	d.Cut()
	d.Text("存根")
	p := escpos.Generic80
	p.Drawer = escpos.Pin2
	job, err := escpos.Encode(*d, p)
	if err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join(t.TempDir(), "out.png")
	var out bytes.Buffer
	if err := devicetool.ReadPaper(bytes.NewReader(job), devicetool.PaperOptions{Picture: picture}, &out); err != nil {
		t.Fatal(err)
	}
	var got []devicetool.PaperReport
	for dec := json.NewDecoder(&out); dec.More(); {
		var r devicetool.PaperReport
		if err := dec.Decode(&r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	second := strings.Replace(picture, "out.png", "out-2.png", 1)
	if len(got) != 2 || got[0].Cuts != 1 || got[0].Kicks != 1 || got[1].Kicks != 0 || got[0].Width != 576 ||
		!cmp.Equal(got[0].Codes, []string{"JF1.V.ABC"}) || !strings.Contains(got[0].Text, "兑换券") || got[1].Picture != second {
		t.Errorf("ReadPaper = %+v, want two papers, the first with a code, a cut and a kick", got)
	}
	for _, file := range []string{picture, second} {
		if b, err := os.ReadFile(file); err != nil || !bytes.HasPrefix(b, []byte("\x89PNG")) {
			t.Errorf("%s is no picture: %v", file, err)
		}
	}
	out.Reset()
	if err := devicetool.ReadPaper(bytes.NewReader(job), devicetool.PaperOptions{Text: true, Width: 58}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"384 dots wide", "1 cut(s), 1 drawer kick(s)", "兑换券", "== not understood: picture wider than the paper", "== paper 2"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report does not say %q:\n%s", want, out.String())
		}
	}
}

func TestReadPaperRefuses(t *testing.T) {
	for _, tt := range []struct {
		name, job string
		width     int
		want      error
	}{
		{"nothing", "", 0, devicetool.ErrJobFile}, {"width", "A\n", 12, devicetool.ErrDots}, {"too-long", strings.Repeat("A", 8<<20+1), 0, devicetool.ErrJobFile},
	} {
		err := devicetool.ReadPaper(strings.NewReader(tt.job), devicetool.PaperOptions{Width: tt.width}, &bytes.Buffer{})
		if !errors.Is(err, tt.want) {
			t.Errorf("ReadPaper of %s = %v, want %v", tt.name, err, tt.want)
		}
	}
}

func TestReadBackChannel(t *testing.T) {
	in := "14 00 00 0F # ready\n1C00\n0c0f\n3722 41 42 31 32 00\n\n12 0x0C,5F45503100 FF 14\n"
	var out bytes.Buffer
	if err := devicetool.ReadBackChannel(strings.NewReader(in), &out); err != nil {
		t.Fatal(err)
	}
	var got []string
	for dec := json.NewDecoder(&out); dec.More(); {
		var r devicetool.AnswerReport
		if err := dec.Decode(&r); err != nil {
			t.Fatal(err)
		}
		line := r.Kind + " " + r.Hex + r.Token + r.Text
		if r.Status != nil && r.Status.PaperEnd {
			line += " paper end"
		}
		if r.If["GS r 1"].PaperEnd {
			line += " paper end if asked"
		}
		got = append(got, line)
	}
	want := []string{
		"status 14 00 00 0F", "status 1C 00 0C 0F paper end", "process-id 37 22 41 42 31 32 00AB12", "real-time 12", "queued 0C paper end if asked",
		"block 5F 45 50 31 00EP1", "noise FF", "incomplete 14",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ReadBackChannel: -want +got\n%s", diff)
	}
	if err := devicetool.ReadBackChannel(strings.NewReader("14 00\nxx\n"), &out); !errors.Is(err, devicetool.ErrHex) || !strings.Contains(err.Error(), "line 2") {
		t.Errorf("ReadBackChannel of no hex = %v, want ErrHex in line 2", err)
	}
}

func TestTestPrint(t *testing.T) {
	papers := make(chan virtual.PaperInfo, 4)
	printer, err := virtual.NewPrinter(virtual.PrinterOptions{Dir: t.TempDir(), Dots: 576, OnPaper: func(p virtual.PaperInfo) { papers <- p }})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- printer.Run(ctx) }()
	defer func() { cancel(); <-done }()
	m, err := devicetool.ModelOf("generic80")
	if err != nil {
		t.Fatal(err)
	}
	o := printport.Options{Kind: printport.TCP, Address: printer.Addr(), Profile: m.Profile, Answer: time.Second}
	var out bytes.Buffer
	if err := devicetool.TestPrint(t.Context(), o, m, &out); err != nil || !strings.Contains(out.String(), "confirmed: true") {
		t.Errorf("TestPrint = %v, and says\n%s", err, out.String())
	}
	if p := <-papers; !strings.Contains(p.Text, "中文") || !strings.Contains(p.Text, "generic80") {
		t.Errorf("the test page says %q", p.Text)
	}
	out.Reset()
	printer.SetPaperOut(true)
	if err := devicetool.TestPrint(t.Context(), o, m, &out); !errors.Is(err, printport.NoPaper) || !strings.Contains(out.String(), "装纸") || !strings.Contains(out.String(), "Put in a new roll") {
		t.Errorf("TestPrint without paper = %v, and says\n%s", err, out.String())
	}
}

func TestModelOf(t *testing.T) {
	file := filepath.Join(t.TempDir(), "mine.toml")
	if err := os.WriteFile(file, []byte("name = \"mine\"\ndots = 432\ncolumns = 36\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if m, err := devicetool.ModelOf(file); err != nil || m.Profile.Dots != 432 {
		t.Errorf("ModelOf(file) = %+v, %v, want 432 dots", m, err)
	}
	if _, err := devicetool.ModelOf("mine"); !errors.Is(err, model.ErrUnknown) || !strings.Contains(err.Error(), "generic58") {
		t.Errorf("ModelOf(mine) = %v, want ErrUnknown and the names there are", err)
	}
	if _, err := devicetool.ModelOf("nowhere.toml"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("ModelOf of a file that is not there = %v", err)
	}
}
