// Package keeper minds a terminal's ledger file. While the terminal runs it
// looks at the room, has the ledger looked through in a process of its own,
// seals what HQ has twice, and does the work that the operator's tool asks for;
// without a terminal the tool does that work itself. It decides nothing about
// points, and repairs nothing.
package keeper

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/control"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/boltstore/mount"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// LedgerFile is the ledger's name in a terminal's data folder.
const LedgerFile = "ledger.db"

// How often the keeper looks, and when it first has the ledger looked through:
// later than a board that starts again and again lives (fault P8).
const (
	lookEvery  = time.Minute
	firstAudit = time.Minute
)

// ErrPlace says that no ledger may lie where it is to lie.
var ErrPlace = errors.New("the ledger's file system cannot keep it")

// CheckPlace says what is wrong with the file system of a data folder, and
// refuses one on which a power cut takes what was confirmed (bolt R23), unless
// the settings take it. HQ is to be told of that (fault S28), and of a start that
// was refused before this one.
func CheckPlace(data string, anyFileSystem bool, log *slog.Logger) (tell []wire.Fault, err error) {
	var breaks []string
	for _, f := range mount.Check(data) {
		if f.Breaks {
			breaks = append(breaks, f.Sentence)
		}
		if !f.Breaks || anyFileSystem {
			log.Warn("the ledger's file system", "warning", f.Sentence)
		}
	}
	refused, why := filepath.Join(data, refusedFile), strings.Join(breaks, "; ")
	if len(breaks) == 0 || anyFileSystem {
		if b, err := os.ReadFile(refused); err == nil {
			tell = append(tell, wire.Fault{Code: "fault-place-refused", Detail: short(string(b))})
			if err := os.Remove(refused); err != nil {
				log.Warn("that a start was refused is told again", "error", err)
			}
		}
		if len(breaks) > 0 {
			tell = append(tell, wire.Fault{Code: "fault-place", Detail: short(why)})
		}
		return tell, nil
	}
	if err := os.WriteFile(refused, []byte(why), 0o600); err != nil {
		log.Warn("HQ will not be told of it", "error", err)
	}
	return nil, fmt.Errorf("%s: %w: put the data folder on another one or, for a trial, set any_file_system = true in [ledger]",
		why, ErrPlace)
}

// refusedFile says, after a start that was refused, why it was.
const refusedFile = "place.refused"

// Options are what a keeper works with.
type Options struct {
	Data    string // the terminal's folder
	Store   *boltstore.Store
	Key     ed25519.PublicKey // of the terminal
	Program []string          // that audits: its path and first arguments
	First   time.Duration     // from the start to the first audit; 0 is the usual
	Boot    string            // which boot of the system this is
	Now     func() time.Time
	Changed func() // something that a screen shows has changed
	Log     *slog.Logger
}

// Keeper minds one ledger while its terminal runs.
type Keeper struct {
	o       Options
	control *control.Control // nil: work cannot be asked for
	short   atomic.Bool
	kept    atomic.Pointer[ledger.Head] // HQ has all up to it in two places

	working  sync.Mutex // one piece of work that was asked for at a time
	auditing sync.Mutex // one audit at a time
	mu       sync.Mutex
	result   Result
}

// New makes a keeper, sets room aside for the last awards, and opens the way on
// which work is asked for. It starts nothing, and none of it keeps a shop closed.
func New(o Options) *Keeper {
	if o.First == 0 {
		o.First = firstAudit
	}
	k := &Keeper{o: o}
	if err := o.Store.KeepBallast(); err != nil {
		o.Log.Warn("no room is set aside for the last awards", "error", err)
	}
	var err error
	if k.control, err = control.New(o.Data, k.do, o.Log.With("part", "control")); err != nil {
		o.Log.Warn("work on the ledger cannot be asked for", "error", err)
	}
	k.recall()
	return k
}

// Short reports whether what room is left is for awards alone.
func (k *Keeper) Short() bool { return k.short.Load() }

// Run minds the ledger until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	var group sync.WaitGroup
	defer group.Wait()
	if k.control != nil {
		group.Go(func() { k.control.Run(ctx) })
	}
	full := k.lookAtRoom(false)
	look := time.NewTicker(min(lookEvery, k.o.First))
	defer look.Stop()
	for begun := time.Now(); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-look.C:
		}
		full = k.lookAtRoom(full)
		if time.Since(begun) >= k.o.First && k.due() {
			k.Audit(ctx)
		}
		if err := k.seal(); err != nil {
			k.o.Log.Error("old entries were not sealed", "error", err)
		}
	}
}

// Close takes no more requests.
func (k *Keeper) Close() error {
	if k.control == nil {
		return nil
	}
	return k.control.Close()
}

// lookAtRoom says so once when room runs short (bolt R18), and when there is
// enough again.
func (k *Keeper) lookAtRoom(short bool) bool {
	room, err := k.o.Store.Room()
	if err == nil && !room.Ballast && !room.Alarm { // somebody made room
		err = k.o.Store.KeepBallast()
	}
	k.short.Store(err == nil && room.Short)
	switch {
	case err != nil:
		k.o.Log.Error("room of the ledger", "error", err)
	case room.Alarm && !short:
		k.o.Log.Error("room for the ledger runs short", "used", room.Used, "largest", room.Largest, "free", room.Free, "ballast", room.Ballast)
	case !room.Alarm && short:
		k.o.Log.Info("there is room for the ledger again", "free", room.Free)
	}
	return err == nil && room.Alarm
}
