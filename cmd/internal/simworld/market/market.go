// Package market is what is sold in a simulated world, by which rules, and to whom.
// It sells nothing itself.
package market

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/engine"
	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
)

// PhoneKey hides phone numbers.
var PhoneKey = []byte("a key that hides phone numbers")

// crowds are how many members there are beside those whom several stores serve all
// the time: without others nobody's points rest, with many nobody's are sought by two.
var crowds = []int{0, 0, 60, 200}

// Rules are what is sold, and by which rules.
type Rules struct {
	Text      []byte
	Others    [][]byte // programmes that HQ may publish in its place
	Programme *programme.Programme
	Products  *programme.Products
	Members   *roll.Members
	Goods     []string
}

// Limited reports whether there are only so many of a benefit.
func (r *Rules) Limited(benefit string) bool {
	b, ok := r.Programme.Benefit(benefit)
	return ok && b.Limited
}

// Parse reads a programme, once for all worlds: nobody changes one.
func (r *Rules) Parse(text []byte) (*programme.Programme, error) {
	known.Lock()
	defer known.Unlock()
	if p := known.by[string(text)]; p != nil {
		return p, nil
	}
	p, err := programme.Parse(text)
	if err == nil {
		known.by[string(text)] = p
	}
	return p, err
}

// known are the programmes that were read.
var known = struct {
	sync.Mutex
	by map[string]*programme.Programme
}{by: map[string]*programme.Programme{}}

// Member is who has a card and a phone.
type Member struct {
	ID          member.ID
	Card, Phone string
}

// Wanted says what rules a world has.
type Wanted struct {
	Lapse     bool // points lapse within days
	Strict    bool // nothing is used on trust after a boot that nothing proves
	Crowd     bool // there may be many members
	Birthdays bool // something is given on them
	Games     bool // there are some, a limited benefit and merchants with a ceiling
}

// Read makes the demo's rules the world's: points lapse within weeks, so
// that a short world sees that too.
func Read(e *engine.Engine, want Wanted) (r *Rules, members []Member) {
	days := 15 + e.Random.IntN(60)
	if want.Lapse {
		days = 2
	}
	more := 0
	if want.Crowd {
		more = engine.Pick(e, crowds)
	}
	trust := ""
	if want.Strict {
		trust = "carry: {member_fen: 0, terminal_fen: 0, voucher_fen: 0, vouchers: 0}\n"
	}
	left := slices.Clone(demo.Seasons)
	if want.Birthdays {
		left = slices.DeleteFunc(left, func(part string) bool { return part == "birthday" })
	}
	expires := fmt.Sprintf("expires: {days: %d}", days)
	text := trust + strings.ReplaceAll(string(demo.Without(left...)), "expires: {months: 12, at: month-end}", expires)
	if want.Games {
		text = withGames(text)
	}
	r = &Rules{Text: []byte(text)}
	var err error
	r.Programme, err = r.Parse(r.Text)
	e.Must("read the rules", err)
	for n := range 3 {
		other := strings.Replace(text, expires, fmt.Sprintf("expires: {days: %d}", days+7*(n+1)), 1)
		r.Others = append(r.Others, []byte(other))
	}
	r.Products, err = programme.ParseProducts(demo.Products)
	e.Must("read the products", err)
	for _, row := range strings.Split(strings.TrimSpace(string(demo.Products)), "\n")[1:] {
		r.Goods = append(r.Goods, strings.SplitN(row, ",", 2)[0])
	}
	crowd := string(demo.Members)
	for n := range more {
		crowd += fmt.Sprintf("M%d,,%s,137%08d,%d,0,\n", 2000+n, barcode.CardNumber(20_000_000+uint32(n)), n, 100*(n%3))
	}
	list := strings.Split(strings.TrimSpace(crowd), "\n")
	r.Members, err = roll.Parse([]byte(crowd), PhoneKey)
	e.Must("read the members", err)
	for _, row := range list[1:] {
		cells := strings.Split(row, ",")
		id, err := member.ParseID(cells[0])
		e.Must("read a member", err)
		members = append(members, Member{id, cells[2], cells[3]})
	}
	return r, members
}
