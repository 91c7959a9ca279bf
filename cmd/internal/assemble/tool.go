package assemble

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/keeper"
	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/devices/virtual"
	"github.com/jifen-pos/jifen/terminal/audit"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/token"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Scan types a code on the virtual scanner of a terminal that runs.
func Scan(ctx context.Context, data, code string) error {
	return virtual.SendScan(ctx, filepath.Join(data, devicesFolder, "scanner.sock"), code)
}

// Verify folds a ledger from its journal, compares it with its state, and
// writes what it looked through. keyFile "" is the one beside the ledger;
// without a key file the heads' signatures are not checked, and that is said.
func Verify(path, keyFile string, out io.Writer) (err error) {
	if keyFile == "" {
		keyFile = filepath.Join(filepath.Dir(path), TerminalKeyFile)
	}
	var public ed25519.PublicKey
	key, err := keyfile.Existing(keyFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		fmt.Fprintf(out, "no key file %s: the signatures of the heads are not checked\n", keyFile)
	case err != nil:
		return err
	default:
		public = key.Public().(ed25519.PublicKey)
	}
	store, err := boltstore.OpenRead(path)
	if errors.Is(err, boltstore.ErrInUse) { // then the terminal that has it does so
		if ok, err := keeper.Verified(context.Background(), path, out); ok {
			return err
		}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	report, err := audit.Verify(store, store.Terminal(), public)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	fmt.Fprintf(out, "%s: %d entries in %d incarnation(s), %d entries of HQ, head %s\n",
		report.Terminal, report.Entries, report.Streams, report.Down, report.Head)
	for _, t := range report.Totals {
		fmt.Fprintf(out, "%-24s born %d, from HQ %d, spent %d, to HQ %d, held %d\n", t.Asset, t.Born, t.In, t.Spent, t.Out, t.Held())
	}
	for _, a := range report.Aside {
		fmt.Fprintf(out, "set aside on %s: %s was damaged and began empty; its %d bytes were %q\n",
			time.UnixMilli(a.Wall).Format(time.DateTime), a.Name, len(a.Raw), a.Raw)
	}
	_, err = fmt.Fprintln(out, "ok: chain, signatures, state and conservation agree")
	return err
}

// Rebuild writes a new ledger file from the journals of one: the state and the
// references are folded anew. The old file is only read.
func Rebuild(path, to string, out io.Writer) (err error) {
	old, err := boltstore.OpenRead(path)
	if err != nil {
		return err
	}
	left, err := old.CopyJournals(to)
	id := old.Terminal()
	if err = errors.Join(err, old.Close()); err != nil {
		return err
	}
	for _, what := range left {
		fmt.Fprintf(out, "left out, since it is damaged and can be had from nowhere: %s\n", what)
	}
	rebuilt, err := boltstore.Open(to, id)
	if err != nil {
		return err
	}
	if err := errors.Join(audit.Rebuild(rebuilt, id), rebuilt.Close()); err != nil {
		return fmt.Errorf("rebuild %s: %w", to, err)
	}
	// Thousands of records at once leave a long list of free pages, which each
	// sale would write anew.
	if err := boltstore.Compact(to); err != nil {
		return err
	}
	return Verify(to, filepath.Join(filepath.Dir(path), TerminalKeyFile), out)
}

// Pass makes a member's pass with HQ's key, good from now for some minutes.
func Pass(keyFile string, id member.ID, minutes uint16) (string, error) {
	key, err := keyfile.Existing(keyFile)
	if err != nil {
		return "", err
	}
	return token.SealPass(token.Pass{Member: id, IssuedMinute: uint32(time.Now().Unix() / 60), Minutes: minutes}, key)
}

// pinDigitsMin is the shortest PIN (sec U1).
const pinDigitsMin = 6

// HashPIN makes what stands for a PIN in the settings.
func HashPIN(pin string, random io.Reader) (string, error) {
	if len(pin) < pinDigitsMin || strings.Trim(pin, "0123456789") != "" {
		return "", fmt.Errorf("a PIN has at least %d digits, and digits only", pinDigitsMin)
	}
	salt := make([]byte, 16)
	if _, err := io.ReadFull(random, salt); err != nil {
		return "", fmt.Errorf("draw a salt: %w", err)
	}
	return webui.HashPIN(pin, salt), nil
}

// ShopCodes reads from a settings file the codes that a shop adds to the usual.
func ShopCodes(settings string) (*barcode.Shop, error) {
	cfg, err := config.LoadTerminal(settings)
	if err != nil {
		return nil, err
	}
	return cfg.Shop()
}
