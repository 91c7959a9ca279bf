package desk

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/words"
)

// Known is what a new member tells of themselves beside their number. A journal
// is for ever and has none of it in clear: it travels sealed, and only HQ's key
// opens it.
type Known struct {
	Phone    string `json:"phone,omitempty"`
	Name     string `json:"name,omitempty"`
	Birthday string `json:"birthday,omitempty"` // 1990-05-31, or 05-31
}

// nameRunesMax is the longest name that is kept.
const nameRunesMax = 40

// seal puts what is known of a new member into their enrolment, for HQ alone.
// Their number goes along wherever HQ's key is known; name and birthday are
// refused where it is not, since they would be lost.
func (d *Desk) seal(e *till.Enrolment, by clerk.By, j Joining) error {
	k := Known{Phone: j.Phone, Name: strings.TrimSpace(j.Name), Birthday: strings.TrimSpace(j.Birthday)}
	told := k.Name != "" || k.Birthday != ""
	switch {
	case utf8.RuneCountInString(k.Name) > nameRunesMax:
		return d.Refuse(by, "bad-name")
	case k.Birthday != "" && !birthday(k.Birthday, d.Now().Wall):
		return d.Refuse(by, "bad-birthday")
	case told && !j.Agreed:
		return d.Refuse(by, "enrol-about-consent")
	case k == Known{}:
		return nil
	}
	plain, err := json.Marshal(k)
	if err == nil && d.o.Seal != nil {
		e.Sealed, err = d.o.Seal(d.HQKey(), plain)
	}
	switch {
	case err != nil:
		return fmt.Errorf("seal what is known of a new member: %w", err)
	case told && e.Sealed == nil:
		return d.Refuse(by, "enrol-no-seal")
	case told:
		sum := sha256.Sum256([]byte(words.In("zh", "join-about-consent") + "\n" + words.In("en", "join-about-consent")))
		e.About = sum[:]
	}
	return nil
}

// birthday reports whether a text is a day of birth that can be: with its year,
// which is not to come and not too long ago, or without.
func birthday(text string, now time.Time) bool {
	if d, err := time.Parse("01-02", text); err == nil {
		return d.Year() == 0 // 02-29 is one: the year 0 has it
	}
	d, err := time.Parse(time.DateOnly, text)
	return err == nil && d.Before(now) && d.Year() >= now.Year()-120
}
