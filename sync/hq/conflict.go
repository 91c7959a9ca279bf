package hq

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jifen-pos/jifen/sync/hq/ailment"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/late"
	"github.com/jifen-pos/jifen/sync/hq/obeyed"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Conflict is something that HQ does not settle by itself: what happened, what
// was done about it already, and what a person can choose. All of them are
// words of the catalogue.
type Conflict struct {
	Code        string
	Terminal    ledger.TerminalID
	Incarnation ledger.Incarnation // that it is about, or 0
	Of          lot.Origin         // the entry that it is about, or zero
	Done        string
	Choices     []Choice
}

// Name is how people call a conflict: the same as long as it waits.
func (c Conflict) Name() string {
	parts := []string{c.Code}
	if c.Of != (lot.Origin{}) {
		return strings.Join(append(parts, c.Of.String()), ":")
	}
	if c.Terminal != 0 {
		parts = append(parts, c.Terminal.String())
	}
	if c.Incarnation != 0 {
		parts = append(parts, c.Incarnation.String())
	}
	return strings.Join(parts, ":")
}

// Claim reports whether a conflict is a claim that a person settles: they may grant
// something of it.
func (c Conflict) Claim() bool { return slices.Contains(c.Choices, ChooseRefuse) }

// Choice is one way to settle a conflict.
type Choice string

// Costs reports whether a choice may cost the store what a terminal holds.
func (c Choice) Costs() bool {
	return c == ChooseDecommission || c == ChooseNotToWait || c == ChooseFree
}

// ForGood reports whether nobody can take a choice back. After going on, HQ stops
// again where the same happens again.
func (c Choice) ForGood() bool { return c != ChooseResume }

// The choices.
const (
	ChooseResume       Choice = "choice-resume"
	ChooseKeepFirst    Choice = "choice-keep-first"
	ChooseDecommission Choice = "choice-decommission"
	ChooseTakeOver     Choice = "choice-take-over"
	ChooseNotToWait    Choice = "choice-not-to-wait"
	ChooseGrant        Choice = "choice-grant"
	ChooseWriteOff     Choice = "choice-write-off"
	ChooseRefuse       Choice = "choice-refuse"
	ChooseLifeOver     Choice = "choice-life-over"
	ChooseFree         Choice = "choice-free"
)

// ErrChoice says that a conflict is not there, or not to be settled that way.
var ErrChoice = errors.New("no such conflict, or no such choice")

// Conflicts lists what waits for a person, in order of terminals.
func (h *HQ) Conflicts() (out []Conflict, err error) {
	err = h.Look(func(w *decision.Work) error {
		out = nil
		fenced, err := w.Tx.Meta(fencedMeta)
		if err != nil {
			return err
		}
		if fenced != "" {
			out = append(out, Conflict{Code: "conflict-fenced", Done: "done-silent", Choices: []Choice{ChooseTakeOver}})
		}
		terminals, err := w.Tx.Terminals()
		if err != nil {
			return err
		}
		for _, t := range terminals {
			list, err := h.conflictsOf(w, t)
			if err != nil {
				return err
			}
			out = append(out, list...)
		}
		more, err := lateOnes(w)
		if err != nil {
			return err
		}
		claims, err := parked(w.Tx)
		out = slices.Concat(out, more, claims)
		return err
	})
	slices.SortStableFunc(out, func(a, b Conflict) int { return cmp.Compare(a.Terminal, b.Terminal) })
	return out, err
}

func (h *HQ) conflictsOf(w *decision.Work, t book.Terminal) (out []Conflict, err error) {
	gone, err := w.Gone(t.ID)
	if err != nil || gone {
		return nil, err
	}
	if t.Trouble != "" {
		c := Conflict{Code: t.Trouble, Terminal: t.ID, Done: "done-stopped", Choices: []Choice{ChooseResume, ChooseDecommission}}
		if c.Incarnation, err = stranger(w.Tx, t.ID); err != nil {
			return nil, err
		}
		if c.Incarnation != 0 {
			c.Choices = []Choice{ChooseKeepFirst, ChooseResume, ChooseDecommission}
		}
		out = append(out, c)
	}
	faults, err := ailment.Of(w, t.ID)
	if err != nil {
		return nil, err
	}
	for _, code := range faults {
		out = append(out, Conflict{Code: code, Terminal: t.ID, Done: "done-sells-on", Choices: []Choice{ChooseDecommission}})
	}
	if later, err := obeyed.Of(w.Tx, t.ID); err != nil {
		return nil, err
	} else if later > h.Epoch() {
		out = append(out, Conflict{Code: "conflict-later-epoch", Terminal: t.ID, Done: "done-not-believed", Choices: []Choice{ChooseTakeOver, ChooseDecommission}})
	}
	unheard, err := w.Unheard()
	if err != nil {
		return nil, err
	}
	if slices.Contains(unheard, t.ID) {
		out = append(out, Conflict{Code: "conflict-unheard", Terminal: t.ID, Done: "done-gives-nothing", Choices: []Choice{ChooseNotToWait, ChooseDecommission}})
	}
	critical, err := w.Tx.Meta(decision.CriticalMeta(t.ID))
	if err != nil {
		return nil, err
	}
	if critical != "" {
		out = append(out, Conflict{Code: "conflict-unknown-kind", Terminal: t.ID, Done: "done-kept-unread", Choices: []Choice{ChooseDecommission}})
	}
	_, waiting, err := w.Desk.Passed(t.ID)
	if err != nil {
		return nil, err
	}
	for _, n := range waiting {
		i := ledger.Incarnation(n.Incarnation)
		if !slices.ContainsFunc(out, func(c Conflict) bool { return c.Code == "conflict-note-waits" && c.Incarnation == i }) {
			out = append(out, Conflict{Code: "conflict-note-waits", Terminal: t.ID, Incarnation: i, Done: "done-held-back", Choices: []Choice{ChooseLifeOver}})
		}
	}
	state, err := fold.Load(t.ID, w.Tx.State(t.ID))
	if errors.Is(err, fold.ErrState) { // HQ's own damage, of which there is an alarm
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	for _, parent := range state.Waiting() {
		out = append(out, Conflict{
			Code: "conflict-unproven", Terminal: t.ID, Incarnation: parent.Head.Incarnation, Done: "done-frozen", Choices: []Choice{ChooseFree, ChooseDecommission},
		})
	}
	return out, nil
}

// lateOnes lists what decommissioned terminals awarded late, by entry.
func lateOnes(w *decision.Work) (out []Conflict, err error) {
	list, err := late.Awards(w)
	for _, l := range list {
		if len(out) == 0 || out[len(out)-1].Of != l.Of {
			out = append(out, Conflict{Code: "conflict-late", Terminal: l.At, Of: l.Of, Done: "done-held-back", Choices: []Choice{ChooseGrant, ChooseWriteOff}})
		}
	}
	return out, err
}

// parked lists the claims that a person settles. What to grant of one, they say
// with DecideClaim.
func parked(tx book.Tx) (out []Conflict, err error) {
	keys, _, err := tx.DeskRows(office.ClaimRows)
	if err != nil {
		return nil, err
	}
	desk := office.NewDesk(tx.Desk())
	for _, key := range keys {
		of := office.ClaimOf(key)
		k, err := desk.Claim(of)
		if err != nil {
			return nil, err
		}
		if k.Status == office.ClaimParked {
			out = append(out, Conflict{Code: k.Why, Terminal: ledger.TerminalID(of.Terminal), Of: of, Done: "done-held-back", Choices: []Choice{ChooseRefuse}})
		}
	}
	return out, nil
}

// Choose settles a conflict as a person chose. It must be one that Conflicts
// lists, with one of its choices.
func (h *HQ) Choose(c Conflict, choice Choice, by By) error {
	if err := people.Named(by); err != nil {
		return err
	}
	h.choosing.Lock() // of two who choose at once, the second finds it settled
	defer h.choosing.Unlock()
	list, err := h.Conflicts()
	if err != nil {
		return err
	}
	same := func(o Conflict) bool {
		return o.Code == c.Code && o.Terminal == c.Terminal && o.Incarnation == c.Incarnation && o.Of == c.Of && slices.Contains(o.Choices, choice)
	}
	if !slices.ContainsFunc(list, same) {
		return fmt.Errorf("%s of %s, %s: %w", c.Code, c.Terminal, choice, ErrChoice)
	}
	switch choice {
	case ChooseDecommission:
		return h.Decommission(c.Terminal, by)
	case ChooseTakeOver:
		return h.TakeOver(by)
	case ChooseNotToWait:
		return h.AcceptUnheard(c.Terminal, by)
	case ChooseGrant, ChooseWriteOff:
		return h.DecideLate(c.Of, choice == ChooseGrant, by)
	case ChooseRefuse:
		return h.DecideClaim(c.Of, nil, by)
	case ChooseLifeOver:
		return h.judge(c, office.LifeOver, by)
	case ChooseFree:
		return h.decide(func(w *decision.Work) error {
			_, err := w.Release(c.Terminal, c.Incarnation, lot.FenMax, by)
			return errors.Join(err, w.Alarm(c.Terminal, "alarm-exposure", by.Actor+": "+by.Reason))
		})
	case ChooseKeepFirst:
		return h.judge(c, office.Bar, by)
	}
	return h.judge(c, office.Resume, by)
}

// judge enters a person's decision about a terminal, and does it.
func (h *HQ) judge(c Conflict, v office.Verdict, by By) error {
	return h.decide(func(w *decision.Work) error {
		body := &office.Judge{Terminal: c.Terminal, Incarnation: c.Incarnation, Verdict: v, By: w.By(by)}
		if _, err := w.Enter(body); err != nil {
			return err
		}
		switch v {
		case office.LifeOver:
			return w.TakeBacks(c.Terminal)
		case office.Resume, office.Bar:
		}
		t, err := w.Tx.Terminal(c.Terminal)
		if err != nil {
			return err
		}
		t.Trouble = ""
		return errors.Join(w.Tx.PutTerminal(t), w.Tx.PutMeta(strangerMeta(c.Terminal), ""))
	})
}

// strangerMeta names the life that stopped the exchange with a terminal, where
// it is one that HQ does not have.
func strangerMeta(id ledger.TerminalID) string { return "stranger-" + id.String() }

func stranger(tx book.Tx, id ledger.TerminalID) (ledger.Incarnation, error) {
	s, err := tx.Meta(strangerMeta(id))
	if err != nil || s == "" {
		return 0, err
	}
	n, err := strconv.ParseUint(s, 16, 64)
	return ledger.Incarnation(n), err
}

// meetStranger remembers the life that stopped the exchange, unless it is the
// newest that HQ has: one that HQ does not have, or one that goes on after the
// disk seemed to have gone back.
func meetStranger(tx book.Tx, id ledger.TerminalID, i ledger.Incarnation) error {
	streams, err := tx.Streams(id)
	if n := len(streams); err != nil || n > 0 && streams[n-1].Incarnation == i {
		return err
	}
	return tx.PutMeta(strangerMeta(id), i.String())
}
