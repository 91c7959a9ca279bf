package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	"github.com/jifen-pos/jifen/cmd/internal/devicetool"
)

// deviceCommands are what jifen devices can do; without one it lists.
var deviceCommands = []command{
	{"list", "", "list what is plugged in, how to name it in the settings, and what is wrong", listDevices},
	{"watch", "", "list it, and then what comes and goes; Ctrl-C stops", watchDevices},
	{"scan", "DEVICE", "read one scanner: each scan as a line of JSON; Ctrl-C stops", scanDevice},
	{"backchannel", "", "read what a printer answered, as hex on standard input: each answer as a line of JSON", readAnswers},
	{"test-print", "", "print a page that shows whether the printer's model fits, and tell what the printer said", testPrint},
	{"drawer", "", "find out, with you at the drawer, how the printer tells that it is open", findDrawer},
	{"decode", "", "read a scanner's bytes from standard input: each scan as a line of JSON", decodeScans},
}

func devices(args []string, out, errs io.Writer) error {
	if len(args) == 0 {
		return listDevices(nil, out, errs)
	}
	for _, c := range deviceCommands {
		if c.name == args[0] {
			return c.run(args[1:], out, errs)
		}
	}
	fmt.Fprintln(errs, "jifen devices COMMAND:")
	for _, c := range deviceCommands {
		fmt.Fprintf(errs, "  %-11s %-9s %s\n", c.name, c.args, c.what)
	}
	return errUsage
}

func listDevices(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("devices list", flag.ContinueOnError)
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	return devicetool.List(devicetool.Here(), out)
}

func watchDevices(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("devices watch", flag.ContinueOnError)
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	ctx, stop := untilStopped()
	defer stop()
	return devicetool.Watch(ctx, devicetool.Here(), out, slog.New(slog.NewTextHandler(errs, nil)))
}

func scanDevice(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("devices scan", flag.ContinueOnError)
	baud := f.Int("baud", serialBaud, "bits per second of a serial scanner")
	setup, settings := scanFlags(f)
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	if err := read(setup, *settings); err != nil {
		return err
	}
	ctx, stop := untilStopped()
	defer stop()
	return devicetool.Scan(ctx, devicetool.Here(), devicetool.ScanOptions{Device: f.Arg(0), Baud: *baud, Setup: *setup}, out, errs)
}

const serialBaud = 9600

func decodeScans(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("devices decode", flag.ContinueOnError)
	digits := f.Bool("hex", false, "the bytes are hexadecimal digits; in both forms a line such as +250ms is a pause")
	setup, settings := scanFlags(f)
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	if err := read(setup, *settings); err != nil {
		return err
	}
	return devicetool.Decode(os.Stdin, out, devicetool.DecodeOptions{Hex: *digits, Setup: *setup})
}

// scanFlags are how a scanner is set up, and where the shop's own codes stand.
func scanFlags(f *flag.FlagSet) (setup *devicetool.Setup, settings *string) {
	setup = &devicetool.Setup{}
	f.StringVar(&setup.AIM, "aim", "auto", "whether scans begin with an identifier such as ]E0: auto, on or off")
	f.BoolVar(&setup.STX, "stx", false, "scans begin with STX")
	f.DurationVar(&setup.Silence, "silence", 0, "the silence that ends a scan of a scanner without suffix")
	return setup, f.String("settings", "", "the terminal's settings `file`, for the shop's own in-store codes")
}

// read makes of the flags what the tools take.
func read(setup *devicetool.Setup, settings string) (err error) {
	if settings != "" {
		setup.Shop, err = assemble.ShopCodes(settings)
	}
	return err
}

func untilStopped() (context.Context, context.CancelFunc) {
	return signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
}
