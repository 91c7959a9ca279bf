package programme

import (
	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// Limits of places and merchants.
const (
	StoresMax      = 1000
	ConcessionsMax = 20
)

// Store is a place where the programme runs.
type Store struct {
	ID     string
	Name   Text
	Region string
}

// Merchant sells under the programme and pays for the points that its goods
// earn (cap P9).
type Merchant struct {
	ID          string
	Name        Text
	UnitCost    lot.Fen // what it pays for 1,000 points
	Address     Text    // where its vouchers are redeemed (law L11)
	Concessions []Concession
	CeilingFen  lot.Fen // the most that it concedes in a month; 0 is no bound
	Strict      bool    // beyond the ceiling it funds nothing more, instead of a warning
}

// Concession is a part of what its goods are sold for that a merchant gives up
// (商家让利): rules that go by concessions turn it into points.
type Concession struct {
	RateBP int64
	Scope  Scope // of goods
}

func (d *draft) readMerchant(o document.Object) Merchant {
	m := Merchant{
		ID:         d.newID(o, "id", d.merchants),
		Name:       o.Text("name", NameBytesMax),
		UnitCost:   lot.Fen(o.Integer("unit_cost", document.Fen, 0, sumMax)),
		Address:    o.OptionalText("address", TermsBytesMax),
		CeilingFen: lot.Fen(o.IntegerOr("ceiling_fen", document.Fen, 0, 1, sumMax)),
		Strict:     o.Flag("strict"),
	}
	o.EachOptional("concessions", ConcessionsMax, func(c document.Object) {
		m.Concessions = append(m.Concessions, Concession{
			RateBP: c.Integer("rate_bp", document.Share, 0, basisPoints),
			Scope: Scope{
				Categories: c.Texts("categories", ListedMax, document.Words{OK: validName, Must: mustCategories, Ref: "category"}),
				Brands:     c.Texts("brands", ListedMax, document.Words{OK: validName, Must: mustBrands, Ref: "brand"}),
				Items:      items(c, "items"),
				Eco:        c.Flag("eco"),
			},
		})
	})
	return m
}

// ConcessionBP is what a merchant gives up of the price of goods: the first of
// its concessions that covers them, in 1/10,000.
func (p *Programme) ConcessionBP(g *Product) int64 {
	m, _ := p.Merchant(g.Merchant)
	for _, c := range m.Concessions {
		if c.Scope.Covers(g) {
			return c.RateBP
		}
	}
	return 0
}

// Region is where a store is, "" if the programme does not say.
func (p *Programme) Region(store string) string {
	s, _ := lookUp(p.Stores, func(s Store) bool { return s.ID == store })
	return s.Region
}
