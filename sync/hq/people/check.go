package people

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// What a person is refused before anything is written. Each says what is wrong with
// what they asked for.
var (
	ErrPerson    = errors.New("a named person and a reason are needed")
	ErrLong      = fmt.Errorf("is too long for HQ's journal, which keeps %d bytes: about %d Chinese characters", office.TextBytesMax, office.TextBytesMax/3)
	ErrUnknown   = errors.New("is no member that HQ knows")
	ErrSelf      = errors.New("cannot be merged with themselves")
	ErrMerged    = errors.New("is merged already: jifen member unmerge first")
	ErrElder     = errors.New("has been merged into and would become the younger: unmerge that one first")
	ErrNotMerged = errors.New("was not merged into anybody")
	ErrMatched   = errors.New("does not wait to be matched")
	ErrBlocked   = errors.New("is blocked already")
	ErrFree      = errors.New("is not blocked")
	ErrTwice     = errors.New("is named twice")
	ErrPoints    = errors.New("is no kind of points of the programme in force")
	ErrNone      = errors.New("no till holds any")
	ErrAmount    = errors.New("is no number of points that can be given or taken")
)

// ShortError says that HQ holds less than is to be taken. Only HQ's part can be: what
// lies elsewhere is the right of whoever holds it until it has come back.
type ShortError struct {
	Want lot.Amount
	Points
	Member member.ID
}

func (e *ShortError) Error() string {
	s := fmt.Sprintf("%d of %s are to be taken from %s, of whom HQ holds %d", e.Want, e.Asset, e.Member, e.HQ)
	if e.Terminals > 0 {
		s += fmt.Sprintf(", and tills %d: jifen member recall asks for these, and when they have come they can be taken", e.Terminals)
	}
	if e.Carried > 0 {
		s += fmt.Sprintf("; %d are %s", e.Carried, carried)
	}
	if e.Lost > 0 {
		s += fmt.Sprintf("; %d %s", e.Lost, forgotten)
	}
	return s
}

// carried is what is on its way: HQ can ask for it once its taker has said that it came.
const carried = "on the way to a till that has not said yet that they came: try again in a minute"

// forgotten is what a board had that is gone, and may have used: HQ has forgotten what it
// had heard of it. Only the board itself can tell.
const forgotten = "went to a till that is gone, and HQ has forgotten what became of them: jifen board hear, if it turns up"

// Named checks that a person stands for what is decided, in words that the journal
// can keep: what is longer could be written and never be read again.
func Named(by decision.By) error {
	if by.Actor == "" || by.Actor == office.Policy || by.Reason == "" {
		return ErrPerson
	}
	for _, text := range []string{by.Actor, by.Reason} {
		if len(text) > office.TextBytesMax || !utf8.ValidString(text) {
			return fmt.Errorf("%q %w", text, ErrLong)
		}
	}
	return nil
}

// Known checks that HQ knows members: from the list that was published, by what they
// own, or since a till has to do with them.
func Known(w *decision.Work, ids ...member.ID) error {
	for _, id := range ids {
		opened, err := w.Tx.Meta(decision.OpenedMeta(id))
		if err != nil {
			return err
		}
		seen, err := w.Desk.SeenBy(id)
		if err != nil {
			return err
		}
		if opened != "" || len(seen) > 0 {
			continue
		}
		if owned, err := w.Owned(id); err != nil {
			return err
		} else if len(owned) == 0 || id == 0 {
			return fmt.Errorf("%s %w", id, ErrUnknown)
		}
	}
	return nil
}

// Join merges two members whom HQ knows, and says why it cannot where it cannot.
func Join(w *decision.Work, a, b member.ID, by decision.By) (older member.ID, err error) {
	if a == b {
		return 0, fmt.Errorf("%s %w", a, ErrSelf)
	}
	if err := Known(w, a, b); err != nil {
		return 0, err
	}
	for _, id := range []member.ID{a, b} {
		if p, err := w.Desk.Person(id); err != nil {
			return 0, err
		} else if p.To != 0 {
			return 0, fmt.Errorf("%s, who is %s, %w", id, p.To, ErrMerged)
		}
	}
	older, err = Merge(w, a, b, by)
	if errors.Is(err, office.ErrAlias) { // the younger one has younger ones, or the older one too many
		err = fmt.Errorf("%s or %s %w", a, b, ErrElder)
	}
	return older, err
}

// Part unmerges a member who was merged. It returns whom they were merged into.
func Part(w *decision.Work, from member.ID, by decision.By) (older member.ID, err error) {
	if err := Known(w, from); err != nil {
		return 0, err
	}
	p, err := w.Desk.Person(from)
	if err != nil {
		return 0, err
	}
	if older = p.To; older == 0 {
		return 0, fmt.Errorf("%s %w", from, ErrNotMerged)
	}
	return older, Unmerge(w, from, by)
}

// Block lets a member spend no more, under any of their ids, or again. Their tier stays.
func Block(w *decision.Work, id member.ID, blocked bool, by decision.By) error {
	if err := Known(w, id); err != nil {
		return err
	}
	persons, err := w.Desk.Persons(id)
	if err != nil {
		return err
	}
	var of []member.ID
	for _, p := range persons {
		if known, err := w.Desk.Person(p); err != nil {
			return err
		} else if known.Blocked {
			of = append(of, p)
		}
	}
	switch {
	case blocked && len(of) > 0:
		return fmt.Errorf("%s %w", id, ErrBlocked)
	case !blocked && len(of) == 0:
		return fmt.Errorf("%s %w", id, ErrFree)
	case blocked:
		of = persons[:1]
	}
	w.Touch(persons[0])
	for _, p := range of { // one who was merged may have been blocked before
		known, err := w.Desk.Person(p)
		if err != nil {
			return err
		}
		body := &office.Ruling{Member: p, Tier: known.Tier, Blocked: blocked, Since: known.Since, Until: known.Until, Told: known.Told, By: w.By(by)}
		if err := rule(w, body, p); err != nil {
			return err
		}
	}
	return nil
}

// Confirm matches a member whom a till enrolled and who waits for it.
func Confirm(w *decision.Work, id member.ID, by decision.By) error {
	if err := Known(w, id); err != nil {
		return err
	}
	if matched, err := w.Known(id); err != nil {
		return err
	} else if matched {
		return fmt.Errorf("%s %w", id, ErrMatched)
	}
	return Match(w, id, by)
}

// Family sets a household of members whom HQ knows.
func Family(w *decision.Work, members []ledger.Relative, by decision.By) error {
	var seen []member.ID
	for _, m := range members {
		if err := Known(w, m.Member); err != nil {
			return err
		}
		if m.Pool < 0 || m.Pool > lot.AmountMax {
			return fmt.Errorf("%d %w", m.Pool, ErrAmount)
		}
		persons, err := w.Desk.Persons(m.Member)
		if err != nil {
			return err
		}
		if slices.Contains(seen, persons[0]) {
			return fmt.Errorf("%s %w", m.Member, ErrTwice)
		}
		seen = append(seen, persons[0])
	}
	if most := householdMost(w); len(members) > most {
		return fmt.Errorf("%d members are more than the %d that may be one household: %w", len(members), most, lot.ErrAmount)
	}
	return SetHousehold(w, members, by)
}

// Issue is points of a kind as the programme itself would give them today.
func Issue(w *decision.Work, asset lot.Asset, n lot.Amount) (i ledger.Issue, err error) {
	p := w.Programme()
	if !asset.Points() || p.Worth(asset) == (lot.Ratio{}) {
		return i, fmt.Errorf("%q %w", asset, ErrPoints)
	}
	if n <= 0 || n > lot.AmountMax {
		return i, fmt.Errorf("%d %w", n, ErrAmount)
	}
	i = ledger.Issue{Asset: asset, Amount: n}
	i.Active, i.Expires = p.TermsOf(asset, w.Today().Day)
	if fen, err := p.Worth(asset).Inverse().Ceil(1000); err == nil { // the programme itself bears it
		i.UnitCost = lot.Fen(fen)
	}
	return i, nil
}

// Correct gives a member points, or takes them out of what HQ holds, soonest expiry
// first: a mistake is mended.
func Correct(w *decision.Work, id member.ID, asset lot.Asset, n lot.Amount, by decision.By) error {
	if err := Known(w, id); err != nil {
		return err
	}
	persons, err := w.Desk.Persons(id)
	if err != nil {
		return err
	}
	size := n
	if n < 0 {
		size = -n
	}
	issue, err := Issue(w, asset, size)
	if err != nil {
		return err
	}
	if n > 0 {
		return Adjust(w, persons[0], []ledger.Issue{issue}, nil, by)
	}
	free, err := w.Free(id)
	if err != nil {
		return err
	}
	draws, err := lot.Plan(free, asset, size, w.Today())
	var short *lot.ShortError
	if errors.As(err, &short) {
		at, err := PointsOf(w, id, asset)
		at.HQ = short.Has
		return errors.Join(err, &ShortError{Member: persons[0], Want: size, Points: at})
	}
	if err == nil && len(draws) > lot.HoldingsMax {
		err = fmt.Errorf("%d out of %d parcels: %w", size, len(draws), ErrAmount)
	}
	if err != nil {
		return err
	}
	return Adjust(w, persons[0], nil, draws, by)
}

// Recall asks the tills that hold points of a member for all of them.
func Recall(w *decision.Work, id member.ID, asset lot.Asset, by decision.By) error {
	if err := Known(w, id); err != nil {
		return err
	}
	at, err := PointsOf(w, id, asset)
	switch {
	case err != nil:
		return err
	case at.Terminals == 0 && at.Carried > 0:
		return fmt.Errorf("%d of %s of %s are %s", at.Carried, asset, id, carried)
	case at.Terminals == 0 && at.Lost > 0:
		return fmt.Errorf("%s of %s: %w; %d %s", asset, id, ErrNone, at.Lost, forgotten)
	case at.Terminals == 0:
		return fmt.Errorf("%s of %s: %w", asset, id, ErrNone)
	}
	_, err = w.RecallAll(id, func(a book.Account) bool { return a.Lot.Asset == asset }, by)
	return err
}
