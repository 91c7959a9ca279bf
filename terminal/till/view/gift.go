package view

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/calendar"
	"github.com/jifen-pos/jifen/terminal/gift"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
)

// Gift is something that is due to a member, and to be given once.
type Gift struct {
	Reason string
	Name   programme.Text
}

// Reasons are those for which HQ says that something is due to a member: on its list of
// members, and in what it told of this one.
func Reasons(list *roll.Members, said ledger.Ruling, who member.ID) []string {
	p, _ := list.ByID(who)
	reasons := slices.Clone(p.Due)
	for _, r := range said.Gifts {
		if !slices.Contains(reasons, r) {
			reasons = append(reasons, r)
		}
	}
	return reasons
}

// GiftsOf are those of a programme for which HQ says that they are due.
func GiftsOf(p *programme.Programme, reasons []string, at calendar.Moment) (list []Gift) {
	for _, g := range gift.Due(p, reasons, at) {
		list = append(list, Gift{Reason: g.Reason, Name: g.Name})
	}
	return list
}

// Scheme is a one-to-one scheme of a member, and who advises them.
type Scheme struct {
	Name    programme.Text
	Adviser programme.Text
	Until   lot.Day // 0 is without an end
}

// SchemesOf are a member's schemes.
func SchemesOf(p *programme.Programme, who member.ID, at calendar.Moment) (list []Scheme) {
	for _, s := range p.SchemesOf(who, at) {
		list = append(list, Scheme{Name: s.Name, Adviser: s.Adviser, Until: s.Window.Until})
	}
	return list
}

// Choice is a benefit that may be handed out for a voucher.
type Choice struct {
	ID    string
	Name  programme.Text
	Worth lot.Fen
}

// ChoicesOf are what a voucher's holder may choose among on a day; nil where there
// is nothing to choose.
func ChoicesOf(p *programme.Programme, l lot.Lot, day lot.Day) (list []Choice) {
	own := l.Asset.Benefit()
	for _, b := range p.Choices(own, day) {
		list = append(list, Choice{ID: b.ID, Name: b.Name, Worth: b.WorthFen})
	}
	if len(list) == 1 && list[0].ID == own {
		return nil
	}
	return list
}

// MayHandOut reports whether a benefit may be handed out for a voucher; refused is
// why not. The voucher's own is "".
func MayHandOut(p *programme.Programme, l lot.Lot, instead string, day lot.Day) (refused string) {
	own := instead == "" || instead == l.Asset.Benefit()
	choices := ChoicesOf(p, l, day)
	for _, c := range choices {
		if c.ID == instead || own && c.ID == l.Asset.Benefit() {
			return ""
		}
	}
	switch {
	case own && choices == nil:
		return ""
	case own:
		return "voucher-choose"
	}
	return "voucher-not-instead"
}
