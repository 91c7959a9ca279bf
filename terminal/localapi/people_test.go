package localapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/pins"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
	"github.com/jifen-pos/jifen/terminal/webui"
	"github.com/jifen-pos/jifen/terminal/words"
)

// Who acts, and what they may do.

const (
	pin      = "314159"
	posToken = "a token of a program that vouches"
)

// pinHash is of pin, and takes no time.
const pinHash = "$argon2id$v=19$m=8,t=1,p=1$c2FsdCBvZiB0aGUgdGVzdA$TbF4h+d4LNRPnhvXuPeZ5RonSX5nW4I+bVDGVtPDdWY"

// tried keeps wrong PINs in the till's ledger.
type tried struct{ *till.Till }

func (k tried) Load() (map[string]webui.Tried, error) {
	list, err := k.TriedPINs()
	all := map[string]webui.Tried{}
	for _, t := range list {
		all[t.Person] = webui.Tried{Wrong: int(t.Wrong), Wait: time.Duration(t.WaitMS) * time.Millisecond, Locked: t.Locked}
	}
	return all, err
}

func (k tried) Save(person string, t webui.Tried) error {
	return k.KeepTried(pins.Tried{Person: person, Wrong: uint32(t.Wrong), WaitMS: t.Wait.Milliseconds(), Locked: t.Locked})
}

// people are anna, the keeper; ben, a cashier; carl, who only looks; and dora, a
// senior.
func people(t testing.TB, b *tilltest.Bench) *webui.Server {
	t.Helper()
	began := time.Now()
	s, err := webui.New(webui.Options{
		Say: words.In, Now: func() time.Time { return b.Clock.Now().Wall.Add(time.Since(began)) }, Tries: tried{b.Till}, LockAfter: 10,
		People: []webui.Person{
			{ID: "anna", Name: "安娜", Role: "keeper", PIN: pinHash}, {ID: "ben", Name: "本", Role: "cashier", PIN: pinHash},
			{ID: "carl", Name: "卡尔", Role: "auditor", PIN: pinHash}, {ID: "dora", Name: "朵拉", Role: "senior", PIN: pinHash},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// enter signs somebody in.
func (b *bench) enter(person string) string {
	b.t.Helper()
	return b.want(200, "POST", "/sessions", object{"person": person, "pin": pin})["session"].(string)
}

// as acts as somebody.
func (b *bench) as(person string, fn func()) {
	b.t.Helper()
	before := b.session
	defer func() { b.session = before }()
	b.session = b.enter(person)
	fn()
}

// forbidden asks for what a role does not allow.
func (b *bench) forbidden(code, path string, body object) {
	b.t.Helper()
	if p := b.want(403, "POST", path, body); p["code"] != code || p["zh"] == p["en"] || p["zh"] == code {
		b.t.Errorf("POST %s: %v, want %s in both languages", path, p, code)
	}
}

// actor is who the journal says did something.
func (b *bench) actor(ref string) string {
	b.t.Helper()
	d, err := b.Till.Outcome(ref)
	if err != nil {
		b.t.Fatal(err)
	}
	return d.Entry.Actor
}

// written lists the entries of a kind.
func written[T ledger.Body](b *bench) (list []T) {
	b.t.Helper()
	progress, err := b.Till.Progress()
	if err != nil {
		b.t.Fatal(err)
	}
	for _, s := range progress.Streams {
		records, err := b.Till.Entries(s.Incarnation, 1, 1000, 1<<20)
		if err != nil {
			b.t.Fatal(err)
		}
		for _, r := range records {
			if e, err := ledger.Decode(r.Raw); err == nil {
				if body, ok := e.Body.(T); ok {
					list = append(list, body)
				}
			}
		}
	}
	return list
}

func TestJournalHasWhoeverSignedIn(t *testing.T) {
	b := newBench(t)
	b.as("ben", func() { b.want(200, "POST", "/lanes/1/sales", sale("pos-1-0001", order(wang, rice), 4990)) })
	b.want(200, "POST", "/lanes/1/sales", sale("pos-1-0002", order(wang, rice), 4990))
	if first, second := b.actor("pos-1-0001"), b.actor("pos-1-0002"); first != "ben" || second != "anna" {
		t.Errorf("the journal has %q and %q, want ben and anna", first, second)
	}
	signed := b.session
	for name, session := range map[string]string{"none": "", "made-up": strings.Repeat("A", 43), "ended": signed} {
		if name == "ended" {
			b.session = signed
			b.want(204, "DELETE", "/sessions", nil)
		}
		b.session = session
		if p := b.want(401, "POST", "/lanes/1/sales", sale("pos-1-0003", order(wang, rice), 4990)); p["code"] != "sign-in-needed" {
			t.Errorf("a sale with %s: %v, want sign-in-needed", name, p)
		}
	}
	b.want(404, "GET", "/outcomes/pos-1-0003", nil)
	if p := b.want(403, "POST", "/sessions", object{"person": "anna", "pin": "000000"}); p["code"] != "wrong-pin" {
		t.Errorf("a wrong PIN: %v", p)
	}
	status, raw := b.raw("POST", "/sessions", object{"person": "anna", "pin": pin}, nil)
	if status != http.StatusTooManyRequests || !strings.Contains(string(raw), "pin-wait") {
		t.Errorf("the right PIN at once after a wrong one: %d %s, want 429", status, raw)
	}
}

func TestSeniorAgreesToWhatACashierMayNot(t *testing.T) {
	b := newBench(t)
	sold := b.want(200, "POST", "/lanes/1/sales", sale("pos-1-0001", order(wang, rice), 4990))["entry"]
	dear := sale("pos-1-0002", object{"lines": []object{{"code": rice, "quantity": 5}}}, 24950)
	large := b.want(200, "POST", "/lanes/1/sales", dear)["entry"]
	lend := func(who, pin string) object { return object{"person": who, "pin": pin, "reason": "reason-mistake"} }
	b.as("ben", func() {
		void := act("void-0001", object{"sale": sold, "void": true, "tender": "cash"})
		b.forbidden("needs-step-up", "/lanes/1/returns", void)
		for who, code := range map[string]string{"ben": "second-person", "carl": "may-not-lend"} {
			void["second"] = lend(who, pin)
			b.forbidden(code, "/lanes/1/returns", void)
		}
		void["second"] = lend("dora", "000000")
		b.forbidden("wrong-pin", "/lanes/1/returns", void)
		b.want(404, "GET", "/outcomes/void-0001", nil)
		b.Clock.Advance(time.Minute)
		void["second"] = lend("dora", pin)
		first := b.want(200, "POST", "/lanes/1/returns", void)
		delete(void, "second") // nobody keeps a PIN to ask again
		if again := b.want(200, "POST", "/lanes/1/returns", void); again["again"] != true || again["entry"] != first["entry"] {
			t.Errorf("the void again without the second person: %v, want %v", again, first)
		}
		b.forbidden("needs-step-up", "/lanes/1/returns", act("back-0001", object{"sale": large, "quantities": []int{5}, "tender": "cash"}))
		b.want(200, "POST", "/lanes/1/returns", act("back-0002", object{"sale": large, "quantities": []int{4}, "tender": "cash"}))
		b.forbidden("needs-step-up", "/lanes/1/voucher-returns", act("back-0003", object{"voucher": "t1-1-1.0"}))
	})
	if got := written[*ledger.StepUp](b); len(got) != 1 || got[0].Second != "dora" || got[0].Reason != "reason-mistake" || got[0].Action != ledger.KindReturn {
		t.Errorf("rights that were lent: %+v, want dora's to one return", got)
	}
	if who := b.actor("void-0001"); who != "ben" {
		t.Errorf("the void is %s's, want ben's", who)
	}
	b.as("carl", func() {
		b.forbidden("may-not", "/lanes/1/sales", sale("pos-1-0009", order(wang, rice), 4990))
		b.forbidden("may-not", "/lanes/1/scans", object{"code": rice})
		b.want(200, "POST", "/lanes/1/quotes", order(wang, rice))
	})
}

func TestProgramVouchesForItsOwnPeople(t *testing.T) {
	b := newBench(t)
	ask := func(token, person string) (int, string) {
		status, raw := b.raw("POST", "/sessions", object{"person": person}, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) })
		return status, string(raw)
	}
	for name, x := range map[string]struct{ token, person string }{
		"the-terminals-token": {token, "anna"}, "not-its-own": {posToken, "ben"}, "nobody": {posToken, "nobody"},
	} {
		if status, raw := ask(x.token, x.person); status != 403 || !strings.Contains(raw, "pin-needed") {
			t.Errorf("%s signs in without a PIN: %d %s, want 403 and pin-needed", name, status, raw)
		}
	}
	if status, _ := ask("a token of nobody", "anna"); status != 401 {
		t.Errorf("with a token of nobody: %d, want 401", status)
	}
	if status, raw := ask(posToken, "anna"); status != 200 || !strings.Contains(raw, `"role":"keeper"`) {
		t.Errorf("a program signs anna in: %d %s, want a session", status, raw)
	}
	var via []string
	for _, s := range written[*ledger.SignIn](b) {
		via = append(via, s.Via)
	}
	if fmt.Sprint(via) != "[ pos]" {
		t.Errorf("signed in by the word of %q, want once by PIN and once by pos", via)
	}
}

func TestLockedPersonIsUnlockedByAKeeper(t *testing.T) {
	b := newBench(t)
	for n := range 10 {
		want := map[bool]int{false: 403, true: 423}[n == 9]
		b.want(want, "POST", "/sessions", object{"person": "ben", "pin": "000000"})
		b.Clock.Advance(15 * time.Minute)
		b.session = b.enter("anna") // who works on meanwhile
	}
	if p := b.want(423, "POST", "/sessions", object{"person": "ben", "pin": pin}); p["code"] != "pin-locked" || p["zh"] == p["en"] {
		t.Errorf("the right PIN of who is locked: %v, want pin-locked", p)
	}
	_, raw := b.raw("GET", "/people", nil, nil)
	if strings.Count(string(raw), `"locked":true`) != 1 {
		t.Errorf("people: %s, want one of them locked", raw)
	}
	b.as("dora", func() {
		if p := b.want(403, "DELETE", "/people/ben/lock", nil); p["code"] != "may-not" {
			t.Errorf("a senior unlocks: %v, want may-not", p)
		}
	})
	b.want(204, "DELETE", "/people/ben/lock", nil)
	if p := b.want(422, "DELETE", "/people/ben/lock", nil); p["code"] != "not-locked" {
		t.Errorf("unlocked twice: %v, want not-locked", p)
	}
	b.as("ben", func() { b.want(200, "POST", "/lanes/1/sales", sale("pos-1-0001", order(wang, rice), 4990)) })
	if got := written[*ledger.Locked](b); len(got) != 2 || got[0].Person != "ben" || got[0].Wrong != 10 || !got[1].Off {
		t.Errorf("the journal has of locks %+v, want ben's, and its end", got)
	}
}

// The code in the answer is the voucher: who has it gets what it promises.
func TestVouchersCodeIsInTheAnswer(t *testing.T) {
	b := newBench(t)
	b.give(600)
	made := b.want(200, "POST", "/lanes/1/redemptions", object{"ref": "redeem-01", "member": wang, "benefit": "tea-set"})["vouchers"].([]any)[0].(object)
	found := b.want(200, "GET", "/outcomes/redeem-01", nil)["vouchers"].([]any)[0].(object)
	if made["benefit"] != "tea-set" || made["code"] == "" || made["qr"] != found["qr"] || made["expires"] == "" {
		t.Errorf("voucher: %v, and %v when asked again; want the same code, what it promises, and until when", made, found)
	}
	b.want(200, "POST", "/lanes/1/voucher-uses", act("use-00001", object{"code": made["qr"]}))
}

// What comes back of a coupon is no points.
func TestReturnedCountsPointsAlone(t *testing.T) {
	b := newBench(t)
	b.Give(t, lot.Lot{Owner: 1001, Asset: lot.CouponAsset("five-per-cent"), Amount: 1})
	coupon := b.Holds(t, 1001)[0].Lot.ID.String()
	b.give(500)
	o := object{"lines": []object{{"code": rice, "quantity": 10}}, "member": wang, "coupons": []string{coupon}, "deduct_fen": 500}
	sold := b.want(200, "POST", "/lanes/1/sales", sale("pos-1-0001", o, 49900))
	back := b.want(200, "POST", "/lanes/1/returns", act("void-0001", object{"sale": sold["entry"], "void": true, "tender": "cash"}))
	if paid := sold["deducted"].(object)["points"]; back["returned"] != paid || paid != 500.0 {
		t.Errorf("void of a sale that a coupon and %v points paid: %v returned, want the points", paid, back["returned"])
	}
}
