// Package assemble joins the parts into the two daemons. It alone sees every
// package; a main only calls it. It decides nothing about points: it opens
// what is configured, runs the parts, and stops them in order. Core parts end
// the process when they end; edge parts (scanner, printer, link) are retried
// in place.
package assemble

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/jifen-pos/jifen/terminal/clerk"
)

// World is all that a daemon takes from outside.
type World struct {
	Now     func() clerk.Reading
	Rand    io.Reader
	BootID  string
	Board   string // fingerprint of the board
	RunDir  string // on tmpfs; forgets everything at a cold boot
	Version string
	Log     *slog.Logger
}

// folder makes the data folder, for its owner only.
func folder(path string, below ...string) (string, error) {
	full := filepath.Join(append([]string{path}, below...)...)
	if err := os.MkdirAll(full, 0o700); err != nil {
		return "", fmt.Errorf("make data folder: %w", err)
	}
	return full, nil
}

// errEnded says that a part ended although nobody had stopped it.
var errEnded = errors.New("ended by itself")

// core adds a part without which the daemon is of no use.
func core(g *errgroup.Group, ctx context.Context, name string, run func(context.Context) error) {
	g.Go(func() error {
		err := run(ctx)
		if ctx.Err() != nil && (err == nil || errors.Is(err, context.Canceled)) {
			return nil
		}
		if err == nil {
			err = errEnded
		}
		return fmt.Errorf("%s: %w", name, err)
	})
}

// edge adds a part that the daemon can do without: it is run again after it
// failed, and the failure is logged.
func edge(g *errgroup.Group, ctx context.Context, log *slog.Logger, name string, run func(context.Context) error) {
	g.Go(func() error {
		for ctx.Err() == nil {
			err := run(ctx)
			if ctx.Err() != nil {
				return nil
			}
			log.Error("part ended and is started again", "part", name, "error", err)
			pause(ctx, 2*time.Second)
		}
		return nil
	})
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
