package keeper

import (
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/control"
)

// How long who asks a terminal for work waits for it.
const (
	replyPatience = 2 * time.Minute // for a backup, and for those before it
	auditPatience = 2 * auditMost   // for an audit, and for one before it
)

// request asks a terminal that runs for one piece of work on its ledger: bbolt's
// lock keeps every other process out of the file. reply says what became of it.
type (
	request struct {
		Backup string `json:"backup,omitempty"` // the file to write, an absolute path
		Seal   string `json:"seal,omitempty"`   // the last entry to seal
		Audit  bool   `json:"audit,omitempty"`
	}
	reply struct {
		Sealed int     `json:"sealed,omitempty"` // entries
		Audit  *Result `json:"audit,omitempty"`
	}
)

// do does what is asked for.
func (k *Keeper) do(ctx context.Context, raw json.RawMessage) (any, error) {
	var r request
	if err := json.Unmarshal(raw, &r); err != nil {
		return nil, err
	}
	var out reply
	var err error
	begin := time.Now()
	if !r.Audit {
		k.working.Lock()
		defer k.working.Unlock()
	}
	switch {
	case filepath.IsAbs(r.Backup):
		err = k.o.Store.Backup(ctx, r.Backup)
	case r.Seal != "":
		out.Sealed, err = sealUpTo(k.o.Store, r.Seal)
	case r.Audit:
		found := k.Audit(ctx)
		out.Audit = &found
	default:
		err = errors.New("nothing that can be done is asked for")
	}
	k.o.Log.Info("work on the ledger", "backup", r.Backup, "seal", r.Seal, "sealed", out.Sealed, "audit", r.Audit, "took", time.Since(begin), "error", err)
	return out, err
}

// ask has the terminal that runs on a ledger do something.
func ask(ctx context.Context, ledger string, r request) (out reply, err error) {
	patience := replyPatience
	if r.Audit {
		patience = auditPatience
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = control.Ask(ctx, filepath.Dir(ledger), r, &out)
	return out, err
}
