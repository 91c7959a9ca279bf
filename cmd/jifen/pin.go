package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
)

// pin reads a PIN from standard input, so that it is in no shell history.
func pin(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("pin", flag.ContinueOnError)
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	fmt.Fprint(errs, "PIN: ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read PIN: %w", err)
	}
	hash, err := assemble.HashPIN(strings.TrimSpace(line), rand.Reader)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "pin = %q\n", hash)
	return err
}
