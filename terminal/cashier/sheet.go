package cashier

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/pricing"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// papersShown is how many papers the page shows.
const papersShown = 6

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
	Lang    string
	Person  webui.Person
	Devices []DeviceView
	Papers  []PaperView
	s       *Screen
}

func (s *Screen) sheet(v till.View, p webui.Person, lang string) *sheet {
	sh := &sheet{View: v, Lang: lang, Person: p, s: s}
	if s.o.Devices != nil {
		sh.Devices = s.o.Devices.Devices(v.Lane)
	}
	if s.o.Papers != nil {
		sh.Papers = s.o.Papers.List()
		sh.Papers = sh.Papers[:min(len(sh.Papers), papersShown)]
	}
	return sh
}

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

// Body is a command's body with the given names and values in turn.
func (sh *sheet) Body(pairs ...any) (string, error) {
	fields := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fields[fmt.Sprint(pairs[i])] = fmt.Sprint(pairs[i+1])
	}
	b, err := json.Marshal(fields)
	return string(b), err
}

// Yuan shows money.
func (sh *sheet) Yuan(f lot.Fen) string { return "￥" + f.String() }

// Points shows points, with groups of three digits.
func (sh *sheet) Points(a lot.Amount) string { return sh.Say("points-of", grouped(int64(a))) }

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
func (sh *sheet) MaySpend() bool { return sh.Member != nil && sh.Member.Proof.MaySpend() }

// Asked is when HQ last said something of the member.
func (sh *sheet) Asked() string {
	if sh.Member.AsOf.IsZero() {
		return ""
	}
	return sh.Member.AsOf.In(sh.Now.Location()).Format("15:04")
}

// LimitWord says which cap holds the deduction down.
func (sh *sheet) LimitWord() string {
	if l := sh.Quote.MaxDeduction.Limit; l != "" && sh.Quote.Total > 0 {
		return sh.Say("limit-" + string(l))
	}
	return ""
}

// Earnings is what the sale earns, each kind by name.
func (sh *sheet) Earnings() []string {
	var list []string
	for _, e := range sh.Quote.WouldEarn {
		list = append(list, "+"+sh.Points(e.Amount)+" "+sh.AssetName(e.Asset))
	}
	return list
}

// AssetName names a kind of points as the member's panel or a benefit does.
func (sh *sheet) AssetName(a lot.Asset) string {
	if sh.Member != nil {
		for _, p := range sh.Member.Points {
			if p.Asset == a {
				return sh.In(p.Name)
			}
		}
	}
	kind := strings.TrimPrefix(string(a), "points:")
	if word := sh.Say("asset-" + kind); word != "asset-"+kind {
		return word
	}
	return kind
}

// Notes are the sums of cash that a customer is likely to hand over: what is
// to be paid, rounded up to notes. Large bills have none.
func (sh *sheet) Notes() []lot.Fen {
	due := sh.Quote.ToPay
	if due <= 0 || due > notesMax {
		return nil
	}
	var list []lot.Fen
	for _, note := range []lot.Fen{500, 1000, 5000, 10000, 20000} {
		if note == 500 && due > 1000 {
			continue
		}
		sum := (due + note - 1) / note * note
		if sum > due && (len(list) == 0 || sum > list[len(list)-1]) {
			list = append(list, sum)
		}
	}
	return list[:min(len(list), 2)]
}

// Long reports whether the figures need smaller type.
func (sh *sheet) Long() bool { return sh.Quote.Total >= longFen }

// Ready reports whether there is something to pay for.
func (sh *sheet) Ready() bool { return len(sh.Lines) > 0 }

// Newest is the line that the last scan touched: the last one.
func (sh *sheet) Newest(i int) bool { return i == len(sh.Lines)-1 }

// Plus counts on or back.
func (sh *sheet) Plus(n, by any) (int64, error) {
	a, err := strconv.ParseInt(fmt.Sprint(n), 10, 64)
	if err != nil {
		return 0, err
	}
	b, err := strconv.ParseInt(fmt.Sprint(by), 10, 64)
	return a + b, err
}

// Number counts lines from 1.
func (sh *sheet) Number(i int) int { return i + 1 }

// Pieces is how many pieces are in the basket.
func (sh *sheet) Pieces() int64 {
	var n int64
	for _, l := range sh.Lines {
		n += l.Qty
	}
	return n
}

// LastWord says what was finished last.
func (sh *sheet) LastWord() string {
	return sh.Say(map[ledger.Kind]string{
		ledger.KindSale: "last-sale", ledger.KindRedeem: "last-redeem", ledger.KindVoucherUse: "last-handout",
	}[sh.Last.Kind])
}

// WasSale reports whether what was finished last was a sale.
func (sh *sheet) WasSale() bool { return sh.Last.Kind == ledger.KindSale }

// JobWord says how far a print job has come.
func (sh *sheet) JobWord(j printjob.Job) string { return sh.Say("job-" + string(j.State)) }

// JobTitle says what a print job prints.
func (sh *sheet) JobTitle(j printjob.Job) string { return sh.Say(j.Kind.Title()) }

// OldestAt is when the oldest entry that HQ lacks was written.
func (sh *sheet) OldestAt() string { return sh.Ledger.Oldest.Format("15:04") }

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

// DeductedAll reports whether all that can be deducted is wished for.
func (sh *sheet) DeductedAll() bool { return sh.Wish == pricing.DeductMax }

// Own is the figure that the cashier gave for the deduction, or "".
func (sh *sheet) Own() string {
	if sh.Wish <= 0 {
		return ""
	}
	return sh.Wish.String()
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
