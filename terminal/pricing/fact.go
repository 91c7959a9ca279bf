package pricing

import (
	"github.com/jifen-pos/jifen/terminal/condition"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// occasion is what is known of the sale beside its goods.
func (r *Request) occasion() programme.Occasion {
	return programme.Occasion{
		At: r.At, Trusted: r.Today.Trusted, Store: r.Store, Region: r.Programme.Region(r.Store), Tier: r.Tier, Grade: r.Grade, Tender: r.Tender,
		Member: r.Member != 0, Birthday: r.Birthday,
	}
}

// makeFacts is what conditions may ask about, at list prices.
func (w *work) makeFacts() *condition.Facts {
	_, month, day := w.on.At.Day.Date()
	f := &condition.Facts{
		Fen: int64(w.Total), Lines: int64(len(w.Lines)), Store: w.on.Store, Region: w.on.Region, Tender: w.on.Tender, Tier: w.on.Tier, Grade: w.on.Grade,
		Member: w.on.Member, Birthday: w.on.Birthday,
		Weekday: (int64(w.on.At.Day) + 4) % 7, Month: int64(month), Day: int64(day), Hour: int64(w.on.At.Minute / 60),
		Goods: goods(w.r.Lines),
	}
	for i, l := range w.r.Lines {
		f.Pieces += l.Qty
		if l.Product.Eco {
			f.EcoFen += int64(w.Lines[i].Fen)
		}
	}
	return f
}

// goods counts what is in a basket for conditions.
type goods []Line

// Count is how many pieces of something there are, and what they come to at
// list prices.
func (g goods) Count(kind, name string) (pieces, fen int64) {
	for _, l := range g {
		of := ""
		switch kind {
		case "product":
			if of = l.Product.GTIN; len(of) == 14 {
				of = of[1:] // people write 13 digits
			}
		case "category":
			of = l.Product.Category
		case "brand":
			of = l.Product.Brand
		case "merchant":
			of = l.Product.Merchant
		}
		if of == name {
			pieces, fen = pieces+l.Qty, fen+l.Qty*int64(l.Product.Fen)
		}
	}
	return pieces, fen
}

// ruleOpen reports whether a rule gives anything in this sale.
func (w *work) ruleOpen(rule *programme.Rule) bool {
	if !rule.Scope.Here(&w.on) || !rule.Window.Open(w.on.At) {
		return false
	}
	if !w.on.Trusted && !rule.Window.Always() {
		w.ToConfirm = append(w.ToConfirm, rule.ID)
		return false
	}
	return w.holds(rule.When)
}
