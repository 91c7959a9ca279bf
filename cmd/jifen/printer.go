package main

import (
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/counter"
	"github.com/jifen-pos/jifen/cmd/internal/devicetool"
	"github.com/jifen-pos/jifen/devices/escpos/model"
	"github.com/jifen-pos/jifen/devices/printport"
)

// readAnswers reads what a printer sent back, as hex on standard input.
func readAnswers(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("devices backchannel", flag.ContinueOnError)
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	return devicetool.ReadBackChannel(os.Stdin, out)
}

// errNoPrinter says what to do where no printer is named.
var errNoPrinter = errors.New("which printer? Name it with -kind and -address, such as -kind usb -address /dev/usb/lp0, or a terminal's settings with -settings")

// testPrintTime is how long a test page may take.
const testPrintTime = 2 * time.Minute

// printerFlags are how a printer is reached: of a terminal's settings, or as the
// flags say.
type printerFlags struct {
	settings, kind, address, flow, name *string
	baud                                *int
}

func newPrinterFlags(f *flag.FlagSet) printerFlags {
	return printerFlags{
		settings: f.String("settings", "", "the printer of the terminal with these settings (`file`)"),
		kind:     f.String("kind", "tcp", "how the printer is reached: tcp, serial, usb or file"),
		address:  f.String("address", "", "host:port, or the path of the device"),
		flow:     f.String("flow", "", "flow control of a serial printer: rtscts or xonxoff"),
		name:     f.String("profile", "generic80", "the printer's model, or the `file` of one"),
		baud:     f.Int("baud", 9600, "bits per second of a serial printer"),
	}
}

func (p printerFlags) printer() (o printport.Options, m model.Model, err error) {
	o, name := printport.Options{Kind: printport.Kind(*p.kind), Address: *p.address, Baud: *p.baud, Flow: *p.flow}, *p.name
	if *p.settings != "" {
		if o, name, err = counter.PrinterOf(*p.settings); err != nil {
			return o, m, err
		}
	}
	if o.Address == "" {
		return o, m, errNoPrinter
	}
	m, err = devicetool.ModelOf(name)
	o.Profile = m.Profile
	return o, m, err
}

// testPrint prints a page on the printer of a terminal's settings, or on one
// that the flags name.
func testPrint(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("devices test-print", flag.ContinueOnError)
	p := newPrinterFlags(f)
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	o, m, err := p.printer()
	if err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(context.Background(), testPrintTime)
	defer stop()
	return devicetool.TestPrint(ctx, o, m, out)
}

// findDrawer finds out how the printer tells that the drawer is open.
func findDrawer(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("devices drawer", flag.ContinueOnError)
	p := newPrinterFlags(f)
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	o, _, err := p.printer()
	if err != nil {
		return err
	}
	ctx, stop := untilStopped()
	defer stop()
	return devicetool.Drawer(ctx, o, os.Stdin, out)
}
