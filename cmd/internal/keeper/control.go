package keeper

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// controlSocket lies beside the ledger: whoever may enter the data folder, its
// owner alone, may ask a terminal that runs for work on its ledger. bbolt's
// lock keeps every other process out of the file.
const controlSocket = "control.sock"

// The limits of a request.
const (
	requestBytesMax = 8 << 10
	requestPatience = 5 * time.Second // for the line that says what is wanted
	replyPatience   = 2 * time.Minute // for a backup, and for those before it
	auditPatience   = 2 * auditMost   // for an audit, and for one before it
)

// request asks for one piece of work; reply says what became of it.
type (
	request struct {
		Backup string `json:"backup,omitempty"` // the file to write, an absolute path
		Seal   string `json:"seal,omitempty"`   // the last entry to seal
		Audit  bool   `json:"audit,omitempty"`
	}
	reply struct {
		Error  string  `json:"error,omitempty"`
		Sealed int     `json:"sealed,omitempty"` // entries
		Audit  *Result `json:"audit,omitempty"`
	}
)

// control takes requests: each waits for its turn at what it asks for.
type control struct {
	do       func(context.Context, request, *reply) error
	listener *net.UnixListener
	log      *slog.Logger
}

func newControl(data string, do func(context.Context, request, *reply) error, log *slog.Logger) (*control, error) {
	path := filepath.Join(data, controlSocket)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // the ledger's lock says that nobody listens
		return nil, fmt.Errorf("control socket: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return &control{do: do, listener: l, log: log}, nil
}

// run serves until ctx ends.
func (c *control) run(ctx context.Context) {
	stop := context.AfterFunc(ctx, func() { c.listener.Close() })
	defer stop()
	var group sync.WaitGroup
	defer group.Wait()
	for {
		conn, err := c.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			c.log.Warn("control socket", "error", err)
			pause(ctx, time.Second)
			continue
		}
		group.Go(func() {
			if err := c.serve(ctx, conn); err != nil {
				c.log.Warn("request not answered", "error", err)
			}
		})
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func (c *control) serve(ctx context.Context, conn net.Conn) error {
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(requestPatience)); err != nil {
		return err
	}
	var r request
	line, err := bufio.NewReader(io.LimitReader(conn, requestBytesMax)).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &r)
	}
	if err != nil {
		return err
	}
	var out reply
	if err := c.do(ctx, r, &out); err != nil {
		out.Error = err.Error()
	}
	if err := conn.SetDeadline(time.Now().Add(requestPatience)); err != nil {
		return err
	}
	return json.NewEncoder(conn).Encode(out)
}

// do does what is asked for.
func (k *Keeper) do(ctx context.Context, r request, out *reply) (err error) {
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
	return err
}

// close takes no more requests.
func (c *control) close() error {
	if err := c.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// errNobody says that no terminal runs on a ledger.
var errNobody = errors.New("no terminal runs on this ledger")

// ask has the terminal that runs on a ledger do something.
func ask(ctx context.Context, ledger string, r request) (out reply, err error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", filepath.Join(filepath.Dir(ledger), controlSocket))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return out, errNobody
	}
	if err != nil {
		return out, fmt.Errorf("ask the terminal: %w", err)
	}
	defer conn.Close()
	patience := replyPatience
	if r.Audit {
		patience = auditPatience
	}
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return out, err
	}
	if err := json.NewEncoder(conn).Encode(r); err != nil {
		return out, fmt.Errorf("ask the terminal: %w", err)
	}
	if err := json.NewDecoder(conn).Decode(&out); err != nil {
		return out, fmt.Errorf("the terminal's answer: %w", err)
	}
	if out.Error != "" {
		return out, errors.New(out.Error)
	}
	return out, nil
}
