package main

import (
	"bufio"
	"crypto/ed25519"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

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
		fmt.Fprintln(errs, "jifen certificate verify [-ledger FILE] [-public HEX] 'CODE'\nThe code has blanks and $ in it: put it between single quotes, or say - and type it on standard input.")
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
	code := f.Arg(0)
	if code == "-" {
		if code, err = line(os.Stdin); err != nil {
			return err
		}
	}
	return statement.Certificate(code, key, *ledger, *lang, out)
}

// line reads one line, as a scanner types it: blanks at its end belong to it.
func line(in io.Reader) (string, error) {
	text, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && (err != io.EOF || text == "") {
		return "", fmt.Errorf("read the code: %w", err)
	}
	return strings.TrimRight(text, "\r\n"), nil
}
