package health

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// sheet is what the templates are filled from: the facts in one language.
type sheet struct {
	Facts
	Person webui.Person
	Lang   string
	server *webui.Server
}

// Say gives a sentence in the sheet's language.
func (sh *sheet) Say(code string, values ...any) string {
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = fmt.Sprint(v)
	}
	return sh.server.Say(sh.Lang, code, texts...)
}

// In gives a text in the sheet's language.
func (sh *sheet) In(t programme.Text) string { return t.In(sh.Lang) }

// Asset is the URL of an asset.
func (sh *sheet) Asset(name string) (string, error) { return sh.server.Asset(name) }

// LangBody switches to the other language.
func (sh *sheet) LangBody() (string, error) {
	other := "en"
	if sh.Lang == "en" {
		other = "zh"
	}
	b, err := json.Marshal(map[string]string{"lang": other})
	return string(b), err
}

// State is a device's state in words; one that says nothing is well.
func (sh *sheet) State(d Device) string {
	if s := sh.In(d.Says); s != "" {
		return s
	}
	return sh.Say("device-well")
}

// OldestAt is when the oldest entry that HQ lacks was written.
func (sh *sheet) OldestAt() string { return sh.Oldest.Format("01-02 15:04") }

// Hour is a time of day to the second.
func (sh *sheet) Hour(t time.Time) string { return t.Format("15:04:05") }

// ClockOK reports whether the clock may be trusted at all.
func (sh *sheet) ClockOK() bool { return sh.Clock != ledger.ClockUnset }

// ClockWord says how far the clock may be trusted.
func (sh *sheet) ClockWord() string {
	return sh.Say(map[ledger.Clock]string{
		ledger.ClockUnset: "clock-is-unset", ledger.ClockRunning: "clock-is-running", ledger.ClockSynced: "clock-is-synced",
	}[sh.Clock])
}
