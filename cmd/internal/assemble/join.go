package assemble

import (
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/identity"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Names in a terminal's data folder.
const (
	papersDir = "identity" // its certificate, and by what it knows the broker
	codeFile  = "enrol.code"
)

// Join hands a board its enrolment code, and tells the fingerprint of its key,
// which is made now if it is not there. The terminal may run.
func Join(data, text string) (fingerprint string, err error) {
	code, err := identity.ReadCode(text)
	if err != nil {
		return "", err
	}
	if data, err = folder(data); err != nil {
		return "", err
	}
	w := RealWorld("", nil)
	key, err := keyfile.Signing(filepath.Join(data, TerminalKeyFile), w.Rand)
	if err != nil {
		return "", err
	}
	if err := keyfile.Write(filepath.Join(data, codeFile), []byte(code+"\n")); err != nil {
		return "", err
	}
	return identity.Fingerprint(key.Public().(ed25519.PublicKey)), nil
}

// codeOf reads the enrolment code: what was handed over last, or what stands in
// the settings.
func codeOf(cfg config.Terminal) string {
	if b, err := os.ReadFile(filepath.Join(cfg.Data, codeFile)); err == nil {
		return strings.TrimSpace(string(b))
	}
	return cfg.Terminal.EnrolCode.Reveal()
}

// newPapers are a terminal's papers, kept in its data folder.
func newPapers(cfg config.Terminal, data string, w World) (*identity.Papers, error) {
	key, err := keyfile.Signing(filepath.Join(data, TerminalKeyFile), w.Rand)
	if err != nil {
		return nil, err
	}
	p, err := identity.NewPapers(identity.PapersOptions{
		Key: key, Store: identity.Folder{Path: filepath.Join(data, papersDir), Write: keyfile.Write}, Built: built,
		Clock: func() (time.Time, bool) { r := w.Now(); return r.Wall, r.Quality >= ledger.ClockSynced },
		Code:  func() string { return codeOf(cfg) },
	})
	if err != nil {
		return nil, fmt.Errorf("open the terminal's papers: %w", err)
	}
	return p, nil
}

// papersFor are the papers where the broker wants any: over plain TCP there is
// no certificate to show.
func papersFor(cfg config.Terminal, p *identity.Papers) exchange.Papers {
	if !strings.HasPrefix(cfg.HQ.URL, "ssl:") {
		return nil
	}
	return p
}

// username is what the settings say, or the terminal's own name.
func username(cfg config.Terminal) string {
	if cfg.HQ.Username != "" {
		return cfg.HQ.Username
	}
	return ledger.TerminalID(cfg.Terminal.ID).String()
}

// password is what the settings say, or what follows from the enrolment code: it
// opens HQ's broker as long as the code is open there.
func password(cfg config.Terminal) string {
	if given := cfg.HQ.Password.Reveal(); given != "" {
		return given
	}
	code := codeOf(cfg)
	if code == "" {
		return ""
	}
	return wire.Password(code, ledger.TerminalID(cfg.Terminal.ID))
}

// Joined reports whether HQ has taken the key of the board with this data folder.
func Joined(data string) bool { return exists(filepath.Join(data, enrolledFile)) }
