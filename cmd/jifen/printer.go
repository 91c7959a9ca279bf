package main

import (
	"context"
	"flag"
	"io"
	"os"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/counter"
	"github.com/jifen-pos/jifen/cmd/internal/devicetool"
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

// testPrintTime is how long a test page may take.
const testPrintTime = 2 * time.Minute

// testPrint prints a page on the printer of a terminal's settings, or on one
// that the flags name.
func testPrint(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("devices test-print", flag.ContinueOnError)
	settings := f.String("settings", "", "print on the printer of the terminal with these settings (`file`)")
	kind := f.String("kind", "tcp", "how the printer is reached: tcp, serial, usb or file")
	address := f.String("address", "", "host:port, or the path of the device")
	baud := f.Int("baud", 9600, "bits per second of a serial printer")
	flow := f.String("flow", "", "flow control of a serial printer: rtscts or xonxoff")
	name := f.String("profile", "generic80", "the printer's model, or the `file` of one")
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	o := printport.Options{Kind: printport.Kind(*kind), Address: *address, Baud: *baud, Flow: *flow}
	if *settings != "" {
		var err error
		if o, *name, err = counter.PrinterOf(*settings); err != nil {
			return err
		}
	}
	m, err := devicetool.ModelOf(*name)
	if err != nil {
		return err
	}
	o.Profile = m.Profile
	ctx, stop := context.WithTimeout(context.Background(), testPrintTime)
	defer stop()
	return devicetool.TestPrint(ctx, o, m, out)
}
