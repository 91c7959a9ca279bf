package mqttlink_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/mqttlink"
)

// onEach runs a test against every real broker.
func onEach(t *testing.T, test func(*testing.T, *server)) {
	for name, start := range servers {
		t.Run(name, func(t *testing.T) { test(t, start(t)) })
	}
}

func TestFramesPassInOrderBothWays(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		const frames = 200
		centre, till := newUser(t), newUser(t)
		run(t, hq(s.addr), centre)
		until(t, "hq is open", centre.opened)
		l := run(t, terminal(s.addr, "t1"), till)
		until(t, "t1 is open", till.opened)
		for i := range frames {
			till.send(up(fmt.Sprint(i)))
			centre.send(down(fmt.Sprint(i)))
		}
		for i := range frames {
			if got, want := centre.frame(t), fmt.Sprintf("jifen/v1/up/17/t1 %d", i); got != want {
				t.Fatalf("hq got %q, want %q", got, want)
			}
			if got, want := till.frame(t), fmt.Sprintf("jifen/v1/down/t1 %d", i); got != want {
				t.Fatalf("t1 got %q, want %q", got, want)
			}
		}
		if st := l.Status(); !st.Open || st.LastError != "" || st.Attempts != 1 || st.LiveClients != 1 || st.Dropped != 0 {
			t.Errorf("Status() = %+v, want open at the first attempt without faults", st)
		}
	})
}

func TestWrongPasswordIsSaidAndBacksOff(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		till, o := newUser(t), terminal(s.addr, "t1")
		o.Password = func() string { return "guess" }
		o.Backoff = mqttlink.Backoff{Base: 100 * time.Millisecond, Cap: time.Second, First: 1, Lived: time.Hour}
		o.Rand = func(n int64) int64 { return n - 1 } // always the longest wait: 100, 200, 400 ms
		began := time.Now()
		l := run(t, o, till)
		eventually(t, "three attempts", func() bool { return l.Status().Attempts >= 3 })
		if took := time.Since(began); took < 300*time.Millisecond {
			t.Errorf("three attempts within %v, want at least 300 ms", took)
		}
		wantSentence(t, l.Status(), "does not know this terminal")
		if len(till.opened) > 0 {
			t.Errorf("the session was opened")
		}
		l.stop()
		if got := l.Status().LiveClients; got != 0 {
			t.Errorf("Status().LiveClients = %d after the end, want 0", got)
		}
	})
}

func TestRefusedSubscriptionIsNoConnection(t *testing.T) {
	till, o := newUser(t), terminal(embedded(t).addr, "t1") // mosquitto grants whatever is asked
	o.Subscribe = append(o.Subscribe, mqttlink.Subscription{Filter: "jifen/v1/down/t2"})
	l := run(t, o, till)
	eventually(t, "three attempts", func() bool { return l.Status().Attempts >= 3 })
	wantSentence(t, l.Status(), "a subscription was refused: jifen/v1/down/t2")
	if len(till.opened) > 0 || l.Status().Open {
		t.Errorf("the session was opened without its subscription")
	}
}

func TestForbiddenTopicEndsTheConnectionAndBacksOff(t *testing.T) {
	till, o := newUser(t), terminal(embedded(t).addr, "t1")
	o.Backoff = mqttlink.Backoff{Base: 200 * time.Millisecond, Cap: time.Second, First: 1, Lived: time.Hour}
	o.Rand = func(n int64) int64 { return n - 1 }
	l := run(t, o, till)
	until(t, "open", till.opened)
	till.send(mqttlink.Frame{Topic: "jifen/v1/up/17/t2", Payload: []byte("forged"), QoS: 1})
	until(t, "closed", till.closed)
	began := time.Now()
	wantSentence(t, l.Status(), "closed the connection")
	until(t, "open again", till.opened)
	if waited := time.Since(began); waited < 150*time.Millisecond {
		t.Errorf("open again after %v, want at least about 200 ms", waited)
	}
}

func TestKilledBrokerComesBack(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		centre, till := newUser(t), newUser(t)
		run(t, hq(s.addr), centre)
		l := run(t, terminal(s.addr, "t1"), till)
		for round := range 3 {
			until(t, "hq is open", centre.opened)
			until(t, "t1 is open", till.opened)
			till.send(up(fmt.Sprint(round)))
			if got, want := centre.frame(t), fmt.Sprintf("jifen/v1/up/17/t1 %d", round); got != want {
				t.Fatalf("round %d: hq got %q, want %q", round, got, want)
			}
			s.kill()
			until(t, "hq is closed", centre.closed)
			until(t, "t1 is closed", till.closed)
			eventually(t, "it is said that no broker answers", func() bool {
				return strings.Contains(l.Status().LastError, "No broker answers at "+s.addr)
			})
			s.start()
		}
		until(t, "t1 is open", till.opened)
	})
}

func TestBirthComesFirstAndWillSpeaksForABrokenLine(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		centre, till, line := newUser(t), newUser(t), newProxy(t, s.addr)
		run(t, hq(s.addr), centre)
		until(t, "hq is open", centre.opened)
		o, n := terminal(line.addr, "t1"), 0
		o.Will = &mqttlink.Frame{Topic: "jifen/v1/state/t1", Payload: []byte("gone")}
		o.Birth = func() mqttlink.Frame {
			n++
			return mqttlink.Frame{Topic: "jifen/v1/state/t1", Payload: fmt.Append(nil, "here ", n)}
		}
		till.send(up("first"))
		l := run(t, o, till)
		want := []string{"jifen/v1/state/t1 here 1", "jifen/v1/up/17/t1 first"}
		for _, w := range want {
			if got := centre.frame(t); got != w {
				t.Errorf("hq got %q, want %q", got, w)
			}
		}
		line.cut()
		for _, w := range []string{"jifen/v1/state/t1 gone", "jifen/v1/state/t1 here 2"} {
			if got := centre.frame(t); got != w {
				t.Errorf("hq got %q, want %q", got, w)
			}
		}
		l.stop() // orderly: no will
		probe := newUser(t)
		run(t, terminal(s.addr, "t2"), probe)
		probe.send(mqttlink.Frame{Topic: "jifen/v1/up/1/t2", Payload: []byte("after")})
		if got, want := centre.frame(t), "jifen/v1/up/1/t2 after"; got != want {
			t.Errorf("after an orderly end hq got %q, want %q", got, want)
		}
	})
}

func TestHalfOpenLineIsNoticed(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		till, line := newUser(t), newProxy(t, s.addr)
		o := terminal(line.addr, "t1")
		o.KeepAlive = 2 * time.Second
		l := run(t, o, till)
		until(t, "open", till.opened)
		line.freeze()
		began := time.Now()
		until(t, "closed", till.closed)
		// Two seconds of silence, one for the answer, twice half a second between looks.
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("a half-open line was noticed after %v, want at most 5 s", took)
		}
		line.thaw()
		until(t, "open again", till.opened)
		if st := l.Status(); st.LastError != "" {
			t.Errorf("Status().LastError = %q while open, want none", st.LastError)
		}
	})
}

func TestStalledSessionGetsANewConnection(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		till := newUser(t)
		o := terminal(s.addr, "t1")
		o.Backoff = mqttlink.Backoff{First: 300 * time.Millisecond, Lived: 1}
		o.Rand = func(n int64) int64 { return n - 1 }
		l := run(t, o, till)
		until(t, "open", till.opened)
		till.stalled.Store(true)
		until(t, "closed", till.closed)
		eventually(t, "it is said", func() bool { return l.Status().LastError != "" })
		wantSentence(t, l.Status(), "nothing was answered any more")
		until(t, "open again", till.opened)
	})
}

func TestThousandReconnectsLeaveNothing(t *testing.T) {
	s, till := embedded(t), newUser(t)
	l := run(t, terminal(s.addr, "t1"), till)
	until(t, "open", till.opened)
	settled := func() int {
		eventually(t, "one client is left", func() bool { return l.Status().LiveClients == 1 })
		return ours()
	}
	before := settled()
	files := descriptors(t)
	for range 1000 {
		s.kick("t1")
		until(t, "closed", till.closed)
		until(t, "open again", till.opened)
		if got := l.Status().LiveClients; got > mqttlink.MaxLive {
			t.Fatalf("Status().LiveClients = %d, want at most %d", got, mqttlink.MaxLive)
		}
	}
	eventually(t, "no more goroutines than before", func() bool { return settled() <= before })
	if got := l.Status().Attempts; got < 1001 {
		t.Errorf("Status().Attempts = %d, want at least 1001", got)
	}
	eventually(t, "no more descriptors than before", func() bool { return descriptors(t) <= files })
	l.stop()
	eventually(t, "no goroutine is left", func() bool { return ours() == 0 })
}

// descriptors is how many files and sockets this process has open.
func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func TestUnsoundFramesAreLeftOut(t *testing.T) {
	centre, till := newUser(t), newUser(t)
	s := embedded(t)
	run(t, hq(s.addr), centre)
	until(t, "hq is open", centre.opened)
	l := run(t, terminal(s.addr, "t1"), till)
	until(t, "t1 is open", till.opened)
	largest := strings.Repeat("x", mqttlink.MaxPayload)
	twice := up("qos 2")
	twice.QoS = 2
	till.send(up(largest+"x"), twice, mqttlink.Frame{Payload: []byte("no topic")},
		mqttlink.Frame{Topic: strings.Repeat("t", mqttlink.MaxTopic+1)}, up(largest), up("last"))
	if got, want := len(centre.frame(t)), len("jifen/v1/up/17/t1 ")+mqttlink.MaxPayload; got != want {
		t.Errorf("hq got %d bytes, want %d", got, want)
	}
	if got, want := centre.frame(t), "jifen/v1/up/17/t1 last"; got != want {
		t.Errorf("hq got %q, want %q", got, want)
	}
	if got := l.Status(); got.Dropped != 4 || got.Attempts != 1 {
		t.Errorf("Status() = %+v, want 4 dropped and 1 attempt", got)
	}
}

func TestFloodIsDroppedAndCountedNotQueuedForEver(t *testing.T) {
	centre, till := newUser(t), newUser(t)
	s := embedded(t)
	run(t, terminal(s.addr, "t1"), till)
	l := run(t, hq(s.addr), centre)
	until(t, "hq is open", centre.opened)
	until(t, "t1 is open", till.opened)
	hold := make(chan struct{})
	centre.hold.Store(&hold)
	payload := strings.Repeat("x", 1000)
	till.sendEndlessly(func() []mqttlink.Frame { return []mqttlink.Frame{up(payload)} })
	eventually(t, "frames are dropped", func() bool { return l.Status().Dropped > 5000 })
	till.sendEndlessly(func() []mqttlink.Frame { return nil })
	centre.hold.Store(nil)
	close(hold)
	centre.send(down("still working"))
	for !strings.HasSuffix(till.frame(t), "still working") {
	}
	if got := centre.arrived.Load(); got > 2500 { // 1024 in the link, the rest in sockets and in the broker
		t.Errorf("%d frames were kept for a session that did not read, want about 1024", got)
	}
}
