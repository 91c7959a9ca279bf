package broker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/jifen-pos/jifen/sync/hq/broker"
)

const patience = 10 * time.Second

// users knows t<n> and hq, each with its own name and "-secret" as password.
func users(username string, password []byte) (broker.Identity, bool) {
	if string(password) != username+"-secret" {
		return broker.Identity{}, false
	}
	if username == "hq" {
		return broker.Identity{Role: broker.HQ}, true
	}
	return broker.Identity{Role: broker.Terminal, Terminal: username}, true
}

// running is a broker under test.
type running struct {
	*broker.Broker
	addr string
	stop func()
}

func start(t *testing.T, o broker.Options) *running {
	t.Helper()
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Authenticate == nil {
		o.Authenticate = users
	}
	b := broker.New(o)
	if err := b.Listen(); err != nil {
		t.Fatalf("Listen() = %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	r := &running{Broker: b, addr: b.Addr().String()}
	stopped := false
	r.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("Run() = %v after its context ended, want nil", err)
			}
		case <-time.After(patience):
			t.Errorf("Run() does not end")
		}
	}
	t.Cleanup(r.stop)
	return r
}

// peer is a plain MQTT 3.1.1 connection that does exactly what a test tells it.
type peer struct {
	t testing.TB
	net.Conn
}

func (r *running) dial(t testing.TB) *peer {
	t.Helper()
	c, err := net.Dial("tcp", r.addr)
	if err != nil {
		t.Fatalf("Dial(%s) = %v", r.addr, err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return &peer{t, c}
}

func connect(id, user, password string) *packets.ConnectPacket {
	p := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	p.ProtocolName, p.ProtocolVersion, p.CleanSession, p.Keepalive = "MQTT", 4, true, 30
	p.ClientIdentifier = id
	p.UsernameFlag, p.Username, p.PasswordFlag, p.Password = true, user, true, []byte(password)
	return p
}

// join connects as a terminal or as "hq".
func (r *running) join(t testing.TB, user string) *peer {
	t.Helper()
	return r.joinAs(t, user+".1", user)
}

func (r *running) joinAs(t testing.TB, id, user string) *peer {
	t.Helper()
	p := r.dial(t)
	p.send(connect(id, user, user+"-secret"))
	if code := p.connack(); code != 0 {
		t.Fatalf("CONNECT as %s: code %d, want 0", id, code)
	}
	return p
}

func (p *peer) send(c packets.ControlPacket) {
	p.t.Helper()
	_ = p.SetWriteDeadline(time.Now().Add(patience))
	if err := c.Write(p.Conn); err != nil {
		p.t.Errorf("send %s: %v", c, err)
	}
}

// next reads one packet; nil when the broker has closed the connection.
func (p *peer) next() packets.ControlPacket {
	p.t.Helper()
	_ = p.SetReadDeadline(time.Now().Add(patience))
	c, err := packets.ReadPacket(p.Conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		p.t.Errorf("nothing arrived within %v", patience)
	}
	if err != nil {
		return nil
	}
	return c
}

func (p *peer) connack() byte {
	p.t.Helper()
	c, ok := p.next().(*packets.ConnackPacket)
	if !ok {
		p.t.Errorf("the connection ended without CONNACK")
		return 255
	}
	return c.ReturnCode
}

// subscribe returns the granted QoS, or 0x80.
func (p *peer) subscribe(filter string, qos byte) byte {
	p.t.Helper()
	s := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
	s.MessageID, s.Topics, s.Qoss = 7, []string{filter}, []byte{qos}
	p.send(s)
	c, ok := p.next().(*packets.SubackPacket)
	if !ok || len(c.ReturnCodes) != 1 {
		p.t.Errorf("SUBSCRIBE %s: no SUBACK", filter)
		return 255
	}
	return c.ReturnCodes[0]
}

func publish(topic string, qos byte, payload string) *packets.PublishPacket {
	p := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	p.TopicName, p.Qos, p.MessageID, p.Payload = topic, qos, 9, []byte(payload)
	return p
}

// message reads packets until a PUBLISH comes.
func (p *peer) message() string {
	p.t.Helper()
	for {
		switch c := p.next().(type) {
		case *packets.PublishPacket:
			return c.TopicName + " " + string(c.Payload)
		case nil:
			return "closed"
		}
	}
}

// closed says whether the broker ends the connection, whatever it sends before.
func (p *peer) closed() bool {
	p.t.Helper()
	_ = p.SetReadDeadline(time.Now().Add(patience))
	_, err := io.Copy(io.Discard, p.Conn)
	return !errors.Is(err, os.ErrDeadlineExceeded)
}

// alive says whether the connection still answers.
func (p *peer) alive() bool {
	p.t.Helper()
	messages := p.untilPong()
	return len(messages) == 0 || messages[len(messages)-1] != "closed"
}

// untilPong asks for a sign of life and returns the messages that come before it; the last is "closed" if the
// connection ends first.
func (p *peer) untilPong() []string {
	p.t.Helper()
	p.send(packets.NewControlPacket(packets.Pingreq))
	var messages []string
	for {
		switch c := p.next().(type) {
		case *packets.PublishPacket:
			messages = append(messages, c.TopicName+" "+string(c.Payload))
		case *packets.PingrespPacket:
			return messages
		case nil:
			return append(messages, "closed")
		}
	}
}

// eventually waits for a state that another goroutine brings about.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not so within %v: %s", patience, what)
		}
		runtime.Gosched()
		<-time.After(5 * time.Millisecond)
	}
}

func TestFramesPassBothWays(t *testing.T) {
	r := start(t, broker.Options{})
	hq, t1 := r.join(t, "hq"), r.join(t, "t1")
	for filter, qos := range map[string]byte{"jifen/v1/up/#": 1, "jifen/v1/state/#": 1} {
		if got := hq.subscribe(filter, qos); got != qos {
			t.Fatalf("hq SUBSCRIBE %s = %#x, want %#x", filter, got, qos)
		}
	}
	if got := t1.subscribe("jifen/v1/down/t1", 0); got != 0 {
		t.Fatalf("t1 SUBSCRIBE = %#x, want 0", got)
	}
	t1.send(publish("jifen/v1/up/17/t1", 1, "batch"))
	if got, want := hq.message(), "jifen/v1/up/17/t1 batch"; got != want {
		t.Errorf("hq got %q, want %q", got, want)
	}
	t1.send(publish("jifen/v1/state/t1", 0, "here"))
	if got, want := hq.message(), "jifen/v1/state/t1 here"; got != want {
		t.Errorf("hq got %q, want %q", got, want)
	}
	hq.send(publish("jifen/v1/down/t1", 0, "ack"))
	if got, want := t1.message(), "jifen/v1/down/t1 ack"; got != want {
		t.Errorf("t1 got %q, want %q", got, want)
	}
}

func TestTerminalDownlinkIsQoS0WhateverItAsks(t *testing.T) {
	r := start(t, broker.Options{})
	if got := r.join(t, "t1").subscribe("jifen/v1/down/t1", 1); got != 0 {
		t.Errorf("SUBSCRIBE with QoS 1 = %#x, want 0", got)
	}
}

func TestForgedPublishIsNotDeliveredAndEndsTheConnection(t *testing.T) {
	tests := map[string]struct{ user, topic string }{
		"other-terminal":         {"t1", "jifen/v1/up/17/t2"},
		"longer-name":            {"t1", "jifen/v1/up/17/t11"},
		"bucket-64":              {"t1", "jifen/v1/up/64/t1"},
		"bucket-minus":           {"t1", "jifen/v1/up/-1/t1"},
		"bucket-padded":          {"t1", "jifen/v1/up/007/t1"},
		"level-below":            {"t1", "jifen/v1/up/17/t1/x"},
		"no-bucket":              {"t1", "jifen/v1/up/t1"},
		"state-of-other":         {"t1", "jifen/v1/state/t2"},
		"own-downlink":           {"t1", "jifen/v1/down/t1"},
		"other-version":          {"t1", "jifen/v2/up/17/t1"},
		"system":                 {"t1", "$SYS/broker/uptime"},
		"hq-into-uplink":         {"hq", "jifen/v1/up/17/t1"},
		"hq-two-levels":          {"hq", "jifen/v1/down/t1/x"},
		"hq-no-level":            {"hq", "jifen/v1/down/"},
		"hq-prefix-of-something": {"hq", "jifen/v1/downtown/t1"},
	}
	r := start(t, broker.Options{})
	for name, test := range tests {
		for _, qos := range []byte{0, 1} {
			t.Run(fmt.Sprintf("%s-qos%d", name, qos), func(t *testing.T) {
				p := r.joinAs(t, test.user+".forger", test.user)
				before := r.Status().Refused
				p.send(publish(test.topic, qos, "forged"))
				if !p.closed() {
					t.Errorf("PUBLISH %s by %s: the connection stays open", test.topic, test.user)
				}
				if after := r.Status().Refused; after != before+1 {
					t.Errorf("PUBLISH %s by %s: Refused grew by %d, want 1", test.topic, test.user, after-before)
				}
			})
		}
	}
}

func TestForeignFiltersAreRefused(t *testing.T) {
	tests := map[string]struct{ user, filter string }{
		"other-downlink": {"t1", "jifen/v1/down/t2"},
		"one-level":      {"t1", "jifen/v1/down/+"},
		"all-levels":     {"t1", "jifen/v1/down/#"},
		"below-own":      {"t1", "jifen/v1/down/t1/#"},
		"everything":     {"t1", "#"},
		"uplink":         {"t1", "jifen/v1/up/17/t1"},
		"state":          {"t1", "jifen/v1/state/t1"},
		"shared":         {"t1", "$share/g/jifen/v1/down/t1"},
		"system":         {"t1", "$SYS/#"},
		"hq-everything":  {"hq", "#"},
		"hq-downlinks":   {"hq", "jifen/v1/down/#"},
		"hq-shared":      {"hq", "$share/g/jifen/v1/up/#"},
		"hq-plus":        {"hq", "jifen/v1/+/17/t1"},
	}
	r := start(t, broker.Options{})
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := r.joinAs(t, test.user+".reader", test.user)
			if got := p.subscribe(test.filter, 0); got != 0x80 {
				t.Errorf("SUBSCRIBE %s by %s = %#x, want 0x80", test.filter, test.user, got)
			}
			if !p.alive() {
				t.Errorf("SUBSCRIBE %s by %s ended the connection", test.filter, test.user)
			}
		})
	}
}

func TestStrangersAreRefusedWithACode(t *testing.T) {
	change := func(f func(*packets.ConnectPacket)) *packets.ConnectPacket {
		p := connect("t1.1", "t1", "t1-secret")
		f(p)
		return p
	}
	tests := map[string]struct {
		packet *packets.ConnectPacket
		code   byte
	}{
		"wrong-password": {connect("t1.1", "t1", "guess"), packets.ErrRefusedNotAuthorised},
		"no-password": {change(func(p *packets.ConnectPacket) { p.UsernameFlag, p.PasswordFlag = false, false }),
			packets.ErrRefusedNotAuthorised},
		"odd-identity":        {connect("T/1.1", "T/1", "T/1-secret"), packets.ErrRefusedNotAuthorised},
		"client-id-of-other":  {connect("t2.1", "t1", "t1-secret"), packets.ErrRefusedIDRejected},
		"client-id-of-longer": {connect("t11.1", "t1", "t1-secret"), packets.ErrRefusedIDRejected},
		"client-id-without-dot": {connect("t1", "t1", "t1-secret"),
			packets.ErrRefusedIDRejected},
		"client-id-of-hq": {connect("hq.1", "t1", "t1-secret"), packets.ErrRefusedIDRejected},
		"kept-session": {change(func(p *packets.ConnectPacket) { p.CleanSession = false }),
			packets.ErrRefusedServerUnavailable},
		"no-keep-alive": {change(func(p *packets.ConnectPacket) { p.Keepalive = 0 }),
			packets.ErrRefusedServerUnavailable},
		"long-keep-alive": {change(func(p *packets.ConnectPacket) { p.Keepalive = 601 }),
			packets.ErrRefusedServerUnavailable},
		"forged-will": {change(func(p *packets.ConnectPacket) {
			p.WillFlag, p.WillTopic, p.WillMessage = true, "jifen/v1/up/17/t2", []byte("x")
		}), packets.ErrRefusedServerUnavailable},
		"mqtt-3.1": {change(func(p *packets.ConnectPacket) { p.ProtocolName, p.ProtocolVersion = "MQIsdp", 3 }),
			packets.ErrRefusedBadProtocolVersion},
	}
	r := start(t, broker.Options{})
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p := r.dial(t)
			p.send(test.packet)
			if got := p.connack(); got != test.code {
				t.Errorf("CONNECT: code %d, want %d", got, test.code)
			}
			if !p.closed() {
				t.Errorf("CONNECT: the connection stays open")
			}
		})
	}
	eventually(t, "nobody is left inside", func() bool { return r.Status().Clients+r.Status().Strangers == 0 })
}

func TestSilenceBeforeConnectEndsInTime(t *testing.T) {
	tests := map[string][]byte{
		"nothing":       nil,
		"one-byte":      {0x10},
		"half-a-packet": {0x10, 60, 0, 4, 'M', 'Q'},
	}
	r := start(t, broker.Options{Greeting: 300 * time.Millisecond})
	for name, sent := range tests {
		t.Run(name, func(t *testing.T) {
			p, began := r.dial(t), time.Now()
			_, _ = p.Write(sent)
			if !p.closed() {
				t.Fatalf("the connection stays open")
			}
			if took := time.Since(began); took < 250*time.Millisecond || took > 3*time.Second {
				t.Errorf("the connection ended after %v, want about 300 ms", took)
			}
		})
	}
	t.Run("not-later", func(t *testing.T) {
		p := r.join(t, "t1")
		<-time.After(500 * time.Millisecond)
		if !p.alive() {
			t.Errorf("the greeting deadline still holds after CONNECT")
		}
	})
}

func TestKillerPacketsHurtOnlyTheirSender(t *testing.T) {
	v5 := append([]byte{0x10, 32, 0, 4, 'M', 'Q', 'T', 'T', 5, 0xc2, 0, 60, 0}, "\x00\x04t1.5\x00\x02t1\x00\x09t1-secret"...)
	killer := []byte{0x82, 5, 0, 1, 0, 0, 0} // MQTT 5 SUBSCRIBE: no properties, empty filter, no options
	r := start(t, broker.Options{})
	hq := r.join(t, "hq")
	tests := map[string][]byte{
		"mqtt-5-subscribe":        append(bytes.Clone(v5), killer...),
		"subscribe-first":         killer,
		"connect-of-one-byte":     {0x10, 1, 0},
		"connect-larger-than-4k":  {0x10, 0x81, 0x20},
		"connect-without-length":  {0x10, 0xff, 0xff, 0xff, 0xff},
		"not-mqtt":                []byte("GET / HTTP/1.1\r\n\r\n"),
		"connect-of-empty-fields": {0x10, 2, 0, 0},
	}
	for name, sent := range tests {
		t.Run(name, func(t *testing.T) {
			p, began := r.dial(t), time.Now()
			_, _ = p.Write(sent)
			if !p.closed() || time.Since(began) > patience/2 {
				t.Errorf("the connection stays open for %v, want no time", time.Since(began))
			}
			if got := r.Status().Panics; got != 0 {
				t.Errorf("the broker stumbled %d times, want 0: these packets are refused before they are decoded", got)
			}
		})
	}
	t.Run("after-connect", func(t *testing.T) {
		p := r.join(t, "t9")
		_, _ = p.Write([]byte{0x82, 4, 0, 1, 0, 0})
		if !p.closed() {
			t.Errorf("the connection stays open")
		}
	})
	if !hq.alive() {
		t.Errorf("another client lost its connection")
	}
}

// TestPanicIsContained makes our own question panic: whatever breaks behind a connection must end that one only.
func TestPanicIsContained(t *testing.T) {
	r := start(t, broker.Options{Authenticate: func(user string, password []byte) (broker.Identity, bool) {
		if user == "bad" {
			panic("out of order")
		}
		return users(user, password)
	}})
	hq := r.join(t, "hq")
	p := r.dial(t)
	p.send(connect("bad.1", "bad", "x"))
	if !p.closed() {
		t.Errorf("the connection stays open")
	}
	if !hq.alive() {
		t.Errorf("another client lost its connection")
	}
	eventually(t, "one panic counted", func() bool { return r.Status().Panics == 1 })
}

func TestOversizedPacketEndsTheConnection(t *testing.T) {
	r := start(t, broker.Options{})
	hq, t1 := r.join(t, "hq"), r.join(t, "t1")
	hq.subscribe("jifen/v1/up/#", 0)
	largest := strings.Repeat("x", broker.MaxPacket-1-2-len("jifen/v1/up/1/t1"))
	t1.send(publish("jifen/v1/up/1/t1", 0, largest))
	if got := len(hq.message()); got < len(largest) {
		t.Fatalf("the largest packet did not arrive: %d bytes, want %d", got, len(largest))
	}
	_, _ = t1.Write([]byte{0x30, 0x80, 0x80, 0x10}) // remaining length 262,144
	if !t1.closed() {
		t.Errorf("a packet of %d bytes and its header: the connection stays open", broker.MaxPacket)
	}
}

func TestQoS2EndsTheConnection(t *testing.T) {
	r := start(t, broker.Options{})
	p := r.join(t, "t1")
	p.send(publish("jifen/v1/up/1/t1", 2, "x"))
	if !p.closed() {
		t.Errorf("PUBLISH with QoS 2: the connection stays open")
	}
}

func TestOnlySmallStatesAreKept(t *testing.T) {
	r := start(t, broker.Options{})
	t1 := r.join(t, "t1")
	for topic, size := range map[string]int{
		"jifen/v1/up/1/t1":  1,
		"jifen/v1/state/t1": 200,
	} {
		p := publish(topic, 0, strings.Repeat("x", size))
		p.Retain = true
		t1.send(p)
	}
	t2 := r.join(t, "t2")
	big := publish("jifen/v1/state/t2", 0, strings.Repeat("y", broker.MaxRetained+1))
	big.Retain = true
	t2.send(big)
	if !t1.alive() || !t2.alive() { // both have been dealt with
		t.Fatalf("a connection ended")
	}
	hq := r.join(t, "hq")
	hq.subscribe("jifen/v1/up/#", 0)
	hq.subscribe("jifen/v1/state/#", 0)
	got := hq.untilPong() // kept messages are queued after the SUBACK and before this answer
	t1.send(publish("jifen/v1/up/1/t1", 0, "last"))
	for len(got) == 0 || !strings.HasSuffix(got[len(got)-1], "last") {
		got = append(got, hq.message())
	}
	want := []string{"jifen/v1/state/t1 " + strings.Repeat("x", 200), "jifen/v1/up/1/t1 last"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("kept and later messages: got %q, want %q", got, want)
	}
}

func TestBusyPortIsNamed(t *testing.T) {
	r := start(t, broker.Options{})
	err := broker.New(broker.Options{Listen: r.addr, Authenticate: users}).Listen()
	if err == nil || !strings.Contains(err.Error(), r.addr) || !strings.Contains(err.Error(), "in use") {
		t.Errorf("Listen() = %v, want an error that names %s as in use", err, r.addr)
	}
}

func TestRunWithoutListenIsAnError(t *testing.T) {
	if err := broker.New(broker.Options{Authenticate: users}).Run(t.Context()); err == nil {
		t.Errorf("Run() = nil, want an error")
	}
}
