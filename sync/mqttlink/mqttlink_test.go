package mqttlink_test

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/broker"
	"github.com/jifen-pos/jifen/sync/mqttlink"
)

const patience = 10 * time.Second

// user is a session that a test drives: it sends what is put into outbox and shows what arrives.
type user struct {
	t       *testing.T
	opened  chan struct{}
	closed  chan struct{}
	got     chan mqttlink.Frame
	wake    chan struct{}
	stalled atomic.Bool
	hold    atomic.Pointer[chan struct{}] // Receive waits for it

	inside  atomic.Bool
	asked   atomic.Int64
	ticks   atomic.Int64
	arrived atomic.Int64

	mu      sync.Mutex
	outbox  []mqttlink.Frame
	endless func() []mqttlink.Frame
}

func newUser(t *testing.T) *user {
	return &user{t: t, opened: make(chan struct{}, 1000), closed: make(chan struct{}, 1000),
		got: make(chan mqttlink.Frame, 4096), wake: make(chan struct{}, 1)}
}

// alone fails the test when two calls overlap.
func (u *user) alone() func() {
	if !u.inside.CompareAndSwap(false, true) {
		u.t.Errorf("two session methods run at the same time")
	}
	return func() { u.inside.Store(false) }
}

func (u *user) Opened(time.Time) { defer u.alone()(); u.opened <- struct{}{} }
func (u *user) Closed(time.Time) { defer u.alone()(); u.closed <- struct{}{} }
func (u *user) Tick(time.Time)   { defer u.alone()(); u.ticks.Add(1) }
func (u *user) Stalled(time.Time) bool {
	defer u.alone()()
	return u.stalled.Swap(false)
}

func (u *user) Receive(f mqttlink.Frame, _ time.Time) {
	defer u.alone()()
	u.arrived.Add(1)
	if hold := u.hold.Load(); hold != nil {
		<-*hold
	}
	select {
	case u.got <- f:
	default:
	}
}

func (u *user) Outgoing(time.Time) []mqttlink.Frame {
	defer u.alone()()
	u.asked.Add(1)
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.endless != nil {
		return u.endless()
	}
	f := u.outbox
	u.outbox = nil
	return f
}

func (u *user) send(frames ...mqttlink.Frame) {
	u.mu.Lock()
	u.outbox = append(u.outbox, frames...)
	u.mu.Unlock()
	select {
	case u.wake <- struct{}{}:
	default:
	}
}

func (u *user) sendEndlessly(f func() []mqttlink.Frame) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.endless = f
}

// until waits for a signal.
func until(t *testing.T, what string, c <-chan struct{}) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(patience):
		t.Fatalf("not within %v: %s", patience, what)
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
		<-time.After(5 * time.Millisecond)
	}
}

func (u *user) frame(t *testing.T) string {
	t.Helper()
	select {
	case f := <-u.got:
		return f.Topic + " " + string(f.Payload)
	case <-time.After(patience):
		t.Fatalf("no frame arrived within %v", patience)
		return ""
	}
}

// running is a link under test.
type running struct {
	*mqttlink.Link
	stop func() time.Duration
}

// quick makes waits short enough for a test.
var quick = mqttlink.Backoff{Base: 5 * time.Millisecond, Cap: 50 * time.Millisecond, First: 5 * time.Millisecond,
	Lived: time.Nanosecond}

func run(t *testing.T, o mqttlink.Options, u *user) *running {
	t.Helper()
	if o.Backoff == (mqttlink.Backoff{}) {
		o.Backoff = quick
	}
	o.Wake = u.wake
	l := mqttlink.New(o, u)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := l.Run(ctx); err != nil {
			t.Errorf("Run() = %v, want nil", err)
		}
	}()
	r := &running{Link: l}
	r.stop = sync.OnceValue(func() time.Duration {
		began := time.Now()
		cancel()
		select {
		case <-ended:
		case <-time.After(patience):
			t.Errorf("Run() does not end")
		}
		return time.Since(began)
	})
	t.Cleanup(func() { r.stop() })
	return r
}

// terminal and hq are the options of the two kinds of client; their password is <name>-secret.
func terminal(addr, name string) mqttlink.Options {
	return mqttlink.Options{
		URL: "mqtt://" + addr, ClientID: name + ".1", Username: name, Password: func() string { return name + "-secret" },
		Subscribe: []mqttlink.Subscription{{Filter: "jifen/v1/down/" + name}},
	}
}

func hq(addr string) mqttlink.Options {
	o := terminal(addr, "hq")
	o.Subscribe = []mqttlink.Subscription{{Filter: "jifen/v1/up/#", QoS: 1}, {Filter: "jifen/v1/state/#", QoS: 1}}
	return o
}

func up(payload string) mqttlink.Frame {
	return mqttlink.Frame{Topic: "jifen/v1/up/17/t1", Payload: []byte(payload), QoS: 1}
}

func down(payload string) mqttlink.Frame {
	return mqttlink.Frame{Topic: "jifen/v1/down/t1", Payload: []byte(payload)}
}

// server is a broker that a test can kill and start again on the same port.
type server struct {
	addr  string
	kill  func()
	start func()
	kick  func(terminal string) // nil where there is no such thing
}

// servers are the brokers that the link must work with.
var servers = map[string]func(*testing.T) *server{"embedded": embedded, "mosquitto": mosquitto}

func embedded(t *testing.T) *server {
	t.Helper()
	s := &server{addr: "127.0.0.1:0"}
	var b *broker.Broker
	s.kill = func() {}
	s.kick = func(terminal string) { b.Kick(terminal) }
	s.start = func() {
		b = broker.New(broker.Options{Listen: s.addr, Authenticate: func(name string, password []byte) (broker.Identity, bool) {
			role := broker.Identity{Role: broker.Terminal, Terminal: name}
			if name == "hq" {
				role = broker.Identity{Role: broker.HQ}
			}
			return role, string(password) == name+"-secret"
		}})
		if err := b.Listen(); err != nil {
			t.Fatalf("Listen() = %v", err)
		}
		s.addr = b.Addr().String()
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- b.Run(ctx) }()
		s.kill = sync.OnceFunc(func() { cancel(); <-ended })
	}
	s.start()
	t.Cleanup(func() { s.kill() })
	return s
}

// mosquitto runs the real one as a child process, with the same rights as the embedded broker gives.
func mosquitto(t *testing.T) *server {
	t.Helper()
	dir, s := t.TempDir(), &server{addr: freePort(t)}
	_, port, _ := net.SplitHostPort(s.addr)
	passwords := filepath.Join(dir, "passwords")
	if err := os.WriteFile(passwords, []byte("hq:hq-secret\nt1:t1-secret\nt2:t2-secret\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("mosquitto_passwd", "-U", passwords).CombinedOutput(); err != nil {
		t.Fatalf("mosquitto_passwd = %v: %s", err, out)
	}
	rights := "user hq\ntopic read jifen/v1/up/#\ntopic read jifen/v1/state/#\ntopic write jifen/v1/down/+\n" +
		"pattern write jifen/v1/up/+/%u\npattern write jifen/v1/state/%u\npattern read jifen/v1/down/%u\n"
	config := "listener " + port + " 127.0.0.1\nset_tcp_nodelay true\nallow_anonymous false\npersistence false\n" +
		"max_packet_size 262144\npassword_file " + passwords + "\nacl_file " + filepath.Join(dir, "rights") + "\n"
	for name, text := range map[string]string{"rights": rights, "config": config} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{dir, filepath.Dir(dir), passwords} { // mosquitto gives up root
		_ = os.Chmod(name, 0o755)
	}
	s.kill = func() {}
	s.start = func() {
		c := exec.Command("mosquitto", "-c", filepath.Join(dir, "config"))
		if err := c.Start(); err != nil {
			t.Fatalf("start mosquitto = %v", err)
		}
		s.kill = sync.OnceFunc(func() { _ = c.Process.Kill(); _ = c.Wait() })
		eventually(t, "mosquitto answers at "+s.addr, func() bool {
			conn, err := net.Dial("tcp", s.addr)
			if err == nil {
				_ = conn.Close()
			}
			return err == nil
		})
	}
	s.start()
	t.Cleanup(func() { s.kill() })
	return s
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func wantSentence(t *testing.T, s mqttlink.Status, part string) {
	t.Helper()
	if !strings.Contains(s.LastError, part) || !strings.HasSuffix(s.LastError, ".") {
		t.Errorf("Status().LastError = %q, want a sentence that contains %q", s.LastError, part)
	}
}
