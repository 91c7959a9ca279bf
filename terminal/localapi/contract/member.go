package contract

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"time"
)

// How long HQ and a stream may take.
const (
	hqWait     = 15 * time.Second
	streamWait = 30 * time.Second
)

// The parts about members and what follows on a sale.

// known is the member with their points here; HQ may have to be asked for them.
func (s *suite) known() answer {
	if s.o.Member == "" {
		panic(left("no member was named"))
	}
	end, first := time.Now().Add(hqWait), ""
	for n := 0; ; n++ {
		m := s.want(http.StatusOK, "POST", s.lane("members"), object{"code": s.o.Member})
		if n == 0 {
			first = m.text("as_of")
		}
		if m.body["asking"] != true || m.text("as_of") != first || time.Now().After(end) {
			return m
		}
		select {
		case <-s.ctx.Done():
			return m
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func member(s *suite) {
	m := s.known()
	if m.text("id") == "" || m.body["may_spend"] != true || !strings.Contains(m.text("name"), "*") {
		s.wrong("member by card: %v; want their name masked, and the right to spend", m)
	}
	s.refused(http.StatusUnprocessableEntity, "unknown-member", "POST", s.lane("members"), object{"code": "19900000000"})
}

// owns is how many points of the first kind the member has, wherever they are.
func owns(m answer) int64 {
	for _, b := range m.list("balances") {
		o, _ := b.(object)
		a := answer{body: o}
		return a.number("here") + a.number("hq") + a.number("elsewhere")
	}
	return 0
}

// ownsAgain waits until the member has at least so many points again: what goes
// back to HQ is told by its next answer.
func (s *suite) ownsAgain(least int64) {
	m := s.known()
	for n := 0; owns(m) < least && n < 20; n++ {
		m = s.known()
	}
	if owns(m) < least {
		s.wrong("the member has %d points after the voucher came back, want %d: %v", owns(m), least, m)
	}
}

func redemption(s *suite) {
	m := s.known()
	if s.o.Benefit == "" {
		panic(left("no benefit was named"))
	}
	before := owns(m)
	redeem := s.act(object{"member": s.o.Member, "benefit": s.o.Benefit})
	if a := s.call("POST", s.lane("redemptions"), redeem); a.text("code") == "points-short" {
		again := s.call("POST", s.lane("redemptions"), redeem)
		if again.text("code") != "points-short" || again.text("en") != a.text("en") {
			s.wrong("a declined reference again: %v; want the answer of before: %v", again, a)
		}
		panic(left("the member has too few points here: " + a.text("en")))
	}
	a := s.want(http.StatusOK, "POST", s.lane("redemptions"), redeem)
	if a.body["again"] != true || len(a.list("vouchers")) != 1 {
		s.broken("the same redemption again: %v; want the answer of before, with its voucher", a)
	}
	made, _ := a.list("vouchers")[0].(object)
	voucher, _ := made["lot"].(string)
	if qr, _ := made["qr"].(string); !strings.HasPrefix(qr, "JF1.V.") || made["benefit"] != s.o.Benefit || made["code"] == "" {
		s.wrong("the voucher: %v; want its benefit, its short code and the text of its QR code", made)
	}
	s.refused(http.StatusConflict, "reference-used", "POST", s.lane("redemptions"),
		object{"ref": redeem["ref"], "member": s.o.Member, "benefit": s.o.Benefit, "pool": true})
	s.refused(http.StatusUnprocessableEntity, "unknown-benefit", "POST", s.lane("redemptions"), s.act(object{"member": s.o.Member, "benefit": "no-such-benefit"}))
	s.once("voucher-returns", s.act(object{"voucher": voucher}))
	if a := s.call("POST", s.lane("voucher-returns"), s.act(object{"voucher": voucher})); a.status != http.StatusUnprocessableEntity {
		s.wrong("the voucher back a second time: %v; want 422", a)
	}
	if a := s.call("POST", s.lane("voucher-uses"), s.act(object{"code": s.o.Goods})); a.status != http.StatusUnprocessableEntity {
		s.wrong("goods handed out as a voucher: %v; want 422", a)
	}
	s.ownsAgain(before)
}

func deduction(s *suite) {
	s.known()
	o := order(s.o.Member, s.o.Goods)
	o["deduct_max"] = true
	q := s.price(o)
	paid := fenOf(q, "deduction")
	if paid == 0 {
		panic(left("no points can pay for this: " + q.text("limit")))
	}
	body, sold := s.sellOne(o)
	deducted, _ := sold.body["deducted"].(object)
	if sold.number("paid_fen") != q.number("to_pay_fen") || (answer{body: deducted}).number("points") == 0 {
		s.wrong("sale with points: %v; want what was quoted: %v", sold, q)
	}
	if again := s.want(http.StatusOK, "POST", s.lane("sales"), body); again.text("entry") != sold.text("entry") {
		s.wrong("the same sale again: %v; want %v", again, sold)
	}
	back := s.want(http.StatusOK, "POST", s.lane("returns"), s.act(object{"sale": sold.text("entry"), "void": true, "tender": "cash"}))
	if back.number("returned") != (answer{body: deducted}).number("points") {
		s.wrong("void of a sale that points paid: %v; want %v back", back, deducted)
	}
}

func persons(s *suite) {
	refused := func(code, path string, body object) {
		s.refused(http.StatusUnprocessableEntity, code, "POST", s.lane(path), s.act(body))
	}
	refused("enrol-consent", "enrolments", object{"phone": "19900000001", "consent": false})
	refused("bad-phone", "enrolments", object{"phone": "199", "consent": true})
	refused("enrol-how", "enrolments", object{"consent": true})
	if s.o.Member == "" {
		panic(left("no member was named"))
	}
	refused("card-taken", "enrolments", object{"card": s.o.Member, "consent": true})
	refused("unknown-activity", "check-ins", object{"member": s.o.Member, "activity": "no-such-activity"})
	refused("unknown-game", "plays", object{"member": s.o.Member, "game": "no-such-game"})
	if a := s.call("POST", s.lane("transfers"), s.act(object{"from": s.o.Member, "to": s.o.Member, "points": 1})); a.status != http.StatusUnprocessableEntity {
		s.wrong("points from a member to themselves: %v; want 422", a)
	}
}

func witness(s *suite) {
	if s.o.Member == "" {
		panic(left("no member was named"))
	}
	_, sold := s.sellOne(order(s.o.Member, s.o.Goods))
	if sold.header.Get("Jifen-Head") == "" {
		s.broken("a sale that moved points came without a Jifen-Head for a witness to remember")
	}
	v := s.want(http.StatusOK, "POST", s.lane("witnesses"), object{"head": sold.header.Get("Jifen-Head")})
	if !inBoth(v.body) {
		s.wrong("witness: %v; want what came of it in both languages", v)
	}
	s.refused(http.StatusUnprocessableEntity, "witness-foreign", "POST", s.lane("witnesses"), object{"head": "JF1.R.NONSENSE"})
}

// stream listens while goods are scanned.
func stream(s *suite) {
	ctx, cancel := context.WithTimeout(s.ctx, streamWait)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, "GET", s.base+strings.Replace(s.lane("x"), "/lanes/", "/events?lane=", 1), nil)
	if err != nil {
		s.broken("stream: %v", err)
	}
	r.URL.RawQuery = strings.TrimSuffix(r.URL.RawQuery, "/x")
	if s.o.Token != "" {
		r.Header.Set("Authorization", "Bearer "+s.o.Token)
	}
	resp, err := s.o.Client.Do(r)
	if err != nil {
		s.broken("stream: %v", err)
	}
	defer resp.Body.Close()
	if kind := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || !strings.HasPrefix(kind, "text/event-stream") {
		s.broken("stream: status %d as %q; want 200 as text/event-stream", resp.StatusCode, kind)
	}
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, answerMax)
	hears := func(words ...string) {
		for lines.Scan() {
			for n, w := range words {
				if strings.Contains(lines.Text(), w) {
					words = append(words[:n:n], words[n+1:]...)
					break
				}
			}
			if len(words) == 0 {
				return
			}
		}
		s.broken("the stream ended before it said %q: %v", words, lines.Err())
	}
	hears("id: ", "retry: ", "event: health", "event: basket", "event: jobs")
	s.want(http.StatusOK, "POST", s.lane("scans"), object{"code": s.o.Goods})
	hears("event: basket", `"gtin":"`) // a change that the first look missed comes as one of its own
	s.want(http.StatusNoContent, "DELETE", s.lane("basket"), nil)
	hears(`"lines":[]`)
}
