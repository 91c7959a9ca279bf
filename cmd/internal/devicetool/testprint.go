package devicetool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/escpos/model"
	"github.com/jifen-pos/jifen/devices/printport"
	"github.com/jifen-pos/jifen/devices/receipt"
)

// ErrNotPrinted is returned when the test page is not known to be on paper.
var ErrNotPrinted = errors.New("the test page was not printed")

// TestToken is the process id of a test page; no job of a till has one like it.
const TestToken = "TEST"

// TestPrint prints a page that shows whether the model fits the printer, and
// writes what the printer said of it, in both languages.
func TestPrint(ctx context.Context, o printport.Options, m model.Model, out io.Writer) error {
	o.Profile.Name, o.Torn = m.Profile.Name, true
	port, err := printport.New(o)
	if err != nil {
		return err
	}
	defer func() { _ = port.Close() }()
	job, err := escpos.NewJob(TestPage(o.Profile, m), o.Profile)
	if err != nil {
		return err
	}
	outcome, cause := port.Print(ctx, TestToken, job)
	zh, en := outcome.Sentence()
	status := port.Status()
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s, model %s\n%s\n%s\n", o.Kind, o.Address, o.Profile.Name, zh, en)
	fmt.Fprintf(&b, "answers: %v; proof: %s; confirmed: %v; paper low: %v; %d bytes sent\n",
		status.Answers, orNone(outcome.Proof), outcome.Confirmed, status.PaperLow, outcome.Written)
	if id := port.Identity(); id != "" {
		fmt.Fprintf(&b, "says that it is: %s (not to be relied on)\n", id)
	}
	if outcome.State == printport.Sent && !outcome.Confirmed {
		b.WriteString("请看纸：每行都应从左边到右边，扫码枪应能读出码\nlook at the paper: every line must reach from edge to edge, and a scanner must read the code\n")
	}
	if _, err := io.WriteString(out, b.String()); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if outcome.State != printport.Sent {
		return fmt.Errorf("%w: %w", ErrNotPrinted, cause)
	}
	return nil
}

func orNone(p escpos.Proof) escpos.Proof {
	if p == "" {
		return escpos.ProofNone
	}
	return p
}

// TestPage shows what goes wrong with a model that does not fit: the width, the
// cut, the text, the picture.
func TestPage(p escpos.Profile, m model.Model) receipt.Document {
	d := receipt.New("测试页 Test page")
	d.Centre("测试页 TEST", receipt.Bold, receipt.Large)
	d.Pair("型号 Model", p.Name)
	for _, fact := range []struct{ name, value string }{
		{"dots", fmt.Sprint(p.Dots)}, {"columns", fmt.Sprint(p.Columns)}, {"cutter", fmt.Sprint(p.Cutter)},
		{"proof", string(p.Proof)}, {"encoding", string(p.Encoding)},
	} {
		d.Pair(fact.name+" = "+fact.value, string(m.Origin(fact.name)))
	}
	d.Rule()
	d.Text("|" + strings.Repeat("1234567890", 10)[:p.Columns-2] + "|")
	d.Text("中文 常规 0123 ABC abc ￥12.50 × √ ·")
	d.Text("中文 加粗 Bold", receipt.Bold)
	d.Text("大字 Large", receipt.Large)
	d.Pair("左 left", "右 right")
	d.Centre("居中 centre")
	d.Rule()
	d.QR("JF1.TEST."+strings.ToUpper(p.Name), "请扫一扫 scan me")
	d.Cut()
	return *d
}

// ModelOf reads a model: one of ours by name, or another's file by its path.
func ModelOf(name string) (model.Model, error) {
	if !strings.HasSuffix(name, ".toml") {
		return model.Find(name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return model.Model{}, fmt.Errorf("read the printer model: %w", err)
	}
	m, err := model.Parse(text)
	if err != nil {
		return m, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}
