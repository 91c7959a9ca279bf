package clerk

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/member"
)

// About is what the journal knows of a member.
func (c *Clerk) About(id member.ID) (a fold.About, err error) {
	err = c.Inspect(func(state *fold.State) (err error) {
		a, err = state.About(id)
		return err
	})
	return a, err
}

// Sharing are the others of a member's household who let them use points of
// theirs (rule S13). Who is blocked shares nothing, and who turned out to be one
// person with the member, or with another of them, is there once.
func Sharing(state *fold.State, who member.ID) (list []ledger.Relative, err error) {
	about, err := state.About(who)
	if err != nil {
		return nil, err
	}
	self, err := state.Canonical(who)
	known := []member.ID{self}
	for _, r := range about.Ruling.Household {
		if err != nil {
			return nil, err
		}
		theirs, err := state.About(r.Member)
		if err != nil {
			return nil, err
		}
		person, err := state.Canonical(r.Member)
		if err != nil {
			return nil, err
		}
		if r.Pool == 0 || theirs.Ruling.Blocked || slices.Contains(known, person) {
			continue
		}
		known, list = append(known, person), append(list, r)
	}
	return list, err
}

// Sharing is the function of the same name on what the journal says now.
func (c *Clerk) Sharing(who member.ID) (list []ledger.Relative, err error) {
	err = c.Inspect(func(state *fold.State) (err error) {
		list, err = Sharing(state, who)
		return err
	})
	return list, err
}
