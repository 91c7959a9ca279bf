// Package control is the way on which a program that runs is asked for work by
// the operator's tool: a unix socket in its data folder, which its owner alone
// may enter. One request a connection, a line of JSON each way.
package control

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
	"runtime/debug"
	"sync"
	"syscall"
	"time"
)

// Socket is the socket's name in a data folder.
const Socket = "control.sock"

// The limits of a request.
const (
	requestBytesMax = 8 << 10
	requestPatience = 5 * time.Second // for the line that says what is wanted
)

// ErrNobody says that no program runs on a data folder.
var ErrNobody = errors.New("no program runs there")

// ErrBroke says that a program has a fault, which the work has met; nothing says that
// the work was done.
var ErrBroke = errors.New("the program has a fault, see its log")

// Handle does what a request asks for. What it returns is the reply.
type Handle func(ctx context.Context, request json.RawMessage) (reply any, err error)

// answer is what goes back.
type answer struct {
	Error string `json:"error,omitempty"`
	Reply any    `json:"reply,omitempty"`
}

// Control takes requests, each in a goroutine of its own.
type Control struct {
	handle   Handle
	listener *net.UnixListener
	log      *slog.Logger
}

// New opens the socket in a data folder that no other program of ours uses.
func New(data string, handle Handle, log *slog.Logger) (*Control, error) {
	path := filepath.Join(data, Socket)
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	return &Control{handle: handle, listener: l, log: log}, nil
}

// Run serves until ctx ends.
func (c *Control) Run(ctx context.Context) {
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

func (c *Control) serve(ctx context.Context, conn net.Conn) error {
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(requestPatience)); err != nil {
		return err
	}
	line, err := bufio.NewReader(io.LimitReader(conn, requestBytesMax)).ReadBytes('\n')
	if err != nil {
		return err
	}
	var out answer
	if out.Reply, err = c.do(ctx, line); err != nil {
		out = answer{Error: err.Error()}
	}
	if err := conn.SetDeadline(time.Now().Add(requestPatience)); err != nil {
		return err
	}
	return json.NewEncoder(conn).Encode(out)
}

// do has the work done. A fault of ours over it ends neither the program nor the
// others' work: who asked for it is told.
func (c *Control) do(ctx context.Context, line []byte) (reply any, err error) {
	defer func() {
		if why := recover(); why != nil {
			c.log.Error("work at the control socket broke", "why", why, "stack", string(debug.Stack()))
			err = fmt.Errorf("%w: %v", ErrBroke, why)
		}
	}()
	return c.handle(ctx, line)
}

// Close takes no more requests.
func (c *Control) Close() error {
	if err := c.listener.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// Ask has the program that runs on a data folder do something, and reads its
// reply into what reply points to.
func Ask(ctx context.Context, data string, request, reply any) error {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", filepath.Join(data, Socket))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
		return ErrNobody
	}
	if err != nil {
		return fmt.Errorf("ask the program: %w", err)
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	if err := json.NewEncoder(conn).Encode(request); err != nil {
		return fmt.Errorf("ask the program: %w", err)
	}
	out := answer{Reply: reply}
	if err := json.NewDecoder(conn).Decode(&out); err != nil {
		return fmt.Errorf("the program's answer: %w", errors.Join(ctx.Err(), err))
	}
	if out.Error != "" {
		return errors.New(out.Error)
	}
	return nil
}
