// Package mqttlink keeps one MQTT connection and lets a [Session] talk through it. Terminal and HQ both use it.
//
// MQTT is a framed pipe here and nothing more. The link connects, subscribes, checks every grant, hands frames
// over in both directions, notices a dead or stuck connection, and connects anew. It never takes a guarantee from
// MQTT: a frame may be lost, doubled or reordered, a publish that was acknowledged may never arrive, and nothing is
// kept from one connection to the next. What must arrive is sent again by the session, end to end.
//
// It never stores anything, never looks into a payload, and never decides what is sent.
package mqttlink

import (
	"context"
	"crypto/tls"
	"log/slog"
	"math/rand/v2"
	"net"
	"time"
)

// Limits of one link.
const (
	// MaxPacket is the largest MQTT packet that is accepted from a broker, in bytes after its fixed header
	// (trap 28). A larger one ends the connection before memory is taken for it.
	MaxPacket = 256 << 10
	// MaxPayload is the largest payload that a frame may carry, in bytes. It leaves 1 KiB of a broker's 256 KiB
	// packet for the topic. A larger frame is dropped, counted and logged.
	MaxPayload = 255 << 10
	// MaxTopic is the longest topic that a frame may carry, in bytes (trap 29).
	MaxTopic = 512
	// Window is how many QoS 1 publishes may wait for their acknowledgement at once (trap 10).
	Window = 4
	// MaxLive is how many MQTT clients may exist at once: the one in use and those still closing (trap 21).
	// At this number the link waits instead of opening another.
	MaxLive = 8
)

// A Frame is one MQTT message. In a received frame only Topic and Payload mean anything.
type Frame struct {
	Topic   string
	Payload []byte
	QoS     byte // 0 or 1; never 2
	Retain  bool
}

// A Subscription asks the broker for one topic filter.
type Subscription struct {
	Filter string
	QoS    byte // 0 or 1: the most that the broker may use
}

// A Session is what a link carries. The link calls all methods from the goroutine that runs [Link.Run], one at a
// time, so a session needs no lock against its link. A method that takes long delays the connection.
type Session interface {
	// Opened says that the connection stands and every subscription was granted.
	Opened(now time.Time)
	// Closed says that the connection is gone. It follows each Opened, also when the link stops.
	Closed(now time.Time)
	// Receive hands over a frame that arrived.
	Receive(f Frame, now time.Time)
	// Tick comes about every 200 ms, connected or not.
	Tick(now time.Time)
	// Outgoing returns what to publish next, in order. It is asked after each of the calls above and after a
	// wake, while the connection is open, all earlier frames are handed to it and fewer than [Window] QoS 1
	// publishes wait. Few frames at a time keep urgent ones from waiting behind a backlog.
	Outgoing(now time.Time) []Frame
	// Stalled is asked after each tick while the connection is open. True says that the connection looks alive
	// but makes no progress; the link then drops it and connects anew.
	Stalled(now time.Time) bool
}

// Backoff says how long the link waits before it tries again. All waits are drawn evenly from zero up to a bound,
// so that many terminals do not come back at the same moment (trap 19).
type Backoff struct {
	Base  time.Duration // bound after the first failure; doubled with each further one; default 1 s
	Cap   time.Duration // largest bound; default 300 s
	First time.Duration // bound after a connection that lived; default 5 s
	Lived time.Duration // how long a connection must last to forgive earlier failures; default 30 s
}

// Options are the settings of a link. URL, ClientID and Subscribe have no default.
type Options struct {
	// URL names the broker: mqtt://host:port, or mqtts://host:port with TLS.
	URL string
	// ClientID must be unique among all connections to the broker, clones included (trap 30).
	ClientID string
	// Username and Password are sent when Username is not empty. Password is asked at each attempt, from a goroutine
	// of its own.
	Username string
	Password func() string
	// Subscribe lists what to subscribe to after each connect. One refusal is a failed attempt.
	Subscribe []Subscription
	// Will is what the broker publishes if the connection breaks; nil for none.
	Will *Frame
	// Birth makes the first frame of each connection; nil for none.
	Birth func() Frame
	// KeepAlive is the longest silence before a ping, in whole seconds; default 45 s. A dead connection is noticed
	// after at most KeepAlive, a third of it (at least 1 s) for the answer, and twice 5 s or a quarter of it,
	// whichever is less (trap 16).
	KeepAlive time.Duration
	// ConnectTimeout bounds a whole attempt, subscriptions included; default 20 s (trap 33).
	ConnectTimeout time.Duration
	// WriteTimeout is how long a write may make no progress at all; default 10 s (trap 15).
	WriteTimeout time.Duration
	// AckTimeout is how long a QoS 1 publish may wait for its acknowledgement before the connection counts as
	// stuck; default 60 s.
	AckTimeout time.Duration
	// Backoff is the wait between attempts.
	Backoff Backoff
	// TLS makes the settings of each attempt with mqtts; nil for the system's roots and the host of URL.
	TLS func() *tls.Config
	// Wake makes the link ask for outgoing frames at once; nil for none.
	Wake <-chan struct{}
	// Dial opens the network connection to address (host:port); nil for TCP. It must heed the context.
	Dial func(ctx context.Context, address string) (net.Conn, error)
	// Breach is told when a connection ended since the broker sent what it may not, with an error that matches
	// ErrBreach; nil for nobody. It is called like the session.
	Breach func(error)
	// Now is the clock; nil for the system's.
	Now func() time.Time
	// Rand draws a number from 0 up to and without n; nil for the system's.
	Rand func(n int64) int64
	// Log gets connects, losses and refusals; nil for none.
	Log *slog.Logger
}

// Status is what a link can say about itself.
type Status struct {
	Open        bool      // connected and every subscription granted
	Since       time.Time // since when Open is what it is
	Attempts    int       // tries to connect so far
	LastError   string    // why the last attempt or connection ended, as a sentence; empty while all is well
	Dropped     uint64    // frames dropped in either direction: no room, or too large
	LiveClients int       // MQTT clients that have not ended yet
}

// withDefaults fills in what was left empty.
func (o Options) withDefaults() Options {
	orDefault(&o.KeepAlive, 45*time.Second)
	orDefault(&o.ConnectTimeout, 20*time.Second)
	orDefault(&o.WriteTimeout, 10*time.Second)
	orDefault(&o.AckTimeout, time.Minute)
	orDefault(&o.Backoff.Base, time.Second)
	orDefault(&o.Backoff.Cap, 5*time.Minute)
	orDefault(&o.Backoff.First, 5*time.Second)
	orDefault(&o.Backoff.Lived, 30*time.Second)
	o.KeepAlive = max(o.KeepAlive.Truncate(time.Second), time.Second)
	if o.Password == nil {
		o.Password = func() string { return "" }
	}
	if o.Dial == nil {
		o.Dial = dialTCP
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Int64N
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func orDefault(d *time.Duration, value time.Duration) {
	if *d == 0 {
		*d = value
	}
}
