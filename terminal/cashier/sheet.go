package cashier

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/role"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// papersShown is how many papers the page shows.
const papersShown = 6

// lockedShown is how many locked people the menu has a button for.
const lockedShown = 3

// From longFen on figures are drawn smaller; above notesMax nobody pays with
// one handful of notes.
const (
	longFen    lot.Fen = 1_000_000
	notesMax   lot.Fen = 500_000
	wordyWidth         = 100
)

// sheet is what the templates are filled from: a view in one language.
type sheet struct {
	till.View
	Lang     string
	Person   webui.Person
	Devices  []DeviceView
	Papers   []PaperView
	Training bool
	s        *Screen
}

func (s *Screen) sheet(v till.View, p webui.Person, lang string) *sheet {
	sh := &sheet{View: v, Lang: lang, Person: p, Training: s.Training(v.Lane), s: s}
	if s.o.Devices != nil {
		sh.Devices = s.o.Devices.Devices(v.Lane)
	}
	papers := s.o.Papers
	if sh.Training {
		papers = s.o.Trained
	}
	if papers != nil {
		sh.Papers = papers.List()
		sh.Papers = sh.Papers[:min(len(sh.Papers), papersShown)]
	}
	return sh
}

func (sh *sheet) programme() *programme.Programme { return sh.s.Till(sh.Lane).Programme() }

// Say gives a sentence in the sheet's language.
func (sh *sheet) Say(code string, values ...any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return sh.s.o.Server.Say(sh.Lang, code, texts...)
}

// In gives a text in the sheet's language.
func (sh *sheet) In(t programme.Text) string { return t.In(sh.Lang) }

// Asset is the URL of an asset.
func (sh *sheet) Asset(name string) (string, error) { return sh.s.o.Server.Asset(name) }

// Path is the URL of a command of the lane.
func (sh *sheet) Path(command string) string { return fmt.Sprintf("/lane/%d/%s", sh.Lane, command) }

// PaperPath is the URL of a paper's picture.
func (sh *sheet) PaperPath(name string) string {
	if sh.Training {
		return "/training/papers/" + name
	}
	return "/papers/" + name
}

// Picture is the URL of a benefit's picture.
func (sh *sheet) Picture(benefit string) string { return "/pictures/" + benefit }

// Body is a command's body with the given names and values in turn.
func (sh *sheet) Body(pairs ...any) (string, error) {
	fields := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fields[fmt.Sprint(pairs[i])] = fmt.Sprint(pairs[i+1])
	}
	b, err := json.Marshal(fields)
	return string(b), err
}

// Yuan shows money, and FenOf gives it to the script.
func (sh *sheet) Yuan(f lot.Fen) string { return "￥" + f.String() }

// FenOf is a sum in fen.
func (sh *sheet) FenOf(f lot.Fen) int64 { return int64(f) }

// Points shows points, with groups of three digits.
func (sh *sheet) Points(a lot.Amount) string { return sh.Say("points-of", grouped(int64(a))) }

// Number shows a number of points without its unit.
func (sh *sheet) Number(a lot.Amount) string { return grouped(int64(a)) }

// OtherLang is the language to switch to.
func (sh *sheet) OtherLang() string {
	if sh.Lang == "en" {
		return "zh"
	}
	return "en"
}

// Sentence is the message in words.
func (sh *sheet) Sentence() string {
	if sh.Message.Code == "" {
		return ""
	}
	values := make([]any, len(sh.Message.Args))
	for i, a := range sh.Message.Args {
		values[i] = sh.In(a)
	}
	return sh.Say(sh.Message.Code, values...)
}

// Wordy reports whether the message needs smaller type: more than about two
// lines, a Chinese character counted as two letters.
func (sh *sheet) Wordy() bool {
	width := 0
	for _, r := range sh.Sentence() {
		width++
		if r > 0x2e7f {
			width++
		}
	}
	return width > wordyWidth
}

// LevelWord says the message's level in one word.
func (sh *sheet) LevelWord() string { return sh.Say("level-" + string(sh.Message.Level)) }

// LevelIcon is the level's sign.
func (sh *sheet) LevelIcon() string {
	return map[till.Level]string{till.OK: "✓", till.Attention: "!", till.Refused: "✕"}[sh.Message.Level]
}

// ProofWord says how the member was identified, and MaySpend what it allows.
func (sh *sheet) ProofWord() string {
	return sh.Say(map[member.Proof]string{member.ByPhone: "by-phone", member.ByCard: "by-card", member.ByPass: "by-pass"}[sh.Member.Proof])
}

// MaySpend reports whether the member's points may be used now.
func (sh *sheet) MaySpend() bool {
	return sh.Member != nil && sh.Member.Proof.MaySpend() && !sh.Member.Blocked
}

// Asked is when HQ last said something of the member.
func (sh *sheet) Asked() string {
	if sh.Member.AsOf.IsZero() {
		return ""
	}
	return sh.Member.AsOf.In(sh.Now.Location()).Format("15:04")
}

// LastWord says what was finished last.
func (sh *sheet) LastWord() string {
	return sh.Say(map[ledger.Kind]string{
		ledger.KindSale: "last-sale", ledger.KindRedeem: "last-redeem", ledger.KindVoucherUse: "last-handout", ledger.KindPlay: "last-play", ledger.KindReturn: "last-exchange",
	}[sh.Last.Kind])
}

// WasSale reports whether what was finished last was a sale.
func (sh *sheet) WasSale() bool { return sh.Last.Kind == ledger.KindSale }

// LastSale is the entry of the sale that was finished last, or "".
func (sh *sheet) LastSale() string {
	if sh.Last == nil || !sh.WasSale() {
		return ""
	}
	return sh.Last.Origin.String()
}

// LastJob is the paper of what was finished last, 0 for none.
func (sh *sheet) LastJob() uint64 {
	for _, j := range sh.Jobs {
		if sh.Last != nil && j.Entry == sh.Last.Origin {
			return j.ID
		}
	}
	return 0
}

// JobWord says how far a print job has come.
func (sh *sheet) JobWord(j printjob.Job) string { return sh.Say("job-" + string(j.State)) }

// JobTitle says what a print job prints.
func (sh *sheet) JobTitle(j printjob.Job) string { return sh.Say(j.Kind.Title()) }

// OldestAt is when the oldest entry that HQ lacks was written.
func (sh *sheet) OldestAt() string {
	if sh.Now.Sub(sh.Ledger.Oldest).Hours() >= 20 {
		return sh.Ledger.Oldest.Format("01-02 15:04")
	}
	return sh.Ledger.Oldest.Format("15:04")
}

// Hour is the time of day.
func (sh *sheet) Hour() string { return sh.Now.Format("15:04") }

// ClockWord says how far the clock may be trusted.
func (sh *sheet) ClockWord() string {
	return sh.Say(map[ledger.Clock]string{
		ledger.ClockUnset: "clock-is-unset", ledger.ClockRunning: "clock-is-running", ledger.ClockSynced: "clock-is-synced",
	}[sh.Clock])
}

// ClockOK reports whether the clock may be trusted at all.
func (sh *sheet) ClockOK() bool { return sh.Clock != ledger.ClockUnset }

// State is a device's state in words.
func (sh *sheet) State(d DeviceView) string {
	if sh.Lang == "en" {
		return d.EN
	}
	return d.ZH
}

// Role is what the person is.
func (sh *sheet) Role() string { return sh.Person.Role }

// Locked are those whom somebody with the right to it can unlock here.
func (sh *sheet) Locked() []webui.Person {
	if !role.Role(sh.Person.Role).May(role.Unlock) {
		return nil
	}
	list := sh.s.o.Server.Locked()
	return list[:min(len(list), lockedShown)]
}

// Seconds are those who could lend a right: everybody else who has more than a
// cashier's.
func (sh *sheet) Seconds() (list []webui.Person) {
	for _, p := range sh.s.o.Server.People() {
		if p.ID != sh.Person.ID && role.Role(p.Role).MayLend(role.Void) {
			list = append(list, p)
		}
	}
	return list
}

// Reasons are why a right is lent.
func (sh *sheet) Reasons() []string { return role.Reasons() }

// CanTrain reports whether there is a ledger to practise on.
func (sh *sheet) CanTrain() bool {
	return sh.s.o.Training != nil && role.Role(sh.Person.Role).May(role.Train)
}

// Digits are the keys of a pad.
func (sh *sheet) Digits() []string { return strings.Split("1 2 3 4 5 6 7 8 9 0 .", " ") }

// Plus counts on or back.
func (sh *sheet) Plus(n, by any) (int64, error) {
	a, err := strconv.ParseInt(fmt.Sprint(n), 10, 64)
	if err != nil {
		return 0, err
	}
	b, err := strconv.ParseInt(fmt.Sprint(by), 10, 64)
	return a + b, err
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
