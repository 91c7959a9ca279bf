package assemble

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
	"syscall"
	"time"

	"github.com/jifen-pos/jifen/terminal/boltstore"
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
)

// request asks for one piece of work; reply says what became of it.
type (
	request struct {
		Backup string `json:"backup,omitempty"` // the file to write, an absolute path
		Seal   string `json:"seal,omitempty"`   // the last entry to seal
	}
	reply struct {
		Error  string `json:"error,omitempty"`
		Sealed int    `json:"sealed,omitempty"` // entries
	}
)

// control takes requests, one after another.
type control struct {
	store    *boltstore.Store
	listener *net.UnixListener
	log      *slog.Logger
}

func newControl(data string, store *boltstore.Store, log *slog.Logger) (*control, error) {
	path := filepath.Join(data, controlSocket)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) { // the ledger's lock says that nobody listens
		return nil, fmt.Errorf("control socket: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return &control{store: store, listener: l, log: log}, nil
}

// Run serves until ctx ends.
func (c *control) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { c.listener.Close() })
	defer stop()
	for {
		conn, err := c.listener.Accept()
		if err != nil {
			return fmt.Errorf("control socket: %w", err)
		}
		if err := c.serve(ctx, conn); err != nil {
			c.log.Warn("request not answered", "error", err)
		}
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

func (c *control) do(ctx context.Context, r request, out *reply) (err error) {
	begin := time.Now()
	switch {
	case filepath.IsAbs(r.Backup):
		err = c.store.Backup(ctx, r.Backup)
	case r.Seal != "":
		out.Sealed, err = seal(c.store, r.Seal)
	default:
		err = errors.New("nothing that can be done is asked for")
	}
	c.log.Info("work on the ledger", "backup", r.Backup, "seal", r.Seal, "sealed", out.Sealed, "took", time.Since(begin), "error", err)
	return err
}

// Close takes no more requests.
func (c *control) Close() error {
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
	if err := conn.SetDeadline(time.Now().Add(replyPatience)); err != nil {
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
