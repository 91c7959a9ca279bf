package localapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/role"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/webui"
	"github.com/jifen-pos/jifen/terminal/words"
)

// Second is somebody else who lends their right to one action, and why (sec U5).
type Second struct {
	Person string `json:"person" minLength:"1" maxLength:"32" pattern:"^[A-Za-z0-9._-]+$"`
	PIN    string `json:"pin" minLength:"1" maxLength:"64"`
	Reason string `json:"reason" enum:"reason-customer,reason-mistake,reason-quality,reason-price,reason-system,reason-other"`
}

// right is what an action asks of who does it.
type right struct {
	act  role.Act
	kind ledger.Kind // of the entry, for a right that is lent
	two  bool        // a second person in any case
}

// needs is the right of an action that asks for one whatever it says.
func needs[B any](act role.Act, kind ledger.Kind) func(clerk.By, B) (right, error) {
	return func(clerk.By, B) (right, error) { return right{act: act, kind: kind}, nil }
}

// returning is the right that taking goods back asks for: it goes by the money.
func (a *API) returning(by clerk.By, r till.Returning) (right, error) {
	need := right{act: role.Return, kind: ledger.KindReturn}
	if r.Void {
		need.act = role.Void
		return need, nil
	}
	money, err := a.o.Desk.RefundOf(by, r)
	if money > role.ReturnAloneFen {
		need.act = role.ReturnLarge
	}
	return need, err
}

// allow returns the second person who lends their right, "" where none is needed,
// and writes down that they did. A reference that was answered before needs
// nobody again: nothing is done for it but to say the same.
func (a *API) allow(ctx context.Context, by clerk.By, p webui.Person, need right, act Act, asked any) (second string, err error) {
	s := act.Second
	if role.Role(p.Role).May(need.act) && !need.two {
		return "", nil
	}
	if _, err := a.o.Till.Outcome(act.Ref); !errors.Is(err, clerk.ErrUnknownReference) {
		if s == nil {
			return "", nil
		}
		return s.Person, nil
	}
	switch {
	case role.Role(p.Role) == role.Auditor: // who only looks does nothing with a right that is lent either
		return "", problem(http.StatusForbidden, "may-not")
	case s == nil:
		return "", problem(http.StatusForbidden, "needs-step-up", wordOf(need.act))
	case s.Person == p.ID:
		return "", problem(http.StatusForbidden, "second-person")
	}
	lender, err := a.o.People.Check(ctx, s.Person, s.PIN)
	if err != nil {
		return "", err
	}
	if !role.Role(lender.Role).MayLend(need.act) {
		return "", problem(http.StatusForbidden, "may-not-lend", plain(lender.Name), wordOf(need.act))
	}
	input, err := json.Marshal(asked)
	if err != nil {
		return "", fmt.Errorf("lend a right: %w", err)
	}
	return lender.ID, a.o.Till.StepUp(by, till.StepUp{Action: need.kind, Input: input, Second: lender.ID, Reason: s.Reason})
}

func wordOf(act role.Act) programme.Text {
	code := "act-" + string(act)
	return programme.Text{ZH: words.In("zh", code), EN: words.In("en", code)}
}

func plain(s string) programme.Text { return programme.Text{ZH: s, EN: s} }

// claiming is the right that goods of another till's sale ask for.
func claiming(refund lot.Fen, second *Second) right {
	need := right{act: role.Return, kind: ledger.KindReturnClaim, two: second != nil}
	if refund > role.ReturnAloneFen {
		need.act = role.ReturnLarge
	}
	return need
}
