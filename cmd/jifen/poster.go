package main

import (
	"bytes"
	"crypto/rand"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	"github.com/jifen-pos/jifen/cmd/internal/poster"
)

// activityPoster makes the sheet whose code checks members in at an activity.
func activityPoster(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("poster", flag.ContinueOnError)
	o := poster.Order{}
	f.StringVar(&o.Programme, "programme", filepath.Join(demoFolder, "documents", "programme.yaml"), "the programme `file`")
	f.StringVar(&o.Key, "key", filepath.Join(demoHQ, assemble.HQKeyFile), "HQ's key `file`")
	f.StringVar(&o.From, "from", "", "`time` from which the code is good, as \"2026-11-28 14:00\"; now if there is none")
	f.StringVar(&o.Until, "until", "", "`time` until which it is good; the end of the day if there is none")
	f.StringVar(&o.Place, "place", "", "`where` it hangs, to be printed")
	f.StringVar(&o.Lang, "lang", "zh", "zh or en")
	to := f.String("o", "", "the HTML `file` to write, to be printed on A4; the screen if there is none")
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	o.Activity = f.Arg(0)
	var page bytes.Buffer
	if err := poster.Write(o, time.Now(), rand.Reader, &page); err != nil {
		return err
	}
	if *to == "" {
		_, err := out.Write(page.Bytes())
		return err
	}
	if err := os.WriteFile(*to, page.Bytes(), 0o644); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "%s: open it in a browser and print it on A4\n", *to)
	return err
}
