package mqttlink_test

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"github.com/jifen-pos/jifen/sync/mqttlink"
)

// consent answers CONNECT with a CONNACK; false when the other end is gone.
func consent(c net.Conn) bool {
	if _, err := packets.ReadPacket(c); err != nil {
		return false
	}
	_, err := c.Write([]byte{0x20, 2, 0, 0})
	return err == nil
}

// grant answers the one SUBSCRIBE of a terminal with the given bytes after the packet id.
func grant(c net.Conn, codes ...byte) {
	p, err := packets.ReadPacket(c)
	if err != nil {
		return
	}
	id := p.Details().MessageID
	_, _ = c.Write(append([]byte{0x90, byte(2 + len(codes)), byte(id >> 8), byte(id)}, codes...))
}

// TestHostileBrokerEndsOnlyTheConnection sends what would stop the process, or make it take memory, without the guard.
func TestHostileBrokerEndsOnlyTheConnection(t *testing.T) {
	tests := map[string]struct {
		serve func(net.Conn)
		says  string
	}{
		"huge-packet": {func(c net.Conn) {
			if consent(c) {
				grant(c, 0)
				_, _ = c.Write([]byte{0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 'x'})
				swallow(c)
			}
		}, "a packet that is too large"},
		"one-byte-over": {func(c net.Conn) {
			if consent(c) {
				grant(c, 0)
				_, _ = c.Write([]byte{0x30, 0x81, 0x80, 0x10, 0, 1, 'x'})
				swallow(c)
			}
		}, "a packet that is too large"},
		"huge-connack": {func(c net.Conn) {
			_, _ = packets.ReadPacket(c)
			_, _ = c.Write([]byte{0x20, 0xff, 0xff, 0xff, 0x7f})
			swallow(c)
		}, "a packet that is too large"},
		"length-without-end": {func(c net.Conn) {
			if consent(c) {
				_, _ = c.Write([]byte{0x30, 0xff, 0xff, 0xff, 0xff, 0xff})
				swallow(c)
			}
		}, "not MQTT 3.1.1"},
		"two-grants-for-one": {func(c net.Conn) {
			if consent(c) {
				grant(c, 0, 0)
				swallow(c)
			}
		}, "not MQTT 3.1.1"},
		"grant-of-qos-2": {func(c net.Conn) {
			if consent(c) {
				grant(c, 2)
				swallow(c)
			}
		}, "a subscription was refused"},
		"puback-for-a-subscribe": {func(c net.Conn) {
			if consent(c) {
				_, _ = packets.ReadPacket(c)
				_, _ = c.Write([]byte{0x40, 2, 0, 1})
				swallow(c)
			}
		}, "a subscription was refused"},
		"publish-before-consent": {func(c net.Conn) {
			_, _ = c.Write([]byte{0x30, 3, 0, 1, 'x'})
			swallow(c)
		}, "not MQTT 3.1.1"},
		"publish-with-qos-2": {func(c net.Conn) {
			if consent(c) {
				_, _ = c.Write([]byte{0x34, 5, 0, 1, 'x', 0, 1})
				swallow(c)
			}
		}, "not MQTT 3.1.1"},
		"another-protocol": {func(c net.Conn) {
			_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
			swallow(c)
		}, "not MQTT 3.1.1"},
		"closes-at-once": {func(net.Conn) {}, "closed the connection"},
		"disconnects": {func(c net.Conn) {
			if consent(c) {
				_, _ = c.Write([]byte{0xe0, 0})
				swallow(c)
			}
		}, "closed the connection"},
		"unknown-refusal": {func(c net.Conn) {
			_, _ = packets.ReadPacket(c)
			_, _ = c.Write([]byte{0x20, 2, 0, 77})
			swallow(c)
		}, "The connection to the broker"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			l := run(t, terminal(fake(t, test.serve), "t1"), newUser(t))
			eventually(t, "it is said that "+test.says, func() bool { return strings.Contains(l.Status().LastError, test.says) })
			l.stop()
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
				t.Errorf("%d MiB of memory were taken, want less than 64", grown>>20)
			}
			if got := l.Status().LiveClients; got != 0 {
				t.Errorf("Status().LiveClients = %d after the end, want 0", got)
			}
		})
	}
}

// counting is a broker that acknowledges a publish only when told to.
type counting struct {
	addr      string
	published chan string
	ack       chan struct{}
}

func newCounting(t *testing.T) *counting {
	t.Helper()
	b := &counting{published: make(chan string, 1000), ack: make(chan struct{})}
	b.addr = fake(t, func(c net.Conn) {
		if !consent(c) {
			return
		}
		grant(c, 0)
		ids := make(chan uint16, 1000)
		done := make(chan struct{})
		defer close(done)
		go func() {
			for {
				select {
				case <-done:
					return
				case <-b.ack:
					id := <-ids
					_, _ = c.Write([]byte{0x40, 2, byte(id >> 8), byte(id)})
				}
			}
		}()
		for {
			p, err := packets.ReadPacket(c)
			if err != nil {
				return
			}
			switch p := p.(type) {
			case *packets.PublishPacket:
				if p.Qos > 0 {
					ids <- p.MessageID
				}
				b.published <- string(p.Payload)
			case *packets.PingreqPacket:
				_, _ = c.Write([]byte{0xd0, 0})
			}
		}
	})
	return b
}

func (b *counting) want(t *testing.T, payloads ...string) {
	t.Helper()
	for _, want := range payloads {
		select {
		case got := <-b.published:
			if got != want {
				t.Fatalf("the broker got %q, want %q", got, want)
			}
		case <-time.After(patience):
			t.Fatalf("the broker got nothing, want %q", want)
		}
	}
}

func TestFourPublishesWaitAndTheSessionIsNotAskedForMore(t *testing.T) {
	b, till := newCounting(t), newUser(t)
	run(t, terminal(b.addr, "t1"), till)
	until(t, "open", till.opened)
	soft := down("soft")
	till.send(up("1"), up("2"), soft, up("3"), up("4"), soft)
	b.want(t, "1", "2", "soft", "3", "4", "soft")
	eventually(t, "nothing is asked while the window is full", func() bool {
		asked, ticks := till.asked.Load(), till.ticks.Load()
		till.send() // a wake
		for till.ticks.Load() < ticks+2 {
			<-time.After(10 * time.Millisecond)
		}
		return till.asked.Load() == asked
	})
	for range 4 {
		b.ack <- struct{}{}
	}
	till.send(up("5"), up("6"), up("7"), up("8"), soft, up("9"), up("10"))
	b.want(t, "5", "6", "7", "8", "soft")
	ticks := till.ticks.Load()
	eventually(t, "two ticks have passed", func() bool { return till.ticks.Load() >= ticks+2 })
	if n := len(b.published); n != 0 {
		t.Errorf("the broker got %d publishes beyond the window", n)
	}
	b.ack <- struct{}{}
	b.want(t, "9")
	b.ack <- struct{}{}
	b.want(t, "10")
}

func TestNoAcknowledgementIsNoConnection(t *testing.T) {
	b, till := newCounting(t), newUser(t)
	o := terminal(b.addr, "t1")
	o.AckTimeout = 500 * time.Millisecond
	o.Backoff = mqttlink.Backoff{First: time.Hour, Lived: 1}
	o.Rand = func(n int64) int64 { return n - 1 }
	l := run(t, o, till)
	until(t, "open", till.opened)
	till.send(up("1"))
	until(t, "closed", till.closed)
	eventually(t, "it is said", func() bool { return l.Status().LastError != "" })
	wantSentence(t, l.Status(), "acknowledged none")
}

func TestBlockedSocketIsNoticedAlthoughPingsCannotBeWritten(t *testing.T) {
	till := newUser(t)
	addr := fake(t, func(c net.Conn) {
		if consent(c) {
			grant(c, 0)
			<-t.Context().Done() // reads no more
		}
	})
	o := terminal(addr, "t1")
	o.KeepAlive, o.WriteTimeout, o.AckTimeout = time.Minute, time.Second, time.Hour
	o.Backoff = mqttlink.Backoff{First: time.Hour, Lived: 1}
	o.Rand = func(n int64) int64 { return n - 1 }
	l := run(t, o, till)
	until(t, "open", till.opened)
	payload := strings.Repeat("x", 200<<10)
	till.sendEndlessly(func() []mqttlink.Frame { return []mqttlink.Frame{down(payload)} })
	began := time.Now()
	until(t, "closed", till.closed)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("a blocked socket was noticed after %v, want about 1 s", took)
	}
	eventually(t, "it is said", func() bool { return l.Status().LastError != "" })
	wantSentence(t, l.Status(), "did not answer in time")
	eventually(t, "the client is gone", func() bool { return l.Status().LiveClients == 0 })
}

func TestStopTakesLessThanASecondInEveryState(t *testing.T) {
	tests := map[string]func(t *testing.T) (*running, *user){
		"before-consent": func(t *testing.T) (*running, *user) {
			reached := make(chan struct{}, 10)
			u := newUser(t)
			l := run(t, terminal(fake(t, func(c net.Conn) { reached <- struct{}{}; swallow(c) }), "t1"), u)
			until(t, "the broker is reached", reached)
			return l, u
		},
		"before-grant": func(t *testing.T) (*running, *user) {
			reached := make(chan struct{}, 10)
			u := newUser(t)
			l := run(t, terminal(fake(t, func(c net.Conn) {
				consent(c)
				_, _ = packets.ReadPacket(c)
				reached <- struct{}{}
				swallow(c)
			}), "t1"), u)
			until(t, "the subscription is asked for", reached)
			return l, u
		},
		"connected": func(t *testing.T) (*running, *user) {
			u := newUser(t)
			l := run(t, terminal(embedded(t).addr, "t1"), u)
			until(t, "open", u.opened)
			return l, u
		},
		"backing-off": func(t *testing.T) (*running, *user) {
			u, o := newUser(t), terminal(freePort(t), "t1")
			o.Backoff = mqttlink.Backoff{Base: time.Hour, Cap: time.Hour}
			o.Rand = func(n int64) int64 { return n - 1 }
			l := run(t, o, u)
			eventually(t, "an attempt failed", func() bool { return l.Status().LastError != "" })
			return l, u
		},
		"frozen-line": func(t *testing.T) (*running, *user) {
			u, line := newUser(t), newProxy(t, embedded(t).addr)
			l := run(t, terminal(line.addr, "t1"), u)
			until(t, "open", u.opened)
			line.freeze()
			payload := strings.Repeat("x", 200<<10)
			u.sendEndlessly(func() []mqttlink.Frame { return []mqttlink.Frame{up(payload), down(payload)} })
			asked := int64(-1)
			eventually(t, "the socket takes no more", func() bool {
				before := asked
				asked = u.asked.Load()
				<-time.After(100 * time.Millisecond)
				return before == asked
			})
			return l, u
		},
	}
	for name, reach := range tests {
		t.Run(name, func(t *testing.T) {
			l, u := reach(t)
			if took := l.stop(); took > time.Second {
				t.Errorf("Run() ended after %v, want less than 1 s", took)
			}
			if opened, closed := len(u.opened), len(u.closed); closed > 1 || closed < opened {
				t.Errorf("Closed() was called %d times", closed)
			}
			if st := l.Status(); st.Open || st.LiveClients != 0 {
				t.Errorf("Status() = %+v after the end, want closed and no client", st)
			}
		})
	}
	eventually(t, "no goroutine is left", func() bool { return ours() == 0 })
}

func TestAddressThatCannotBeUsedIsSaid(t *testing.T) {
	tests := map[string]struct{ url, said string }{
		"no-scheme":     {"127.0.0.1:1883", "127.0.0.1:1883"},
		"web":           {"http://x", "http://x"},
		"nothing":       {"", `""`},
		"no-host":       {"mqtt://", "mqtt:"},
		"with-password": {"http://me:secret@x", "http://me:xxxxx@x"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			o := terminal("", "t1")
			o.URL = test.url
			l := run(t, o, newUser(t))
			eventually(t, "an attempt failed", func() bool { return l.Status().LastError != "" })
			wantSentence(t, l.Status(), fmt.Sprintf("The broker %s cannot be used: its address is not", test.said))
		})
	}
}
