package door_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/door"
)

const most, bodyMax = 8, 1024

// open serves through a door of eight. Who asks for /wait is counted, and answered
// when the test says.
func open(t *testing.T) (address string, shut, waiting *atomic.Int64, answer func()) {
	t.Helper()
	wait := make(chan struct{})
	shut, waiting, answer = &atomic.Int64{}, &atomic.Int64{}, sync.OnceFunc(func() { close(wait) })
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if r.URL.Path == "/wait" {
			waiting.Add(1)
			<-wait
		}
		fmt.Fprintf(w, "%d bytes, %v", len(b), err)
	}))
	door.New(most, bodyMax, func(net.Addr) { shut.Add(1) }).Attach(s.Config)
	s.Start()
	t.Cleanup(s.Close)
	t.Cleanup(answer)
	return s.Listener.Addr().String(), shut, waiting, answer
}

func dial(t *testing.T, address, first string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, first); err != nil {
		t.Fatal(err)
	}
	return c
}

// gone reports whether the server has closed a connection.
func gone(t *testing.T, c net.Conn) bool {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := c.Read(make([]byte, 1))
	return err != nil
}

func TestWhoSendsNothingWholeGoesFirst(t *testing.T) {
	for name, first := range map[string]string{
		"nothing":       "",
		"half-a-header": "GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
		"half-a-body":   "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nslow",
	} {
		t.Run(name, func(t *testing.T) {
			address, shut, _, _ := open(t)
			kept := dial(t, address, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
			lines := bufio.NewReader(kept)
			if line, err := lines.ReadString('\n'); err != nil || !strings.Contains(line, "200") {
				t.Fatalf("first answer: %q, %v", line, err)
			}
			slow := make([]net.Conn, 3*most)
			for n := range slow {
				slow[n] = dial(t, address, first)
			}
			if !gone(t, slow[0]) {
				t.Error("the first that sent nothing whole is still there")
			}
			for range 5 {
				resp, err := http.Get("http://" + address)
				if err != nil {
					t.Fatalf("beside %d slow connections: %v", len(slow), err)
				}
				_ = resp.Body.Close()
			}
			if _, err := io.WriteString(kept, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
				t.Error(err)
			}
			for again := ""; !strings.Contains(again, "HTTP/1.1 200"); {
				var err error
				if again, err = lines.ReadString('\n'); err != nil {
					t.Fatalf("who asked something before was shut out: %v", err)
				}
			}
			if shut.Load() < int64(len(slow)-most) {
				t.Errorf("%d connections were told to have gone, want %d or more", shut.Load(), len(slow)-most)
			}
		})
	}
}

func TestWhoIsBeingAnsweredStays(t *testing.T) {
	address, _, waiting, answer := open(t)
	var busy []net.Conn
	for range most {
		busy = append(busy, dial(t, address, "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n"))
	}
	for deadline := time.Now().Add(30 * time.Second); waiting.Load() < most; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d requests arrived", waiting.Load(), most)
		}
	}
	if !gone(t, dial(t, address, "")) {
		t.Error("one more is let in while all others are being answered")
	}
	answer()
	for n, c := range busy {
		if line, err := bufio.NewReader(c).ReadString('\n'); err != nil || !strings.Contains(line, "200") {
			t.Errorf("answer %d: %q, %v", n, line, err)
		}
	}
}

func TestBodiesArriveWhole(t *testing.T) {
	address, _, _, _ := open(t)
	for _, size := range []int{0, 1, bodyMax, bodyMax + 1, 3 * bodyMax} {
		resp, err := http.Post("http://"+address, "text/plain", strings.NewReader(strings.Repeat("x", size)))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if want := fmt.Sprintf("%d bytes, <nil>", size); string(b) != want {
			t.Errorf("a body of %d arrives as %q, want %q", size, b, want)
		}
	}
	cut := dial(t, address, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
	if err := cut.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(cut)
	if !strings.Contains(string(b), "unexpected EOF") {
		t.Errorf("a body that was cut off: %q, want the handler to see it", b)
	}
}
