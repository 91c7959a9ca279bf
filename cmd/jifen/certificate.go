package main

import (
	"crypto/ed25519"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"path/filepath"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	"github.com/jifen-pos/jifen/cmd/internal/keeper"
	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/cmd/internal/statement"
)

// certificate checks the code on a receipt that proves what points it awarded.
func certificate(args []string, out, errs io.Writer) error {
	what := ""
	if len(args) > 0 {
		what, args = args[0], args[1:]
	}
	f := flag.NewFlagSet("certificate "+what, flag.ContinueOnError)
	ledger := f.String("ledger", demoTill+"/"+keeper.LedgerFile, "the ledger `file` in which its entry is looked up; empty is none")
	public := f.String("public", "", "the terminal's public key in `hex` (default: of the key file beside the ledger)")
	lang := f.String("lang", "zh", "zh or en")
	if what != "verify" {
		fmt.Fprintln(errs, "jifen certificate verify [-ledger FILE] [-public HEX] CODE")
		return errUsage
	}
	if err := parse(f, args, 1, errs); err != nil {
		return err
	}
	key, err := hex.DecodeString(*public)
	if err != nil || *public != "" && len(key) != ed25519.PublicKeySize {
		return fmt.Errorf("-public %q: a public key has %d hex digits", *public, 2*ed25519.PublicKeySize)
	}
	if *public == "" {
		own, err := keyfile.Existing(filepath.Join(filepath.Dir(*ledger), assemble.TerminalKeyFile))
		if err != nil {
			return err
		}
		key = own.Public().(ed25519.PublicKey)
	}
	return statement.Certificate(f.Arg(0), key, *ledger, *lang, out)
}
