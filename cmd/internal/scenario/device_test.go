package scenario_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/devices/virtual"
)

func TestPrinterThatIsOffIsSaidAndPrintsLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address := freeAddress(t)
	w.set.printer = fmt.Sprintf("kind = \"tcp\"\naddress = %q\nprofile = \"generic58\"\n", address)
	w.openTill()
	w.sell(rice)
	v := w.at.sees("the printer's fault", func(v view) bool { return !v.device("printer").OK })
	if said := v.device("printer"); said.EN != "The printer cannot be reached. Check its power and cable." || said.ZH == "" {
		t.Errorf("with the printer off the screen says %+v, want what to do", said)
	}
	w.sell(red) // selling goes on
	v = w.at.view()
	if len(v.Jobs) != 2 || v.Jobs[0].State == "printed" || v.Jobs[1].State == "printed" {
		t.Errorf("with the printer off the jobs are %+v, want two that wait", v.Jobs)
	}
	papers := w.printerAppears(address)
	w.at.sees("both receipts printed", func(v view) bool {
		return v.device("printer").OK && v.Jobs[0].State == "printed" && v.Jobs[1].State == "printed"
	})
	eventually(t, "both receipts on paper, in order", func() (any, bool) {
		list := papers()
		return list, len(list) == 2 && strings.Contains(list[0], "49.90") && strings.Contains(list[1], "18.80")
	})
}

// printerAppears switches a printer on at an address; what it has printed can
// be read from then on.
func (w *world) printerAppears(address string) (papers func() []string) {
	w.t.Helper()
	p, err := virtual.NewPrinter(virtual.PrinterOptions{Address: address, Dir: w.path("shelf")})
	if err != nil {
		w.t.Fatalf("switch the printer on: %v", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			w.t.Errorf("printer: %v", err)
		}
	})
	return func() []string {
		var texts []string
		for _, paper := range p.Papers() {
			texts = append(texts, paper.Text)
		}
		return texts
	}
}

func TestScannerThatIsMissingIsSaidAndWorksLater(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.scanner.Unplug()
	w.till = start(t, w.tillCommand())
	w.at = signIn(t, w.till.ready())
	v := w.at.sees("the scanner's fault", func(v view) bool { return strings.HasPrefix(v.device("scanner").EN, "No scanner at ") })
	if said := v.device("scanner"); said.OK || !strings.Contains(said.EN, w.scanner.Path()) || !strings.Contains(said.EN, "it comes back by itself.") {
		t.Errorf("without the scanner the screen says %+v, want where it is missed and what to do", said)
	}
	w.at.do("scan", "code", rice) // typing goes on
	w.scanner.Plug()
	w.at.sees("the scanner to be ready", func(v view) bool { return v.device("scanner").OK })
	if v = w.scan(red); len(v.Lines) != 2 {
		t.Errorf("after plugging it in a scan gives %+v, want the goods", v.Lines)
	}
}
