package office

import (
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Household says who belongs together and what each lets the others spend of
// theirs in a month (rule S13): in the place of the households that they were of.
// One member alone belongs to none.
type Household struct {
	Members []ledger.Relative
	By
}

// Fields lists the message's fields.
func (h *Household) Fields(c *codec.Coder) {
	codec.List(c, 1, &h.Members, ledger.HouseholdMax)
	h.By.fields(c)
}

// Kind is household.
func (*Household) Kind() string { return "household" }

// Moves is nothing.
func (*Household) Moves(lot.Origin) Moves { return Moves{} }

// household joins members, and takes them out of where they were.
func (d *Desk) household(b *Household) error {
	for n, m := range b.Members {
		if slices.ContainsFunc(b.Members[:n], func(o ledger.Relative) bool { return o.Member == m.Member }) {
			return fmt.Errorf("%s twice in a household: %w", m.Member, ErrAlias)
		}
		p, err := d.Person(m.Member)
		if err != nil {
			return err
		}
		for _, old := range p.Household {
			if err := d.leave(old, m); err != nil {
				return err
			}
		}
	}
	for _, m := range b.Members {
		others := slices.DeleteFunc(slices.Clone(b.Members), func(o ledger.Relative) bool { return o.Member == m.Member })
		err := edit(d, PersonKey(m.Member), func(p *Person) error {
			p.Pool, p.Household = m.Pool, others
			if len(others) == 0 {
				p.Pool = 0
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// leave takes a member out of what another one calls their household.
func (d *Desk) leave(of, who ledger.Relative) error {
	return edit(d, PersonKey(of.Member), func(p *Person) error {
		p.Household = slices.DeleteFunc(p.Household, func(o ledger.Relative) bool { return o.Member == who.Member })
		if len(p.Household) == 0 {
			p.Pool = 0
		}
		return nil
	})
}
