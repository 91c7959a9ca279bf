// Package held is entries of HQ's journal for a terminal that wait until it is heard,
// page by page. It decides nothing.
package held

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// atOnce is how many stand on one page.
const atOnce = 1000

// Page is some of them, oldest first; More says that another page follows.
type Page struct {
	List []ledger.Down
	More bool
}

// Fields lists the message's fields.
func (p *Page) Fields(c *codec.Coder) {
	codec.List(c, 1, &p.List, codec.FieldsMax)
	codec.Bool(c, 2, &p.More)
}

// Concerns reports whether a page changes when an entry is to wait.
func (p *Page) Concerns(entry ledger.Down) bool {
	return !p.More || slices.ContainsFunc(p.List, func(x ledger.Down) bool { return older(x, entry) })
}

// Add lets an entry wait behind all that do. A ruling takes the place of an earlier
// one, wherever that stands.
func (p *Page) Add(entry ledger.Down) {
	p.List = slices.DeleteFunc(p.List, func(x ledger.Down) bool { return older(x, entry) })
	if p.More = p.More || len(p.List) >= atOnce; !p.More {
		p.List = append(p.List, entry)
	}
}

func older(x, entry ledger.Down) bool {
	return x.Ruling != nil && entry.Ruling != nil && x.Ruling.Member == entry.Ruling.Member
}
