package broker_test

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/jifen-pos/jifen/sync/hq/broker"
)

// serving counts the goroutines that belong to a broker.
func serving() int {
	stacks := make([]byte, 8<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	n := 0
	for g := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(g, "mochi-mqtt/server") || strings.Contains(g, "broker.(*Broker)") {
			n++
		}
	}
	return n
}

func TestTwoHundredTerminalsExchange(t *testing.T) {
	const terminals, messages = 200, 5
	r := start(t, broker.Options{})
	hq := r.join(t, "hq")
	if got := hq.subscribe("jifen/v1/up/#", 1); got != 1 {
		t.Fatalf("SUBSCRIBE = %#x, want 1", got)
	}
	var ready, wg sync.WaitGroup
	ready.Add(terminals)
	for n := range terminals {
		wg.Go(func() {
			me := fmt.Sprintf("t%d", n+1)
			p := r.join(t, me)
			p.subscribe("jifen/v1/down/"+me, 0)
			ready.Done()
			ready.Wait()
			for m := range messages {
				p.send(publish(fmt.Sprintf("jifen/v1/up/%d/%s", n%64, me), 0, fmt.Sprint(m)))
				want := fmt.Sprintf("jifen/v1/down/%s ack %d", me, m)
				if got := p.message(); got != want {
					t.Errorf("%s got %q, want %q", me, got, want)
					return
				}
			}
		})
	}
	ready.Wait()
	if got := r.Status().Clients; got != terminals+1 {
		t.Errorf("Status().Clients = %d, want %d", got, terminals+1)
	}
	for range terminals * messages {
		topic, payload, _ := strings.Cut(hq.message(), " ")
		me := topic[strings.LastIndex(topic, "/")+1:]
		hq.send(publish("jifen/v1/down/"+me, 0, "ack "+payload))
	}
	wg.Wait()
}

func TestSameClientIDTakesOver(t *testing.T) {
	r := start(t, broker.Options{})
	hq := r.join(t, "hq")
	old := r.join(t, "t1")
	old.subscribe("jifen/v1/down/t1", 0)
	for i := range 50 {
		p := r.join(t, "t1")
		if got := p.subscribe("jifen/v1/down/t1", 0); got != 0 {
			t.Fatalf("take-over %d: SUBSCRIBE = %#x, want 0", i, got)
		}
		if !old.closed() {
			t.Fatalf("take-over %d: the older connection stays open", i)
		}
		want := fmt.Sprintf("jifen/v1/down/t1 %d", i)
		hq.send(publish("jifen/v1/down/t1", 0, fmt.Sprint(i)))
		if got := p.message(); got != want {
			t.Fatalf("take-over %d: the new connection got %q, want %q", i, got, want)
		}
		old = p
	}
	if got := r.Status().Clients; got != 2 {
		t.Errorf("Status().Clients = %d, want 2", got)
	}
}

// TestReconnectWhileTheOldConnectionBreaks lets both ends of one client id meet at the worst moment: the old
// connection must not tidy away what the new one has just subscribed.
func TestReconnectWhileTheOldConnectionBreaks(t *testing.T) {
	r := start(t, broker.Options{})
	hq, old := r.join(t, "hq"), r.join(t, "t1")
	old.subscribe("jifen/v1/down/t1", 0)
	for i := range 500 {
		p := r.dial(t)
		var both sync.WaitGroup
		both.Go(func() { _ = old.Close() })
		both.Go(func() { p.send(connect("t1.1", "t1", "t1-secret")) })
		both.Wait()
		if code, got := p.connack(), p.subscribe("jifen/v1/down/t1", 0); code != 0 || got != 0 {
			t.Fatalf("reconnect %d: CONNECT = %d and SUBSCRIBE = %#x, want 0 and 0", i, code, got)
		}
		hq.send(publish("jifen/v1/down/t1", 0, fmt.Sprint(i)))
		if got, want := p.message(), fmt.Sprintf("jifen/v1/down/t1 %d", i); got != want {
			t.Fatalf("reconnect %d: the new connection got %q, want %q", i, got, want)
		}
		old = p
	}
}

func TestClonesWithTheirOwnClientIDsCoexist(t *testing.T) {
	r := start(t, broker.Options{})
	hq, a, b := r.join(t, "hq"), r.joinAs(t, "t1.a", "t1"), r.joinAs(t, "t1.b", "t1")
	a.subscribe("jifen/v1/down/t1", 0)
	b.subscribe("jifen/v1/down/t1", 0)
	hq.send(publish("jifen/v1/down/t1", 0, "x"))
	for name, p := range map[string]*peer{"a": a, "b": b} {
		if got, want := p.message(), "jifen/v1/down/t1 x"; got != want {
			t.Errorf("clone %s got %q, want %q", name, got, want)
		}
	}
}

func TestKickDropsOneTerminal(t *testing.T) {
	r := start(t, broker.Options{})
	a, b, other := r.joinAs(t, "t1.a", "t1"), r.joinAs(t, "t1.b", "t1"), r.join(t, "t11")
	r.Kick("t1")
	if !a.closed() || !b.closed() {
		t.Errorf("Kick(t1) left a connection of t1 open")
	}
	if !other.alive() {
		t.Errorf("Kick(t1) dropped t11")
	}
}

func TestWillSpeaksForABrokenConnectionOnly(t *testing.T) {
	r := start(t, broker.Options{})
	hq := r.join(t, "hq")
	hq.subscribe("jifen/v1/state/#", 0)
	withWill := func(word string) *peer {
		p, c := r.dial(t), connect("t1.1", "t1", "t1-secret")
		c.WillFlag, c.WillTopic, c.WillMessage = true, "jifen/v1/state/t1", []byte(word)
		p.send(c)
		p.connack()
		return p
	}
	p := withWill("orderly")
	p.send(packets.NewControlPacket(packets.Disconnect))
	p.closed()
	p = withWill("broken")
	_ = p.Close()
	if got, want := hq.message(), "jifen/v1/state/t1 broken"; got != want {
		t.Errorf("hq got %q, want %q", got, want)
	}
}

// TestSlowReaderHoldsNobodyUp floods a terminal that does not read: HQ's own connection must stay quick, and what
// the broker keeps for the terminal must stay bounded.
func TestSlowReaderHoldsNobodyUp(t *testing.T) {
	r := start(t, broker.Options{})
	hq, slow := r.join(t, "hq"), r.join(t, "t1")
	_ = slow.Conn.(*net.TCPConn).SetReadBuffer(4096)
	slow.subscribe("jifen/v1/down/t1", 1)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	payload := strings.Repeat("x", 64<<10)
	const flood = 600 // 37 MiB
	began := time.Now()
	for range flood {
		hq.send(publish("jifen/v1/down/t1", 0, payload))
	}
	if !hq.alive() {
		t.Fatalf("hq lost its connection")
	}
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("hq was held up: %d messages took %v", flood, took)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 48<<20 {
		t.Errorf("memory grew by %d MiB for a slow reader, want at most 48", grown>>20)
	}
	if got := r.Status().Dropped; got < flood-broker.MaxQueue-150 {
		t.Errorf("Status().Dropped = %d, want about %d", got, flood-broker.MaxQueue)
	}
}

func TestStrangersAreLimited(t *testing.T) {
	r := start(t, broker.Options{})
	var all []net.Conn
	defer func() {
		for _, c := range all {
			_ = c.Close()
		}
	}()
	for range broker.MaxStrangers {
		c, err := net.Dial("tcp", r.addr)
		if err != nil {
			t.Fatalf("Dial() = %v", err)
		}
		all = append(all, c)
	}
	eventually(t, "all strangers are in", func() bool { return r.Status().Strangers == broker.MaxStrangers })
	if p := r.dial(t); !p.closed() {
		t.Errorf("stranger %d is let in", broker.MaxStrangers+1)
	}
	_ = all[0].Close()
	eventually(t, "one has left", func() bool { return r.Status().Strangers == broker.MaxStrangers-1 })
	if !r.join(t, "t1").alive() {
		t.Errorf("there is room again and t1 is not let in")
	}
}

func TestStopLeavesNothingAndThePortIsFreeAgain(t *testing.T) {
	eventually(t, "no broker of an earlier test runs", func() bool { return serving() == 0 })
	r := start(t, broker.Options{})
	var open []*peer
	for n := range 20 {
		p := r.join(t, fmt.Sprintf("t%d", n+1))
		p.subscribe(fmt.Sprintf("jifen/v1/down/t%d", n+1), 0)
		open = append(open, p)
	}
	open = append(open, r.dial(t)) // a stranger
	began := time.Now()
	r.stop()
	if took := time.Since(began); took > time.Second {
		t.Errorf("Run() took %v to end with %d connections, want less than 1 s", took, len(open))
	}
	for _, p := range open {
		if !p.closed() {
			t.Errorf("a connection stays open after the broker ended")
		}
	}
	eventually(t, "no goroutine is left", func() bool { return serving() == 0 })

	again := start(t, broker.Options{Listen: r.addr})
	hq, t1 := again.join(t, "hq"), again.join(t, "t1")
	t1.subscribe("jifen/v1/down/t1", 0)
	hq.send(publish("jifen/v1/down/t1", 0, "back"))
	if got, want := t1.message(), "jifen/v1/down/t1 back"; got != want {
		t.Errorf("after a restart on the same port t1 got %q, want %q", got, want)
	}
}

func TestRunWithAnEndedContextFreesThePort(t *testing.T) {
	b := broker.New(broker.Options{Listen: "127.0.0.1:0", Authenticate: users})
	if err := b.Listen(); err != nil {
		t.Fatalf("Listen() = %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.Run(ctx); err != nil {
		t.Errorf("Run() with an ended context = %v, want nil", err)
	}
	if c, err := net.Dial("tcp", b.Addr().String()); err == nil {
		_ = c.Close()
		t.Errorf("the port still answers after Run() ended")
	}
}
