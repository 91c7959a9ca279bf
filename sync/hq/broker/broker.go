// Package broker is the MQTT broker inside HQ: mochi in memory, with its doors locked.
//
// It carries frames between terminals and HQ and gives no guarantee with them; whatever it forgets when it stops, the
// two ends send again. It keeps nothing on disk, speaks MQTT 3.1.1 only, lets each client into its own topics only,
// and bounds what any client can make it hold. Any other MQTT 3.1.1 broker can take its place.
//
// It never looks into a payload, never publishes anything of its own, and never decides who is a terminal: it asks.
package broker

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	mqtt "github.com/mochi-mqtt/server/v2"
)

// Limits of one broker.
const (
	// MaxConnections is how many connections may be open at once.
	MaxConnections = 8192
	// MaxStrangers is how many of them may not have said yet who they are.
	MaxStrangers = 1024
	// MaxPacket is the largest MQTT packet, in bytes.
	MaxPacket = 262_144
	// MaxConnectPacket is the largest first packet, in bytes: memory for strangers is cheap to ask for.
	MaxConnectPacket = 4096
	// MaxQueue is how many messages may wait for one client; further ones are dropped and counted.
	MaxQueue = 256
	// MaxKeepAlive is the longest keep-alive a client may ask for, in seconds; it must ask for one.
	MaxKeepAlive = 600
	// MaxRetained is the largest payload that is kept as the last word on a state topic, in bytes.
	MaxRetained = 1024
)

const (
	defaultGreeting = 10 * time.Second
	// stuck is how long a write may make no progress before the client counts as gone.
	stuck = 10 * time.Second
)

var (
	errNotListening = errors.New("the broker does not listen: Listen comes before Run")
	errInUse        = errors.New("the address is in use by another program")
)

// A Role says which topics a client may use. The zero Role may use none.
type Role uint8

const (
	// Terminal may publish up/<bucket>/<itself> and state/<itself>, and read down/<itself>.
	Terminal Role = iota + 1
	// HQ may publish down/<any terminal>, and read all of up and state.
	HQ
)

// An Identity is who a client has proved to be.
type Identity struct {
	Role     Role
	Terminal string // such as "t1"; empty for HQ
}

// Options are the settings of a broker. Listen and Authenticate have no default.
type Options struct {
	// Listen is the address to bind, host:port; port 0 takes a free one.
	Listen string
	// Authenticate says who a user name and password belong to, or false. It is called from many goroutines.
	Authenticate func(username string, password []byte) (Identity, bool)
	// TLS is what connections speak; nil for plain TCP.
	TLS *tls.Config
	// Certified says who the certificates belong to that a client has shown, the
	// first of them its own; who shows one is asked for no password. It is called
	// from many goroutines. nil: certificates are nothing.
	Certified func([]*x509.Certificate) (Identity, bool)
	// Greeting is how long a new connection may take to say who it is; default 10 s.
	Greeting time.Duration
	// Log gets refusals and broken connections; nil for none.
	Log *slog.Logger
}

// Status counts what an operator wants to see.
type Status struct {
	Clients   int    // connections that have said who they are
	Strangers int    // connections that have not yet
	Refused   uint64 // connections and packets turned away
	Dropped   uint64 // messages dropped because a client's queue was full
	Panics    uint64 // connections ended because the broker stumbled over what they sent
}

// A Broker listens on one address and runs once.
type Broker struct {
	o      Options
	log    *slog.Logger
	server *mqtt.Server
	doors  *doors

	mu       sync.Mutex
	listener net.Listener

	refused, dropped, panics atomic.Uint64
}

// New makes a broker. It starts nothing.
func New(o Options) *Broker {
	if o.Greeting == 0 {
		o.Greeting = defaultGreeting
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	b := &Broker{o: o, log: o.Log, doors: newDoors()}
	b.server = mqtt.New(settings())
	if err := b.server.AddHook(&hook{b: b}, nil); err != nil {
		panic(err) // our hook never refuses
	}
	return b
}

// settings bound what one client can make the server hold. The server's own log is silenced: it prints payloads.
func settings() *mqtt.Options {
	c := mqtt.NewDefaultServerCapabilities()
	c.MaximumMessageExpiryInterval = 0 // else retained messages vanish after a day
	c.MaximumClientWritesPending = MaxQueue
	c.MaximumInflight = MaxQueue
	c.ReceiveMaximum = MaxQueue
	c.MaximumPacketSize = MaxPacket
	c.MinimumProtocolVersion = 4
	c.MaximumQos = 1
	c.TopicAliasMaximum = 0
	c.SharedSubAvailable = 0
	return &mqtt.Options{
		Capabilities:           c,
		SysTopicResendInterval: 60,
		Logger:                 slog.New(slog.DiscardHandler),
	}
}

// Listen binds the address. A busy port is an error that names it.
func (b *Broker) Listen() error {
	l, err := net.Listen("tcp", b.o.Listen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("listen for terminals on %s: %w", b.o.Listen, errInUse)
	}
	if err != nil {
		return fmt.Errorf("listen for terminals on %s: %w", b.o.Listen, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listener = l
	return nil
}

// Addr is the address that Listen bound, or nil.
func (b *Broker) Addr() net.Addr {
	l := b.bound()
	if l == nil {
		return nil
	}
	return l.Addr()
}

func (b *Broker) bound() net.Listener {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.listener
}

// Run takes connections until ctx ends and then closes them all; it returns nil then. It returns an error if it does
// not listen or can no longer.
func (b *Broker) Run(ctx context.Context) error {
	l := b.bound()
	if l == nil {
		return errNotListening
	}
	release := context.AfterFunc(ctx, func() { _ = l.Close() })
	defer release()
	err := b.accept(ctx, l)
	_ = l.Close()
	b.doors.shut()
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// accept takes connections until the listener ends. Running out of file handles passes; it waits for that.
func (b *Broker) accept(ctx context.Context, l net.Listener) error {
	for {
		c, err := l.Accept()
		if err == nil {
			b.admit(c)
			continue
		}
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			return fmt.Errorf("accept a terminal on %s: %w", b.o.Listen, err)
		}
		b.log.Error("broker cannot take a connection", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Kick drops all connections of a terminal. It may be called at any time; a terminal that may not come back must
// fail Authenticate first.
func (b *Broker) Kick(terminal string) { b.doors.kick(terminal) }

// Status says how the broker is. It may be called from anywhere.
func (b *Broker) Status() Status {
	clients, strangers := b.doors.count()
	return Status{
		Clients: clients, Strangers: strangers,
		Refused: b.refused.Load(), Dropped: b.dropped.Load(), Panics: b.panics.Load(),
	}
}
