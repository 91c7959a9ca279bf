package webui_test

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/jifen-pos/jifen/terminal/webui"
)

func TestNobodyActsWithoutASession(t *testing.T) {
	b := newBench(t).run()
	c := b.client()
	if got, text := c.post("/act", `{}`); got != http.StatusUnauthorized || !strings.Contains(text, "sign-in-needed") {
		t.Errorf("POST /act without a session = %d %s, want 401", got, text)
	}
	made := &http.Cookie{Name: "jifen-" + strings.Split(b.server.Addr(), ":")[1], Value: strings.Repeat("A", 43)}
	if got, _ := c.post("/act", `{}`, func(r *http.Request) { r.AddCookie(made) }); got != http.StatusUnauthorized {
		t.Errorf("POST /act with a made-up session = %d, want 401", got)
	}
}

func TestTheSessionCookie(t *testing.T) {
	b := newBench(t).run()
	r, _ := b.client().do(http.MethodPost, "/signin", `{"person":"li","pin":"`+pin+`"}`)
	got := r.Header.Get("Set-Cookie")
	_, port, _ := strings.Cut(b.server.Addr(), ":")
	for _, want := range []string{"jifen-" + port + "=", "Path=/", "HttpOnly", "SameSite=Strict"} {
		if !strings.Contains(got, want) {
			t.Errorf("Set-Cookie = %q, want %q in it", got, want)
		}
	}
	raw, err := base64.RawURLEncoding.DecodeString(r.Cookies()[0].Value)
	if err != nil || len(raw) != 32 {
		t.Errorf("session = %d bytes, %v; want 256 bits", len(raw), err)
	}
}

func TestSessionsEnd(t *testing.T) {
	for name, x := range map[string]struct {
		step  time.Duration
		times int
		want  int
	}{
		"used-within-30-minutes": {29 * time.Minute, 20, 204},
		"idle-for-30-minutes":    {30 * time.Minute, 1, 401},
		"after-12-hours":         {20 * time.Minute, 36, 401},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t).run()
			c := b.signedIn()
			got := 0
			for range x.times {
				b.clock.pass(x.step)
				got, _ = c.post("/act", `{}`)
			}
			if got != x.want {
				t.Errorf("POST /act %d times after %s each = %d, want %d", x.times, x.step, got, x.want)
			}
		})
	}
}

func TestSigningOutEndsTheSessionItself(t *testing.T) {
	b := newBench(t).run()
	c := b.client()
	r, _ := c.do(http.MethodPost, "/signin", `{"person":"li","pin":"`+pin+`"}`)
	stolen := r.Cookies()[0]
	c.post("/signout", `{}`)
	if got, _ := b.client().post("/act", `{}`, func(r *http.Request) { r.AddCookie(stolen) }); got != http.StatusUnauthorized {
		t.Errorf("POST /act with the old cookie after signing out = %d, want 401", got)
	}
}

func TestPINsAreGuessedSlowly(t *testing.T) {
	key := argon2.IDKey([]byte(pin), []byte("salt of the test"), 1, 8, 1, 32)
	b := newBench(t, func(o *webui.Options) {
		for i := range o.People {
			o.People[i].PIN = cheap + base64.RawStdEncoding.EncodeToString(key)
		}
	}).run()
	c := b.client()
	try := func(person, pin string) (int, string) {
		return c.post("/signin", fmt.Sprintf(`{"person":%q,"pin":%q}`, person, pin))
	}
	for i, wait := range []int{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900} {
		if got, text := try("li", "000000"); got != http.StatusForbidden {
			t.Fatalf("wrong PIN %d = %d %s, want 403", i+1, got, text)
		}
		b.clock.pass(time.Duration(wait)*time.Second - time.Millisecond)
		got, text := try("li", pin)
		if got != http.StatusTooManyRequests || !strings.Contains(text, "pin-wait(1)") {
			t.Fatalf("right PIN just before %d s = %d %s, want 429 and 1 s to wait", wait, got, text)
		}
		if got, _ := try("wu", pin); got != http.StatusTooManyRequests {
			t.Fatalf("another person meanwhile = %d, want 429: the server waits too", got)
		}
		b.clock.pass(time.Millisecond)
	}
	if got, text := try("li", pin); got != http.StatusNoContent {
		t.Errorf("right PIN after the wait = %d %s, want 204", got, text)
	}
	if got, _ := try("li", "000000"); got != http.StatusForbidden {
		t.Errorf("a wrong PIN after a right one = %d, want 403", got)
	}
	b.clock.pass(time.Second)
	if got, _ := try("nobody", pin); got != http.StatusForbidden {
		t.Errorf("a person who does not exist = %d, want 403 like a wrong PIN", got)
	}
}

// shelf keeps what was tried as a file would.
type shelf struct {
	mu   sync.Mutex
	kept map[string]webui.Tried
}

func (s *shelf) Load() (map[string]webui.Tried, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.kept), nil
}

func (s *shelf) Save(person string, t webui.Tried) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept == nil {
		s.kept = map[string]webui.Tried{}
	}
	if s.kept[person] = t; t.Wrong == 0 {
		delete(s.kept, person)
	}
	return nil
}

// Ten wrong PINs in a row lock a person, over a restart too, and nobody else.
func TestTenWrongPINsLockAPerson(t *testing.T) {
	key := argon2.IDKey([]byte(pin), []byte("salt of the test"), 1, 8, 1, 32)
	kept := &shelf{}
	open := func() (*bench, *client) {
		b := newBench(t, func(o *webui.Options) {
			o.Tries, o.LockAfter = kept, 10
			for i := range o.People {
				o.People[i].PIN = cheap + base64.RawStdEncoding.EncodeToString(key)
			}
		}).run()
		return b, b.client()
	}
	try := func(c *client, person, pin string) (int, string) {
		return c.post("/signin", fmt.Sprintf(`{"person":%q,"pin":%q}`, person, pin))
	}
	b, c := open()
	for n := range 10 {
		got, text := try(c, "li", "000000")
		if want := map[bool]int{false: http.StatusForbidden, true: http.StatusLocked}[n == 9]; got != want {
			t.Fatalf("wrong PIN %d = %d %s, want %d", n+1, got, text, want)
		}
		b.clock.pass(15 * time.Minute)
	}
	for range 2 {
		if got, text := try(c, "li", pin); got != http.StatusLocked || !strings.Contains(text, "pin-locked") {
			t.Errorf("right PIN after ten wrong ones = %d %s, want 423", got, text)
		}
		if got, text := try(c, "wu", pin); got != http.StatusNoContent {
			t.Errorf("another person meanwhile = %d %s, want 204", got, text)
		}
		if who := b.server.Locked(); len(who) != 1 || who[0].ID != "li" {
			t.Errorf("locked are %v, want li", who)
		}
		b, c = open()
		b.clock.pass(time.Hour)
	}
	_ = kept.Save("li", webui.Tried{}) // a keeper
	if got, text := try(c, "li", pin); got != http.StatusNoContent {
		t.Errorf("right PIN once unlocked = %d %s, want 204", got, text)
	}
	for range 5 {
		try(c, "li", "000000")
		b.clock.pass(brakeOthers)
		if got, _ := try(c, "wu", pin); got != http.StatusNoContent {
			t.Fatalf("another person 8 s after wrong PINs of somebody else = %d, want 204", got)
		}
		b.clock.pass(time.Minute)
	}
}

// brakeOthers is how long one person's wrong PINs keep others waiting at most.
const brakeOthers = 8 * time.Second

// Who switches the board off and on, or sets its clock, guesses no faster.
func TestWaitsSurviveARestartAndAClockThatIsSet(t *testing.T) {
	kept := &shelf{}
	at := func() (*bench, *client) {
		b := newBench(t, func(o *webui.Options) { o.Tries = kept }).run()
		return b, b.client()
	}
	try := func(c *client, pin string) int {
		got, _ := c.post("/signin", `{"person":"li","pin":"`+pin+`"}`)
		return got
	}
	b, c := at()
	for range 5 { // waits of 1, 2, 4, 8 and then 16 s
		if got := try(c, "000000"); got != http.StatusForbidden {
			t.Fatalf("wrong PIN = %d, want 403", got)
		}
		b.clock.pass(8 * time.Second)
	}
	b, c = at()
	b.clock.pass(15 * time.Second)
	if got := try(c, pin); got != http.StatusTooManyRequests {
		t.Errorf("right PIN 15 s after a restart = %d, want 429: the wait of 16 s goes on", got)
	}
	b.clock.pass(-24 * time.Hour)
	b.clock.pass(16 * time.Second)
	if got := try(c, pin); got != http.StatusTooManyRequests {
		t.Errorf("right PIN after the clock was set back = %d, want 429", got)
	}
	b.clock.pass(24 * time.Hour)
	if got := try(c, pin); got != http.StatusNoContent {
		t.Errorf("right PIN after the wait = %d, want 204", got)
	}
	b, c = at()
	if got := try(c, pin); got != http.StatusNoContent {
		t.Errorf("right PIN after a restart that follows on a right one = %d, want 204", got)
	}
	b.clock.pass(time.Second)
}

func TestHashPINOpensByTheSamePINOnly(t *testing.T) {
	b := newBench(t).run()
	for pin, want := range map[string]int{"271829": 403, "": 403, "27182": 403} {
		if got, _ := b.client().post("/signin", fmt.Sprintf(`{"person":"li","pin":%q}`, pin)); got != want {
			t.Errorf("PIN %q = %d, want %d", pin, got, want)
		}
		b.clock.pass(time.Hour)
	}
	if got, _ := b.client().post("/signin", `{"person":"li","pin":"`+pin+`"}`); got != http.StatusNoContent {
		t.Errorf("right PIN = %d, want 204", got)
	}
	if a, b := webui.HashPIN(pin, []byte("salt one")), webui.HashPIN(pin, []byte("salt two")); a == b || !strings.HasPrefix(a, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("HashPIN = %q and %q, want two argon2id hashes of 19 MiB", a, b)
	}
}

func TestBadPINsInSettingsAreRefused(t *testing.T) {
	for _, text := range []string{"", "123456", "$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAA", cheap, "$argon2id$v=19$m=99999999,t=1,p=1$c2FsdHNhbHRzYWx0$" + strings.Repeat("A", 43)} {
		_, err := webui.New(webui.Options{Say: say, People: []webui.Person{{ID: "li", PIN: text}}})
		if err == nil || !strings.Contains(err.Error(), "PIN of li") {
			t.Errorf("New with the PIN %q = %v, want an error that names li", text, err)
		}
		if text != "" && err != nil && strings.Contains(err.Error(), text) {
			t.Errorf("the error %q shows the hash", err)
		}
	}
}
