package dashboard

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/exposure"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/people"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Settler is HQ, where somebody at the page settles what waits for a person.
type Settler interface {
	Choose(c hq.Conflict, choice hq.Choice, by hq.By) error
	Exposure(id ledger.TerminalID) (exposure.Exposure, error)
}

// Office is HQ as a Settler.
type Office struct{ *hq.HQ }

// Exposure is what the store may lose at a terminal.
func (o Office) Exposure(id ledger.TerminalID) (e exposure.Exposure, err error) {
	err = o.Look(func(w *decision.Work) error {
		e, err = exposure.Of(w, id)
		return err
	})
	return e, err
}

var _ Settler = Office{}

// keptMax is how many answers are kept for who asks again.
const keptMax = 200

// Case is what waits for a person, as the page has it.
type Case struct {
	hq.Conflict
	Ref string // the page's name of this one matter: it is settled once under it
}

// Panel is the id of the panel in which a choice is confirmed.
func (c Case) Panel(n int) string { return fmt.Sprintf("settle-%s-%d", c.Ref, n) }

// choices are the references under which matters are shown, and what came of those
// that were settled here. They are kept in memory only: what was decided is in HQ's
// journal.
type choices struct {
	mu    sync.Mutex
	open  map[string]Case // by the conflict's name
	done  map[string]made // by reference
	order []string        // of done, oldest first
	told  map[string]bool // by reference, choice and person: what may be lost was said
}

// made is a choice that somebody made.
type made struct {
	by     webui.Person
	choice hq.Choice
}

// show gives every conflict its reference: the same as long as it waits.
func (s *choices) show(list []hq.Conflict) []Case {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil || len(s.open) > keptMax {
		s.open = map[string]Case{}
	}
	out := make([]Case, len(list))
	for n, c := range list {
		known, ok := s.open[c.Name()]
		if !ok {
			known.Ref = strings.ToLower(rand.Text())
		}
		known.Conflict = c
		s.open[c.Name()], out[n] = known, known
	}
	return out
}

// settle has a matter settled, once: who asks again in the same words gets the same
// answer, and everybody else hears who has settled it meanwhile.
func (s *choices) settle(ref string, m made, do func(hq.Conflict) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if before, ok := s.done[ref]; ok {
		if before.by.ID == m.by.ID && before.choice == m.choice {
			return nil
		}
		return &otherwise{before}
	}
	for name, c := range s.open {
		if c.Ref != ref {
			continue
		}
		if err := do(c.Conflict); err != nil {
			return err
		}
		delete(s.open, name)
		s.keep(ref, m)
		return nil
	}
	return hq.ErrChoice
}

func (s *choices) keep(ref string, m made) {
	if s.done == nil {
		s.done = map[string]made{}
	}
	if s.done[ref], s.order = m, append(s.order, ref); len(s.order) > keptMax {
		delete(s.done, s.order[0])
		s.order = s.order[1:]
	}
}

// otherwise says that somebody has settled a matter in another way.
type otherwise struct{ made }

func (*otherwise) Error() string { return "settled meanwhile" }

func (d *Dashboard) mountSettle() {
	if d.o.Settle == nil {
		return
	}
	d.o.Server.Signed("POST /settle", func(w http.ResponseWriter, r *http.Request, p webui.Person) {
		f, err := webui.Fields(r, "ref", "choice", "reason", "sure")
		if err == nil {
			err = d.settle(f, p, d.o.Server.Lang(r))
		}
		d.o.Server.Reply(w, r, err)
	})
}

// settle does what somebody chose, in words for them if it cannot be.
func (d *Dashboard) settle(f map[string]string, p webui.Person, lang string) error {
	by := hq.By{Actor: p.ID, Reason: strings.TrimSpace(f["reason"])}
	m := made{by: p, choice: hq.Choice(f["choice"])}
	err := d.choices.settle(f["ref"], m, func(c hq.Conflict) error {
		if !slices.Contains(c.Choices, m.choice) {
			return hq.ErrChoice
		}
		if err := people.Named(by); err != nil {
			return err
		}
		if err := d.sure(c, f["ref"], m, f["sure"] != ""); err != nil {
			return err
		}
		return d.o.Settle.Choose(c, m.choice, by)
	})
	var meanwhile *otherwise
	switch {
	case errors.As(err, &meanwhile):
		return &webui.Fault{Status: http.StatusConflict, Code: "settle-meanwhile", Args: []string{meanwhile.by.Name, d.o.Server.Say(lang, string(meanwhile.choice))}}
	case errors.Is(err, hq.ErrChoice), errors.Is(err, office.ErrClaim), errors.Is(err, decision.ErrGone):
		return &webui.Fault{Status: http.StatusConflict, Code: "settle-gone"}
	case errors.Is(err, hq.ErrFenced):
		return &webui.Fault{Status: http.StatusConflict, Code: "settle-fenced"}
	case errors.Is(err, people.ErrPerson):
		return &webui.Fault{Status: http.StatusBadRequest, Code: "settle-why", Field: "reason"}
	case errors.Is(err, people.ErrLong):
		return &webui.Fault{Status: http.StatusBadRequest, Code: "settle-long", Field: "reason"}
	}
	return err
}

// sure asks somebody whether they know what they are about to do. What the store may
// lose by it they are told before it is done, however sure they are.
func (d *Dashboard) sure(c hq.Conflict, ref string, m made, sure bool) error {
	key := ref + " " + string(m.choice) + " " + m.by.ID
	switch {
	case !m.choice.ForGood(), sure && (d.choices.told[key] || !m.choice.Costs()):
		return nil
	case !m.choice.Costs():
		return &webui.Fault{Status: http.StatusBadRequest, Code: "settle-sure", Field: "sure"}
	}
	e, err := d.o.Settle.Exposure(c.Terminal)
	if err != nil {
		return fmt.Errorf("exposure of %s: %w", c.Terminal, err)
	}
	if d.choices.told == nil || len(d.choices.told) > keptMax {
		d.choices.told = map[string]bool{}
	}
	d.choices.told[key] = true
	return &webui.Fault{Status: http.StatusBadRequest, Code: "settle-sure-costs", Field: "sure", Args: []string{c.Terminal.String(), e.Held.String(), e.Frozen.String()}}
}
