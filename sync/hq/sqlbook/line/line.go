// Package line holds HQ's connections to a database server, so that they can be
// cut: a server that answers nothing, or that waits for a standby which is gone,
// else keeps a program that is to end.
package line

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// ErrCut says that there are no connections any more.
var ErrCut = errors.New("the connections to the database were cut")

// Line is the connections of a configuration. It is safe for concurrent use.
type Line struct {
	mu   sync.Mutex
	cut  bool
	open map[net.Conn]bool
}

// Of has all connections of a configuration go through a line.
func Of(c *pgx.ConnConfig) *Line {
	l := &Line{open: map[net.Conn]bool{}}
	c.DialFunc = l.through(c.DialFunc)
	return l
}

func (l *Line) through(dial pgconn.DialFunc) pgconn.DialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.cut {
			return nil, errors.Join(ErrCut, c.Close())
		}
		l.open[c] = true
		return conn{c, l}, nil
	}
}

// Cut ends all connections, and lets no others begin.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for c := range l.open {
		c.Close()
	}
}

type conn struct {
	net.Conn
	line *Line
}

func (c conn) Close() error {
	c.line.mu.Lock()
	delete(c.line.open, c.Conn)
	c.line.mu.Unlock()
	return c.Conn.Close()
}
