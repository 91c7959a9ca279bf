package mqttlink

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"
)

const (
	inboxFrames = 1024    // received frames that may wait for the session
	inboxBytes  = 8 << 20 // and their topics and payloads together
	// publishWait is how long the client may keep one Publish call waiting for a busy socket. It is short because
	// that call cannot be interrupted; the frame is offered again until the socket moves or its deadline ends it.
	publishWait  = 500 * time.Millisecond
	publishTries = 200
	// goodbye is how long an orderly DISCONNECT may take, in milliseconds; ending is the client's own time to
	// collect its goroutines once the socket is closed.
	goodbye = 300
	ending  = 5000
)

// placeholder is the only server in the client's list; the real address is opened by our own function.
var placeholder = url.URL{Scheme: "tcp", Host: "broker"}

// pipe is one MQTT client on one connection. It is used once and thrown away (trap 21).
type pipe struct {
	client mqtt.Client
	in     chan Frame    // received; filled by the client's handler, which never blocks (trap 4)
	out    chan Frame    // to publish; taken by pump
	acked  chan struct{} // one for each QoS 1 publish that is over
	lost   chan error    // why the connection ended; at most one
	done   chan struct{} // closed when nobody wants the pipe any more
	pumped chan struct{} // closed when pump has returned

	queued  atomic.Int64 // bytes in in
	dropped *atomic.Uint64

	mu     sync.Mutex
	socket *guard
	closed bool
}

// connect makes one attempt: socket, CONNECT, and all subscriptions. The pipe it returns is open.
func connect(ctx context.Context, o Options, dropped *atomic.Uint64) (*pipe, error) {
	ctx, cancel := context.WithTimeout(ctx, o.ConnectTimeout)
	defer cancel()
	p := &pipe{
		in: make(chan Frame, inboxFrames), out: make(chan Frame), acked: make(chan struct{}, Window),
		lost: make(chan error, 1), done: make(chan struct{}), pumped: make(chan struct{}), dropped: dropped,
	}
	p.client = mqtt.NewClient(p.settings(ctx, o))
	release := context.AfterFunc(ctx, p.closeSocket)
	defer release()
	token := p.client.Connect()
	<-token.Done() // ends with ctx at the latest, because its socket does
	if err := token.Error(); err != nil {
		p.closeSocket()
		return nil, earlier(ctx, err)
	}
	go p.pump()
	if err := p.subscribe(ctx, o.Subscribe); err != nil {
		p.abandon(true)
		return nil, err
	}
	return p, nil
}

// earlier prefers the end of the attempt over what that end did to the socket.
func earlier(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// settings are chosen so that the client does nothing by itself: it keeps, resends, retries and reconnects nothing
// (traps 1, 2, 6 to 12, 18 to 20, 27).
func (p *pipe) settings(ctx context.Context, o Options) *mqtt.ClientOptions {
	c := mqtt.NewClientOptions().AddBroker(placeholder.String()).SetClientID(o.ClientID).SetProtocolVersion(4).
		SetCleanSession(true).SetAutoReconnect(false).SetConnectRetry(false).SetResumeSubs(false).
		SetOrderMatters(true).SetStore(mqtt.NewMemoryStore()).
		SetKeepAlive(o.KeepAlive).SetPingTimeout(max(o.KeepAlive/3, time.Second)).
		SetConnectTimeout(o.ConnectTimeout).SetWriteTimeout(publishWait).
		SetDefaultPublishHandler(func(_ mqtt.Client, m mqtt.Message) { p.enqueue(m) }).
		SetConnectionLostHandler(func(_ mqtt.Client, err error) { p.fail(err) }).
		SetCustomOpenConnectionFn(func(*url.URL, mqtt.ClientOptions) (net.Conn, error) { return p.open(ctx, o) })
	if o.Username != "" {
		c.SetUsername(o.Username).SetPassword(o.Password())
	}
	if w := o.Will; w != nil {
		c.SetBinaryWill(w.Topic, w.Payload, w.QoS, w.Retain)
	}
	return c
}

func (p *pipe) open(ctx context.Context, o Options) (net.Conn, error) {
	g, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.socket = g
	if p.closed {
		_ = g.Close()
		return nil, net.ErrClosed
	}
	return g, nil
}

// enqueue runs in the client's own goroutine and must not wait. What has no room is dropped and counted; the session
// at the other end sends it again.
func (p *pipe) enqueue(m mqtt.Message) {
	f := Frame{Topic: m.Topic(), Payload: m.Payload(), QoS: m.Qos(), Retain: m.Retained()}
	size := bulk(f)
	if len(f.Topic) > MaxTopic {
		p.dropped.Add(1)
		return
	}
	if p.queued.Add(size) > inboxBytes {
		p.queued.Add(-size)
		p.dropped.Add(1)
		return
	}
	select {
	case p.in <- f:
	default:
		p.queued.Add(-size)
		p.dropped.Add(1)
	}
}

// taken gives back the room of a frame that left the inbox.
func (p *pipe) taken(f Frame) { p.queued.Add(-bulk(f)) }

// bulk is how much of the inbox a frame takes.
func bulk(f Frame) int64 { return int64(len(f.Topic) + len(f.Payload)) }

// subscribe asks for one filter after the other and believes only a granted SUBACK.
func (p *pipe) subscribe(ctx context.Context, subs []Subscription) error {
	for _, s := range subs {
		token := p.client.Subscribe(s.Filter, s.QoS, nil)
		select {
		case <-token.Done():
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := token.Error(); err != nil {
			return p.cause(fmt.Errorf("subscribe to %s: %w", s.Filter, err))
		}
		code, ok := token.(*mqtt.SubscribeToken).Result()[s.Filter]
		if !ok || code > 1 {
			return fmt.Errorf("%w: %s", errGranted, s.Filter)
		}
	}
	return nil
}

// cause prefers the reason for which the connection was lost over what the client made of it.
func (p *pipe) cause(err error) error {
	select {
	case lost := <-p.lost:
		return lost
	default:
		return err
	}
}

// pump publishes what it is given. It is the only goroutine that calls Publish, which may wait (trap 34). A token
// that is over opens the window again and says nothing about delivery (traps 1 and 2).
func (p *pipe) pump() {
	defer close(p.pumped)
	var waiting []mqtt.Token
	for {
		var over <-chan struct{}
		if len(waiting) > 0 {
			over = waiting[0].Done()
		}
		select {
		case <-p.done:
			return
		case <-over:
			waiting = waiting[1:]
			p.acked <- struct{}{} // never blocks: at most Window are out
		case f := <-p.out:
			token := p.publish(f)
			if token == nil {
				return
			}
			if f.QoS > 0 {
				waiting = append(waiting, token)
			}
		}
	}
}

// publish offers a frame until the client takes it; nil when the connection is over.
func (p *pipe) publish(f Frame) mqtt.Token {
	for range publishTries {
		token := p.client.Publish(f.Topic, f.QoS, f.Retain, f.Payload)
		err := token.Error()
		if err == nil {
			return token
		}
		if errors.Is(err, mqtt.ErrNotConnected) || p.isDone() {
			return nil
		}
	}
	p.fail(errSilent)
	return nil
}

func (p *pipe) isDone() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// fail notes why the connection ended; the first reason stands.
func (p *pipe) fail(err error) {
	select {
	case p.lost <- err:
	default:
	}
}

func (p *pipe) closeSocket() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.socket != nil {
		_ = p.socket.Close()
	}
}

// abandon ends the client and returns when its goroutines are gone, or have had their time. A polite end sends
// DISCONNECT first, so that the broker does not publish the will.
func (p *pipe) abandon(polite bool) {
	close(p.done)
	if polite {
		p.client.Disconnect(goodbye)
	}
	p.closeSocket()
	p.client.Disconnect(ending)
	<-p.pumped
}
