package mqttlink_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/mqttlink"
)

// dials runs a link in a bubble for a while and returns when it dialled, counted from the start.
func dials(t *testing.T, span time.Duration, o mqttlink.Options, dial func(n int) (net.Conn, error)) (at []time.Duration, u *user) {
	u = newUser(t)
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		o.URL, o.ClientID = "mqtt://broker.invalid", "t1.1"
		o.Dial = func(context.Context, string) (net.Conn, error) {
			at = append(at, time.Since(began))
			return dial(len(at))
		}
		ctx, cancel := context.WithTimeout(t.Context(), span)
		defer cancel()
		if err := mqttlink.New(o, u).Run(ctx); err != nil {
			t.Errorf("Run() = %v, want nil", err)
		}
		if took := time.Since(began); took > span+time.Second {
			t.Errorf("Run() ended %v after its context", took-span)
		}
	})
	return at, u
}

func longest(n int64) int64 { return n - 1 }

var errNobody = errors.New("nobody there")

func TestWaitsDoubleUpToTheCap(t *testing.T) {
	o := mqttlink.Options{Rand: longest}
	got, _ := dials(t, 30*time.Minute, o, func(int) (net.Conn, error) { return nil, errNobody })
	var want []time.Duration
	at := time.Duration(0)
	for _, wait := range []int{0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300} {
		at += time.Duration(wait) * time.Second
		want = append(want, at)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dialled at (-want +got):\n%s", diff)
	}
}

func TestWaitsAreDrawnFromZero(t *testing.T) {
	var bounds []int64
	o := mqttlink.Options{Backoff: mqttlink.Backoff{Base: time.Second, Cap: 4 * time.Second}}
	o.Rand = func(n int64) int64 {
		bounds = append(bounds, n-1)
		return n / 2
	}
	got, _ := dials(t, 4*time.Second, o, func(int) (net.Conn, error) { return nil, errNobody })
	want := []time.Duration{0, 500 * time.Millisecond, 1500 * time.Millisecond, 3500 * time.Millisecond}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dialled at (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]int64{1e9, 2e9, 4e9, 4e9}, bounds); diff != "" {
		t.Errorf("Rand was asked for (-want +got):\n%s", diff)
	}
}

// TestOnlyAConnectionThatLivedForgivesFailures breaks connections early and late.
func TestOnlyAConnectionThatLivedForgivesFailures(t *testing.T) {
	o := mqttlink.Options{Rand: longest, KeepAlive: time.Hour,
		Backoff: mqttlink.Backoff{Base: time.Second, First: 7 * time.Second, Lived: 30 * time.Second}}
	lives := []time.Duration{0, 10 * time.Second, 10 * time.Second, 40 * time.Second, 0}
	got, u := dials(t, 84*time.Second, o, func(n int) (net.Conn, error) {
		if n > len(lives) || lives[n-1] == 0 {
			return nil, errNobody
		}
		near, far := net.Pipe()
		go func() {
			defer far.Close()
			if consent(far) {
				<-time.After(lives[n-1])
			}
		}()
		return near, nil
	})
	want := []time.Duration{
		0,                // fails: wait 1
		1 * time.Second,  // lives 10: wait 2
		13 * time.Second, // lives 10: wait 4
		27 * time.Second, // lives 40: forgiven, wait 7
		74 * time.Second, // fails: wait 1
		75 * time.Second, // fails: wait 2
		77 * time.Second, // fails: wait 4
		81 * time.Second, // fails: wait 8
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dialled at (-want +got):\n%s", diff)
	}
	if opened, closed := len(u.opened), len(u.closed); opened != 3 || closed != 3 {
		t.Errorf("Opened() %d times and Closed() %d times, want 3 and 3", opened, closed)
	}
}

func TestTicksComeConnectedOrNot(t *testing.T) {
	_, u := dials(t, 10*time.Second, mqttlink.Options{Rand: longest}, func(int) (net.Conn, error) { return nil, errNobody })
	if got := u.ticks.Load(); got < 48 || got > 50 {
		t.Errorf("Tick() came %d times in 10 s, want about 50", got)
	}
}

func TestAttemptThatHangsEndsInTime(t *testing.T) {
	got, _ := dials(t, 65*time.Second, mqttlink.Options{Rand: longest, ConnectTimeout: 20 * time.Second},
		func(int) (net.Conn, error) {
			near, far := net.Pipe()
			go func() {
				defer far.Close()
				swallow(far)
			}()
			return near, nil
		})
	want := []time.Duration{0, 21 * time.Second, 43 * time.Second}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dialled at (-want +got):\n%s", diff)
	}
}
