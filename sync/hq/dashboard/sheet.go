package dashboard

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// sheet is what the templates are filled from: an overview in one language.
type sheet struct {
	hq.Overview
	Refused []RefusedView
	Cases   []Case // the conflicts
	Lang    string
	Person  webui.Person
	d       *Dashboard
}

func (d *Dashboard) sheet(p webui.Person, lang string) (*sheet, error) {
	o, err := d.o.HQ.Overview()
	if err != nil {
		return nil, err
	}
	refused, err := d.refused()
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	return &sheet{Overview: o, Refused: refused, Cases: d.choices.show(o.Conflicts), Lang: lang, Person: p, d: d}, err
}

// Say gives a sentence in the sheet's language.
func (sh *sheet) Say(code string, values ...any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return sh.d.o.Server.Say(sh.Lang, code, texts...)
}

// Word gives a choice in the sheet's language.
func (sh *sheet) Word(c hq.Choice) string { return sh.Say(string(c)) }

// Settles reports whether somebody may settle what waits.
func (sh *sheet) Settles() bool { return sh.d.o.Settle != nil }

// Asset is the URL of an asset.
func (sh *sheet) Asset(name string) (string, error) { return sh.d.o.Server.Asset(name) }

// LangBody switches to the other language.
func (sh *sheet) LangBody() (string, error) {
	other := "en"
	if sh.Lang == "en" {
		other = "zh"
	}
	b, err := json.Marshal(map[string]string{"lang": other})
	return string(b), err
}

// Count is how many terminals are in one presence.
type Count struct {
	Presence hq.Presence
	N        int
}

// Counts lists the presences with how many terminals are in each.
func (sh *sheet) Counts() []Count {
	list := []Count{{Presence: hq.Online}, {Presence: hq.Late}, {Presence: hq.Offline}, {Presence: hq.Never}}
	for _, t := range sh.Terminals {
		for i := range list {
			if list[i].Presence == t.Presence {
				list[i].N++
			}
		}
	}
	return list
}

// Troubled is how many terminals nothing is taken from.
func (sh *sheet) Troubled() int {
	n := 0
	for _, t := range sh.Terminals {
		if t.Trouble != "" {
			n++
		}
	}
	return n
}

// Waiting is how many entries the terminals say are not here yet.
func (sh *sheet) Waiting() uint64 {
	var n uint64
	for _, t := range sh.Terminals {
		n += t.Backlog
	}
	return n
}

// Sign is a presence's mark, so that it does not hang on colour alone.
func (sh *sheet) Sign(p hq.Presence) string {
	return map[hq.Presence]string{hq.Online: "●", hq.Late: "◐", hq.Offline: "○", hq.Never: "–"}[p]
}

// Age says how long ago something was.
func (sh *sheet) Age(t time.Time) string {
	if t.IsZero() {
		return sh.Say("age-never")
	}
	return sh.Say("age-ago", sh.Span(sh.Now.Sub(t)))
}

// Span says how long something is, in one unit.
func (sh *sheet) Span(d time.Duration) string {
	switch d = max(d, 0); {
	case d < 2*time.Minute:
		return sh.Say("span-seconds", int(d/time.Second))
	case d < 2*time.Hour:
		return sh.Say("span-minutes", int(d/time.Minute))
	case d < 48*time.Hour:
		return sh.Say("span-hours", int(d/time.Hour))
	}
	return sh.Say("span-days", int(d/(24*time.Hour)))
}

// At is a time in the programme's zone: today's without the day.
func (sh *sheet) At(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	local, now := t.In(sh.Zone), sh.Now.In(sh.Zone)
	if lot.DayOf(local) == lot.DayOf(now) {
		return local.Format("15:04:05")
	}
	return local.Format("01-02 15:04")
}

// Short is the beginning of an incarnation.
func (sh *sheet) Short(v fmt.Stringer) string {
	s := v.String()
	return s[:min(len(s), 6)]
}

// Behind reports whether HQ lacks entries of a terminal.
func (sh *sheet) Behind(t hq.TerminalView) bool { return t.Backlog > 0 || t.Says > t.Has }

// AssetName names what is counted.
func (sh *sheet) AssetName(t hq.TotalView) string {
	if name := t.Name.In(sh.Lang); name != "" {
		return name
	}
	return string(t.Asset)
}

// AddsUp reports whether every total adds up.
func (sh *sheet) AddsUp() bool {
	for _, t := range sh.Totals {
		if t.Off() != 0 {
			return false
		}
	}
	return true
}

// Yuan shows money, nothing for none.
func (sh *sheet) Yuan(f lot.Fen) string {
	if f == 0 {
		return ""
	}
	return "￥" + f.String()
}

// Moved shows points with their sign, nothing for none.
func (sh *sheet) Moved(a lot.Amount) string {
	switch {
	case a == 0:
		return ""
	case a > 0:
		return "+" + sh.Say("points-of", grouped(int64(a)))
	}
	return "−" + sh.Say("points-of", grouped(int64(-a)))
}

// Number shows a count with groups of three digits.
func (sh *sheet) Number(v any) string {
	n, err := strconv.ParseInt(fmt.Sprintf("%d", v), 10, 64)
	if err != nil {
		return fmt.Sprint(v)
	}
	return grouped(n)
}

// Terminal is how a terminal is called: its id, or HQ.
func (sh *sheet) Terminal(id uint32) string {
	if id == 0 {
		return sh.Say("hq")
	}
	return "t" + strconv.FormatUint(uint64(id), 10)
}

func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	start := 0
	if n < 0 {
		start = 1
	}
	for i := len(s) - 3; i > start; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
