package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/terminal/localapi/contract"
)

// apiAnswer is how long one answer may take; a stream is longer by itself.
const apiAnswer = time.Minute

// apiTokenBytes is how much chance is in a token.
const apiTokenBytes = 32

// newToken makes a token for a program that vouches for people.
func newToken(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("api token", flag.ContinueOnError)
	if err := parse(f, args, 0, errs); err != nil {
		return err
	}
	var b [apiTokenBytes]byte
	if _, err := rand.Read(b[:]); err != nil {
		return err
	}
	token := hex.EncodeToString(b[:])
	sum := sha256.Sum256([]byte(token))
	fmt.Fprintln(errs, "for the program alone, as Authorization: Bearer …; it stands nowhere else")
	_, err := fmt.Fprintf(out, "%s\n\n[[api.callers]]\nname = \"pos\"\ntoken_hash = \"%x\"\npeople = []\n", token, sum)
	return err
}

// localAPI tries the local API of a running terminal.
func localAPI(args []string, out, errs io.Writer) error {
	f := flag.NewFlagSet("api check", flag.ContinueOnError)
	socket := f.String("socket", filepath.Join(demoTill, "api.sock"), "the terminal's unix `socket`")
	url := f.String("url", "", "instead of the socket: where it listens, such as https://till-1:8481")
	token := f.String("token", "", "what is in api.token in the terminal's data folder, with -url")
	tokenFile := f.String("token-file", "", "that `file` itself, with -url")
	cert := f.String("cert", "", "PEM `file` with the certificate to trust, with -url")
	o := contract.Options{}
	f.StringVar(&o.Goods, "goods", "6900001000112", "a bar `code` that the terminal knows")
	f.StringVar(&o.Other, "other", "6900001000228", "another bar `code`, of another price")
	f.StringVar(&o.Member, "member", "HM100020974", "the `card` of a member with points")
	f.StringVar(&o.Benefit, "benefit", "tea-set", "the `id` of what the member redeems")
	f.StringVar(&o.Senior.ID, "person", "c1", "the `id` of a senior or keeper, who does it")
	f.StringVar(&o.Senior.PIN, "pin", demoPIN, "their `PIN`")
	f.StringVar(&o.Cashier.ID, "cashier", "c2", "the `id` of a cashier, whose rights are tried; empty: none are")
	f.StringVar(&o.Cashier.PIN, "cashier-pin", demoPIN, "their `PIN`")
	lane := f.Uint("lane", 1, "the lane that is tried; nobody may be selling there")
	if len(args) > 0 && args[0] == "token" {
		return newToken(args[1:], out, errs)
	}
	if len(args) == 0 || args[0] != "check" {
		fmt.Fprintln(errs, "jifen api check [-url URL -token-file FILE]: at a terminal with sample data, since it sells, and takes back what it sold")
		fmt.Fprintln(errs, "jifen api token: a token for a program that vouches for people, and what the settings have of it")
		return errUsage
	}
	if err := parse(f, args[1:], 0, errs); err != nil {
		return err
	}
	var err error
	o.Lane, o.URL = uint32(*lane), cmp.Or(*url, "http://till")
	if *url != "" {
		if o.Token, err = apiToken(*token, *tokenFile); err != nil {
			return err
		}
	}
	if o.Client, err = apiClient(*url, *socket, *cert); err != nil {
		return err
	}
	var run [6]byte
	if _, err := rand.Read(run[:]); err != nil {
		return err
	}
	o.Ref = "check-" + hex.EncodeToString(run[:])
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return contract.Run(ctx, o, func(r contract.Result) { tellResult(out, r) })
}

func apiToken(token, file string) (string, error) {
	if file == "" {
		if token == "" {
			return "", errors.New("-url wants -token or -token-file")
		}
		return token, nil
	}
	b, err := os.ReadFile(file)
	return strings.TrimSpace(string(b)), err
}

// apiClient reaches a terminal over its socket, or over TCP with the one
// certificate that is trusted.
func apiClient(url, socket, cert string) (*http.Client, error) {
	t := &http.Transport{ResponseHeaderTimeout: apiAnswer}
	if url == "" {
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		}
	}
	if cert != "" {
		pem, err := os.ReadFile(cert)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", cert)
		}
		t.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: t}, nil
}

func tellResult(out io.Writer, r contract.Result) {
	switch {
	case len(r.Wrong) > 0:
		fmt.Fprintf(out, "WRONG  %-13s %s\n", r.Name, r.What)
		for _, w := range r.Wrong {
			fmt.Fprintf(out, "       - %s\n", w)
		}
	case r.Left != "":
		fmt.Fprintf(out, "left   %-13s %s: %s\n", r.Name, r.What, r.Left)
	default:
		fmt.Fprintf(out, "ok     %-13s %s\n", r.Name, r.What)
	}
}
