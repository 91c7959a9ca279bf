package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/jifen-pos/jifen/cmd/internal/devicetool"
)

// readPaper reads the bytes of a print job, ours or another program's.
func readPaper(args []string, out, errs io.Writer) (err error) {
	f := flag.NewFlagSet("paper", flag.ContinueOnError)
	var o devicetool.PaperOptions
	f.StringVar(&o.Picture, "o", "", "the `file` of the picture (PNG)")
	f.BoolVar(&o.Text, "text", false, "write for people, not as JSON")
	f.IntVar(&o.Width, "width", 0, "the paper: 58 or 80 mm, or so many dots (default: what the job suggests)")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	if f.Arg(0) == "-" {
		return devicetool.ReadPaper(os.Stdin, o, out)
	}
	job, err := os.Open(f.Arg(0))
	if err != nil {
		return fmt.Errorf("open the job: %w", err)
	}
	defer func() { _ = job.Close() }()
	return devicetool.ReadPaper(job, o, out)
}
