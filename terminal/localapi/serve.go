package localapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jifen-pos/jifen/terminal/door"
)

// Waits of the servers (sec W5). A stream has a limit for each write and none in
// all.
const (
	headerWait = 5 * time.Second
	readWait   = 15 * time.Second
	stopWait   = time.Second
)

// Listen says where the interface is to be had.
type Listen struct {
	Socket string      // path of the unix socket; "" is none
	Addr   string      // host:port; "" is none
	TLS    *tls.Config // nil only where Addr is of this machine
}

// ErrBare says that an address that other machines reach has no TLS.
var ErrBare = errors.New("an address that other machines reach needs TLS")

// Run serves until ctx ends. It ends every stream and returns within about a
// second.
func (a *API) Run(ctx context.Context, l Listen) error {
	g, ctx := errgroup.WithContext(ctx)
	if l.Socket != "" {
		listener, err := socket(l.Socket)
		if err != nil {
			return err
		}
		g.Go(func() error { return a.serve(ctx, listener, a.Local()) })
	}
	if l.Addr != "" {
		listener, err := listenTCP(l)
		if err != nil {
			return err
		}
		g.Go(func() error { return a.serve(ctx, listener, a.Remote(listener.Addr().String())) })
	}
	g.Go(func() error {
		<-ctx.Done()
		close(a.closing)
		return nil
	})
	return g.Wait()
}

func listenTCP(l Listen) (net.Listener, error) {
	if host, _, err := net.SplitHostPort(l.Addr); err != nil {
		return nil, fmt.Errorf("serve the local API on %s: %w", l.Addr, err)
	} else if ip := net.ParseIP(host); l.TLS == nil && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("serve the local API on %s: %w", l.Addr, ErrBare)
	}
	listener, err := net.Listen("tcp", l.Addr)
	if err != nil {
		return nil, fmt.Errorf("serve the local API on %s: the address is in use or cannot be taken: %w", l.Addr, err)
	}
	if l.TLS != nil {
		return tls.NewListener(listener, l.TLS), nil
	}
	return listener, nil
}

// socket takes the path of a unix socket, that of a daemon that was killed too:
// the folder is locked by its ledger, so there is no other one alive.
func socket(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("serve the local API on %s: %w", path, err)
	}
	listener, err := net.Listen("unix", path)
	if err != nil {
		return nil, fmt.Errorf("serve the local API on %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o660); err != nil {
		_ = listener.Close()
		return nil, fmt.Errorf("serve the local API on %s: %w", path, err)
	}
	return listener, nil
}

func (a *API) serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: headerWait, ReadTimeout: readWait, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: headerBytesMax,
		ErrorLog: slog.NewLogLogger(a.o.Log.Handler(), slog.LevelDebug),
	}
	door.New(connsMax, bodyBytesMax, func(from net.Addr) {
		a.o.Log.Warn("local API: too many connections: one that asked nothing was closed", "from", from.String())
	}).Attach(server)
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	select {
	case err := <-served:
		return fmt.Errorf("serve the local API on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.Background(), stopWait)
	defer cancel()
	if server.Shutdown(stop) != nil {
		_ = server.Close()
	}
	<-served
	return nil
}

// refuse answers before the interface is reached.
func (a *API) refuse(w http.ResponseWriter, r *http.Request, p *Problem) {
	a.o.Log.Warn("local API: refused", "code", p.Code, "from", r.RemoteAddr, "path", r.URL.Path)
	writeProblem(w, p)
}
