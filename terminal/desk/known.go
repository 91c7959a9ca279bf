package desk

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/words"
)

// nameRunesMax is the longest name that is kept.
const nameRunesMax = 40

// Confidence is what the member on a sale tells of themselves or of a child, beside
// their number, or that it is to be forgotten.
type Confidence struct {
	Ref      string
	Purpose  string // ledger.ForBirthday or ledger.ForChild
	Birthday string // 05-31, or with the year; "" takes back what was agreed to
	Agreed   bool   // by the member; of a child by its guardian, who the member is
}

// Confide keeps a birthday by the member's consent, sealed for HQ alone; of a child's
// no year at all (laws L17 and L18). Nothing to keep takes the consent back.
func (d *Desk) Confide(by clerk.By, c Confidence) (clerk.Done, error) {
	m, err := d.served(by)
	if err != nil {
		return clerk.Done{}, err
	}
	return d.confide(by, m.ID, c)
}

// ConfideFor is Confide for the member of a code, beside what is in the lane's basket.
func (d *Desk) ConfideFor(by clerk.By, who string, c Confidence) (clerk.Done, error) {
	m, err := d.shownBy(by, who)
	if err != nil {
		return clerk.Done{}, err
	}
	return d.confide(by, m.ID, c)
}

func (d *Desk) confide(by clerk.By, who member.ID, c Confidence) (done clerk.Done, err error) {
	text := map[string]string{ledger.ForBirthday: "join-about-consent", ledger.ForChild: "child-consent"}[c.Purpose]
	b := ledger.Consent{Member: who, Purpose: c.Purpose, Text: consented(text), Withdrawn: strings.TrimSpace(c.Birthday) == ""}
	k := member.Known{Birthday: strings.TrimSpace(c.Birthday)}
	day := member.Birthday(k.Birthday, d.Now().Wall)
	if c.Purpose == ledger.ForChild {
		b.Guardian, k = who, member.Known{Child: day}
	}
	switch {
	case text == "":
		return done, d.Refuse(by, "bad-birthday")
	case b.Withdrawn:
		if done, err = d.Care.Agree(by, c.Ref, b); err == nil {
			err = d.Tell(by, till.OK, "birthday-forgotten")
		}
		return done, err
	case !c.Agreed:
		return done, d.Refuse(by, "enrol-about-consent")
	case day == "":
		return done, d.Refuse(by, "bad-birthday")
	}
	if b.Sealed, err = d.sealed(k); err != nil {
		return done, err
	}
	if b.Sealed == nil {
		return done, d.Refuse(by, "enrol-no-seal")
	}
	if done, err = d.Care.Agree(by, c.Ref, b); err == nil {
		err = d.Tell(by, till.OK, "birthday-kept")
	}
	return done, err
}

// consented is the hash of what was agreed to, in both languages.
func consented(code string) []byte {
	sum := sha256.Sum256([]byte(words.In("zh", code) + "\n" + words.In("en", code)))
	return sum[:]
}

// sealed is what is known of a member, for HQ alone; nil where its key is not known.
func (d *Desk) sealed(k member.Known) ([]byte, error) {
	plain, err := json.Marshal(k)
	if err != nil || d.o.Seal == nil {
		return nil, err
	}
	b, err := d.o.Seal(d.HQKey(), plain)
	if err != nil {
		return nil, fmt.Errorf("seal what is known of a member: %w", err)
	}
	return b, nil
}

// seal puts what is known of a new member into their enrolment, for HQ alone.
// Their number goes along wherever HQ's key is known; name and birthday are
// refused where it is not, since they would be lost.
func (d *Desk) seal(e *till.Enrolment, by clerk.By, j Joining) error {
	k := member.Known{Phone: j.Phone, Name: strings.TrimSpace(j.Name), Birthday: strings.TrimSpace(j.Birthday)}
	told := k.Name != "" || k.Birthday != ""
	switch {
	case utf8.RuneCountInString(k.Name) > nameRunesMax:
		return d.Refuse(by, "bad-name")
	case k.Birthday != "" && member.Birthday(k.Birthday, d.Now().Wall) == "":
		return d.Refuse(by, "bad-birthday")
	case told && !j.Agreed:
		return d.Refuse(by, "enrol-about-consent")
	case k == member.Known{}:
		return nil
	}
	b, err := d.sealed(k)
	if e.Sealed = b; told && b == nil && err == nil {
		return d.Refuse(by, "enrol-no-seal")
	}
	if told {
		e.About = consented("join-about-consent")
	}
	return err
}
