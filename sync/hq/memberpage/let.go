package memberpage

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/webui"
)

const (
	cookie  = "jifen-member"
	letFor  = 30 * 24 * time.Hour
	inBytes = 64 // of a card or a number

	triesMost  = 5 // wrong ones in a row of a card
	triesAll   = 100
	triesWait  = 15 * time.Minute
	triesCards = 10_000
)

// brake slows down guessing: of one card, and of all together.
type brake struct {
	mu sync.Mutex
	of map[string]tried // "" is all
}

type tried struct {
	wrong int
	until time.Time
}

// open reports whether another try is let through.
func (b *brake) open(card string, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return now.After(b.of[card].until) && now.After(b.of[""].until)
}

// tell counts a try.
func (b *brake) tell(card string, right bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if right {
		delete(b.of, card)
		return
	}
	if len(b.of) > triesCards {
		clear(b.of)
	}
	for name, most := range map[string]int{card: triesMost, "": triesAll} {
		t := b.of[name]
		if t.wrong++; t.wrong >= most {
			t = tried{0, now.Add(triesWait)}
		}
		b.of[name] = t
	}
}

// in lets in who has a member's card and knows the phone number that goes with it.
func (p *Page) in(w http.ResponseWriter, r *http.Request) {
	fields, err := webui.Fields(r, "card", "phone")
	if err != nil {
		p.o.Server.Reply(w, r, err)
		return
	}
	card, phone := strings.ToUpper(strings.TrimSpace(fields["card"])), strings.ReplaceAll(strings.TrimSpace(fields["phone"]), " ", "")
	now := p.o.Now()
	if len(card) > inBytes || len(phone) > inBytes || !p.brake.open(card, now) {
		p.o.Server.Reply(w, r, &webui.Fault{Status: http.StatusTooManyRequests, Code: "member-wait"})
		return
	}
	person, ok := p.o.Members().ByCard(card)
	right := ok && person.PhoneHash != "" && subtle.ConstantTimeCompare([]byte(person.PhoneHash), []byte(roll.PhoneHash(p.o.PhoneKey, phone))) == 1
	p.brake.tell(card, right, now)
	if !right {
		p.o.Server.Reply(w, r, &webui.Fault{Status: http.StatusUnprocessableEntity, Code: "member-wrong", Field: "phone"})
		return
	}
	p.keep(w, r, p.seal(person.ID, now.Add(letFor)), int(letFor.Seconds()))
	p.o.Server.Reply(w, r, nil)
}

func (p *Page) out(w http.ResponseWriter, r *http.Request) {
	p.keep(w, r, "", -1)
	p.o.Server.Reply(w, r, nil)
}

// keep sets the cookie. A link that a camera opens brings it along.
func (p *Page) keep(w http.ResponseWriter, r *http.Request, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{
		Name: cookie, Value: value, Path: Path, MaxAge: seconds, HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
}

func (p *Page) seal(id member.ID, until time.Time) string {
	text := fmt.Sprintf("%s.%d", id, until.Unix())
	return text + "." + hex.EncodeToString(p.mac(text))
}

func (p *Page) mac(text string) []byte {
	mac := hmac.New(sha256.New, p.o.Secret)
	mac.Write([]byte("jifen member page " + text))
	return mac.Sum(nil)
}

// who is the member who was let in.
func (p *Page) who(r *http.Request) (member.ID, bool) {
	c, err := r.Cookie(cookie)
	if err != nil {
		return 0, false
	}
	cut := strings.LastIndexByte(c.Value, '.')
	if cut < 0 {
		return 0, false
	}
	text := c.Value[:cut]
	mac, err := hex.DecodeString(c.Value[cut+1:])
	if err != nil || !hmac.Equal(mac, p.mac(text)) {
		return 0, false
	}
	name, until, _ := strings.Cut(text, ".")
	end, err := strconv.ParseInt(until, 10, 64)
	if err != nil || p.o.Now().Unix() >= end {
		return 0, false
	}
	id, err := member.ParseID(name)
	return id, err == nil
}
