package main

import (
	"crypto/rand"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"path/filepath"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
)

// newKey makes another key under which HQ signs.
func newKey(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("newkey", flag.ContinueOnError)
	hq := hqFlag(f)
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	path := filepath.Join(*hq, assemble.HQKeyFile)
	public, err := keyfile.Follow(path, rand.Reader)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, hex.EncodeToString(public))
	_, err = fmt.Fprintf(errs, "restart HQ: each terminal hears of it when it is next in touch, under the key of before, and believes that no more.\n"+
		"Keep copies of %s and of all %s.N: without them HQ does not start, and no terminal would believe it.\n"+
		"Posters for activities are to be made anew.\n", path, path)
	return err
}
