// Package refused is what a terminal was sent under HQ's name and did not believe:
// forged, cut off, of an HQ that was replaced, or for somebody else. It keeps the
// bytes in files, tells the cashier, and has HQ told. Nothing in it is ever taken
// in; what is merely lost, doubled or late does not come here.
package refused

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/mqttlink"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/words"
)

// Limits.
const (
	KeptMax    = 64        // pieces in the folder; later ones are counted only
	Shown      = time.Hour // after the last one
	againAfter = time.Hour // before the same reason is kept once more
	reasonsMax = 256       // different ones remembered
	begins     = 32        // bytes of a piece that HQ is told
)

// Folder is the name of the folder with the pieces, in the terminal's data folder.
const Folder = "refused"

// Keeper keeps them. It is safe for concurrent use.
type Keeper struct {
	dir     string
	now     func() time.Time
	changed func()
	log     *slog.Logger

	mu     sync.Mutex
	count  uint64
	last   time.Time
	why    string               // of the last
	detail string               // of the last that was kept
	heard  map[string]time.Time // by reason
}

// New makes a keeper in a data folder. It makes nothing there before there is
// something to keep.
func New(data string, now func() time.Time, changed func(), log *slog.Logger) *Keeper {
	return &Keeper{dir: filepath.Join(data, Folder), now: now, changed: changed, log: log, heard: map[string]time.Time{}}
}

// foreign are the faults of a message that no line makes by itself, whatever it
// loses, doubles or delays.
var foreign = []error{
	codec.ErrMalformed, wire.ErrVersion, wire.ErrSignature, wire.ErrKind, exchange.ErrForeign, exchange.ErrEpoch, exchange.ErrAck,
	clerk.ErrNotOurs, mqttlink.ErrBreach,
}

// Take takes in why a message was not: it reports whether somebody should know.
func (k *Keeper) Take(raw []byte, err error) bool {
	if err == nil {
		return false
	}
	for _, f := range foreign {
		if errors.Is(err, f) {
			k.take(raw, err.Error())
			return true
		}
	}
	return false
}

func (k *Keeper) take(raw []byte, why string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.now()
	k.count++
	k.last, k.why = now, why
	if at, ok := k.heard[why]; ok && now.Sub(at).Abs() < againAfter {
		return
	}
	if len(k.heard) >= reasonsMax {
		clear(k.heard)
	}
	k.heard[why] = now
	sum := sha256.Sum256(raw)
	k.detail = fmt.Sprintf("%s; %d bytes, SHA-256 %x…, they begin with %s", why, len(raw), sum[:8], hex.EncodeToString(raw[:min(len(raw), begins)]))
	k.log.Warn("message under HQ's name not believed", "why", why, "bytes", len(raw))
	if err := k.keep(now, why, raw); err != nil {
		k.log.Error("what was not believed is not kept", "error", err)
	}
	k.changed()
}

// keep writes a piece beside a line that says what it is.
func (k *Keeper) keep(now time.Time, why string, raw []byte) error {
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	list, err := os.ReadDir(k.dir)
	if err != nil || len(list) >= 2*KeptMax {
		return err // the first ones say how it began
	}
	name := filepath.Join(k.dir, strconv.FormatInt(now.UnixMilli(), 10)+"-"+strconv.FormatUint(k.count, 10))
	if err := os.WriteFile(name+".bin", raw, 0o600); err != nil {
		return err
	}
	return os.WriteFile(name+".txt", []byte(now.UTC().Format(time.RFC3339)+" "+strings.ReplaceAll(why, "\n", " ")+"\n"), 0o600)
}

// recent says whether the last one is not long ago.
func (k *Keeper) recent() bool { return k.count > 0 && k.now().Sub(k.last).Abs() < Shown }

// View tells the cashier; told is false while there is nothing to tell.
func (k *Keeper) View(zone *time.Location) (told bool, zh, en string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.recent() {
		return false, "", ""
	}
	args := []string{strconv.FormatUint(k.count, 10), k.last.In(zone).Format("15:04"), k.why}
	return true, words.In("zh", "line-refused", args...), words.In("en", "line-refused", args...)
}

// Faults are what HQ is to be told.
func (k *Keeper) Faults() []wire.Fault {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.recent() {
		return nil
	}
	return []wire.Fault{{Code: "fault-messages", Detail: k.detail[:min(len(k.detail), wire.FaultBytesMax)]}}
}
