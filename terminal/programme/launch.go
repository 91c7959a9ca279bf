package programme

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// LaunchesMax bounds how many launches a programme announces.
const LaunchesMax = 200

// Launch is new goods, which everybody buys from a day on and members of some
// schemes before that (cap M9).
type Launch struct {
	ID    string
	Name  Text
	Items []string // GTINs of 14 digits
	From  lot.Day
}

var (
	launchNothing = Text{ZH: `新品上市要写 "items"`, EN: `a launch needs "items"`}
	mustMembers   = Text{ZH: "M 加数字的会员号", EN: "members such as M1017"}
)

func (d *draft) readLaunch(o document.Object, taken names) Launch {
	at := o.Field("id")
	l := Launch{ID: d.newID(o, "id", taken), Name: o.Text("name", NameBytesMax), Items: items(o, "items"), From: calendar.Day(o, "from", true)}
	if l.Items == nil && at.Given() {
		o.Fault(at, launchNothing)
	}
	return l
}

func readMembers(o document.Object) (list []member.ID) {
	is := func(s string) bool { _, err := member.ParseID(s); return err == nil }
	for _, s := range o.Texts("members", ListedMax, document.Words{OK: is, Must: mustMembers, Ref: "member"}) {
		id, _ := member.ParseID(s) // as the list was checked
		list = append(list, id)
	}
	return list
}

// SchemesOf lists a member's schemes: those that name them and whose time has not passed.
func (p *Programme) SchemesOf(who member.ID, on calendar.Moment) (list []Scheme) {
	for _, s := range p.Schemes {
		if (s.Window.Until == 0 || s.Window.Until >= on.Day) && slices.Contains(s.Members, who) {
			list = append(list, s)
		}
	}
	return list
}

// OnSale reports whether somebody may buy goods on a day; from is the first day on
// which they may. Nobody is 0.
func (p *Programme) OnSale(gtin string, who member.ID, on calendar.Moment) (from lot.Day, ok bool) {
	for i := range p.Launches {
		if l := &p.Launches[i]; slices.Contains(l.Items, gtin) {
			from = max(from, l.From)
		}
	}
	if from > on.Day && who != 0 {
		var before int
		for _, s := range p.SchemesOf(who, on) {
			before = max(before, s.Priority)
		}
		from -= lot.Day(before)
	}
	return from, from <= on.Day
}
