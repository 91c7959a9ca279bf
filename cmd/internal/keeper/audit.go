package keeper

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/words"
)

// The audit of a ledger in use (bolt R8): a copy of one state of it, written
// slowly, is looked through by another process that may die over it, and is
// thrown away. The lock on the ledger keeps every other process out of the
// ledger itself.

const (
	auditFolder = "audit"
	auditFile   = "audit.json" // what the last one found
	auditEvery  = 24 * time.Hour
	auditMost   = time.Hour // for the process
	auditPace   = 32 << 20  // bytes of the copy a second
	auditRoom   = 96 << 20  // left free beside the copy: more than the ballast and what is taken ahead
	faultMost   = 400       // bytes of what is wrong that are kept
)

// Result is what became of the last audit.
type Result struct {
	At      time.Time `json:"at"`
	Boot    string    `json:"boot"`
	Entries uint64    `json:"entries,omitempty"`
	Head    string    `json:"head,omitempty"`  // the newest entry that was looked at
	Fault   string    `json:"fault,omitempty"` // what is wrong with the ledger
	Whole   bool      `json:"whole,omitempty"` // with a fault: the journals are whole, a rebuild mends the rest
	Left    string    `json:"left,omitempty"`  // why the ledger was not looked through
}

// Good reports whether the ledger was looked through and nothing was wrong.
func (r Result) Good() bool { return r.Fault == "" && r.Left == "" && !r.At.IsZero() }

// Say tells the result in a language; ok is false for what somebody must see to.
func (r Result) Say(lang string) (sentence string, ok bool) {
	at := r.At.Format("2006-01-02 15:04")
	switch {
	case r.Fault != "" && r.Whole:
		return words.In(lang, "audit-rebuild", at, r.Fault), false
	case r.Fault != "":
		return words.In(lang, "audit-damaged", at, r.Fault), false
	case r.Left != "":
		return words.In(lang, "audit-left", at, r.Left), false
	case r.At.IsZero():
		return words.In(lang, "audit-none"), true
	}
	return words.In(lang, "audit-good", at, strconv.FormatUint(r.Entries, 10)), true
}

// Faults are what HQ is to be told of the last audit.
func (r Result) Faults() []wire.Fault {
	switch {
	case r.Fault != "":
		return []wire.Fault{{Code: "fault-ledger", Detail: r.Fault}}
	case r.Left != "":
		return []wire.Fault{{Code: "fault-audit", Detail: r.Left}}
	}
	return nil
}

// Result is what became of the last audit.
func (k *Keeper) Result() Result {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.result
}

// recall reads what the last audit found, and clears what it left.
func (k *Keeper) recall() {
	err := os.RemoveAll(filepath.Join(k.o.Data, auditFolder))
	b, failed := os.ReadFile(filepath.Join(k.o.Data, auditFile))
	if failed == nil {
		failed = json.Unmarshal(b, &k.result)
	} else if errors.Is(failed, fs.ErrNotExist) {
		failed = nil
	}
	if err = errors.Join(err, failed); err != nil {
		k.o.Log.Warn("what the last audit found is not known", "error", err)
	}
}

// due reports whether the ledger is to be looked through: once a boot, and once
// a day. A ledger with a fault stays one until a person has seen to it.
func (k *Keeper) due() bool {
	r := k.Result()
	age := k.o.Now().Sub(r.At)
	return r.Boot != k.o.Boot || age >= auditEvery || age < 0
}

// Audit has the ledger looked through and keeps what was found.
func (k *Keeper) Audit(ctx context.Context) Result {
	k.auditing.Lock()
	defer k.auditing.Unlock()
	begun := time.Now()
	r, err := k.lookThrough(ctx)
	r.At, r.Boot = k.o.Now(), k.o.Boot
	if err != nil {
		r.Left = short(err.Error())
	}
	if ctx.Err() != nil {
		return r // the terminal stops
	}
	sentence, ok := r.Say("en")
	took := time.Since(begun).Round(time.Millisecond)
	if ok {
		k.o.Log.Info("audit of the ledger", "found", sentence, "took", took)
	} else {
		k.o.Log.Error("audit of the ledger", "found", sentence, "took", took)
	}
	k.mu.Lock()
	k.result = r
	k.mu.Unlock()
	k.o.Changed()
	if b, err := json.Marshal(r); err != nil {
		k.o.Log.Warn("what the audit found is not kept", "error", err)
	} else if err := os.WriteFile(filepath.Join(k.o.Data, auditFile), append(b, '\n'), 0o600); err != nil {
		k.o.Log.Warn("what the audit found is not kept", "error", err)
	}
	return r
}

// lookThrough makes the copy and has a process look at it.
func (k *Keeper) lookThrough(ctx context.Context) (r Result, err error) {
	room, err := k.o.Store.Room()
	if err != nil {
		return r, err
	}
	if room.Free-room.Used < auditRoom {
		return r, fmt.Errorf("there is no room for a copy of %d MiB beside the ledger", room.Used>>20)
	}
	dir := filepath.Join(k.o.Data, auditFolder)
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700)); err != nil {
		return r, err
	}
	path := filepath.Join(dir, LedgerFile)
	if err := k.o.Store.Copy(ctx, path, auditPace); err != nil {
		return r, err
	}
	if err := os.Symlink(filepath.Join("..", LedgerFile+".sealed"), path+".sealed"); err != nil {
		return r, err
	}
	return k.ask(ctx, path)
}

// ask runs the process. One that dies has met something that no program can
// read.
func (k *Keeper) ask(ctx context.Context, path string) (r Result, err error) {
	ctx, cancel := context.WithTimeout(ctx, auditMost)
	defer cancel()
	args := append(k.o.Program[1:len(k.o.Program):len(k.o.Program)], "-key", hex.EncodeToString(k.o.Key), path)
	cmd := exec.CommandContext(ctx, k.o.Program[0], args...)
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return r, fmt.Errorf("the audit was not done within %s: %w", auditMost, ctx.Err())
	}
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit) && exit.ExitCode() == -1 && killed(exit):
		return r, errors.New("the audit was killed, perhaps for want of memory")
	case errors.As(err, &exit):
		line, _, _ := bytes.Cut(problems.Bytes(), []byte("\n"))
		r.Fault = short(fmt.Sprintf("the process that looked through it ended (%v): %s", err, line))
		return r, nil
	case err != nil:
		return r, err
	}
	if err := json.Unmarshal(out, &r); err != nil {
		return r, fmt.Errorf("what the audit says: %w", err)
	}
	return r, nil
}

func short(s string) string { return s[:min(len(s), faultMost)] }
