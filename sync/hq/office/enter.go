package office

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/spent"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Enter takes in what the entry of the office with a name decided. An error means that it
// does not follow from what was decided before; nothing of it must be kept.
func (d *Desk) Enter(at lot.Origin, b Body) error {
	switch b := b.(type) {
	case *Notice:
		return d.notice(b)
	case *Incident:
		if len(b.Lots) > 0 {
			return d.lasting(b)
		}
		return edit(d, incidentKey, func(i *incidents) error { return i.put(*b) })
	case *Expire:
		for _, s := range b.Swapped {
			if err := d.unspend(s, 0); err != nil {
				return err
			}
		}
	case *SettleDue:
		return d.settleDue(b)
	case *Waive:
		return edit(d, PersonKey(b.Owner), func(p *Person) error { return p.settle(Due{Lot: b.Lot, Amount: b.Amount, Cap: b.Cap}, d.early) })
	case *Net:
		return d.less(b.Owed)
	case *Forgive:
		return d.less(b.Owed)
	case *Alias:
		return d.alias(b)
	case *SettleClaim:
		return d.settleClaim(b)
	case *Ruling:
		return edit(d, PersonKey(b.Member), func(p *Person) error {
			p.Tier, p.Blocked, p.Since, p.Until, p.Told = b.Tier, b.Blocked, b.Since, b.Until, b.Told
			return nil
		})
	case *Grading:
		return edit(d, PersonKey(b.Member), func(p *Person) error { p.Green = b.Rank; return nil })
	case *Household:
		return d.household(b)
	case *Extend:
		return d.extend(at, b)
	case *Release:
		return d.release(b)
	case *Decommission:
		return d.decommission(b)
	case *TakeBack:
		return d.takeBack(b)
	case *Judge:
		return d.judge(b)
	case *Deal:
		return d.deal(at, b)
	case *Reveal:
		return d.reveal(b)
	case *Regain:
		return d.regain(b)
	case *MakeGood:
		for _, of := range b.Entries {
			err := edit(d, soldKey(of), func(s *Sold) error {
				up := b.Reason == "tier-true-up"
				s.TruedUp, s.MadeGood = s.TruedUp || up, s.MadeGood || !up
				return nil
			})
			if err != nil {
				return err
			}
		}
	default:
		return d.hear(at, b)
	}
	return nil
}

// lasting remembers of lots that an incident lets them last.
func (d *Desk) lasting(b *Incident) error {
	for _, l := range b.Lots {
		err := edit(d, lotKey(l.Lot), func(k *Kept) error {
			k.Until, k.Incident = max(k.Until, l.Until), b.ID
			return nil
		})
		if err == nil && l.Owner != 0 {
			err = edit(d, PersonKey(l.Owner), func(p *Person) error {
				p.Lasts = ledger.Longer(p.Lasts, l, b.Day) // the tills are told
				return nil
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) notice(b *Notice) error {
	for _, id := range b.Lots {
		err := edit(d, lotKey(id), func(k *Kept) error {
			if k.Noticed == 0 {
				k.Noticed = b.Day
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// extend remembers of the new lots since when HQ has held what they go on with.
func (d *Desk) extend(at lot.Origin, b *Extend) error {
	for n, l := range b.Lots {
		k, err := d.Kept(l.From)
		if err != nil {
			return err
		}
		if k.Since == 0 {
			continue
		}
		if err := d.Arrive(lot.ID{Origin: at, N: uint32(n)}, k.Since); err != nil {
			return err
		}
	}
	return nil
}

// put adds an incident, or changes its days.
func (i *incidents) put(b Incident) error {
	at := slices.IndexFunc(i.List, func(x Incident) bool { return x.ID == b.ID })
	switch {
	case at >= 0:
		i.List[at] = b
	case len(i.List) == incidentsMax:
		return fmt.Errorf("more than %d incidents: %w", incidentsMax, lot.ErrAmount)
	default:
		i.List = append(i.List, b)
	}
	return nil
}

// AddDue notes that something of a lot is to be taken back.
func (d *Desk) AddDue(owner member.ID, due Due) error {
	if !due.Cap {
		if err := edit(d, lotKey(due.Lot), func(k *Kept) error {
			n := min(k.Capped, max(due.Amount, 0))
			k.Capped, due.Amount = k.Capped-n, due.Amount-n
			return nil
		}); err != nil || due.Amount == 0 {
			return err
		}
	}
	return edit(d, PersonKey(owner), func(p *Person) error {
		at := slices.IndexFunc(p.Due, due.Same)
		if at < 0 {
			at = len(p.Due)
			p.Due = append(p.Due, Due{Lot: due.Lot, Cap: due.Cap})
		}
		p.Due[at].Asset = due.Asset
		if p.Due[at].Amount += due.Amount; p.Due[at].Amount == 0 { // it had been settled before it was heard again
			p.Due = slices.Delete(p.Due, at, at+1)
		}
		if len(p.Due) > duesMax {
			return fmt.Errorf("more than %d dues of %s: %w", duesMax, owner, lot.ErrAmount)
		}
		return nil
	})
}

func (d *Desk) settleDue(b *SettleDue) error {
	if b.Cap {
		if err := edit(d, lotKey(b.Lot), func(k *Kept) error {
			k.Capped += lot.Sum(b.Draws)
			return nil
		}); err != nil {
			return err
		}
	}
	return edit(d, PersonKey(b.Owner), func(p *Person) error {
		if err := p.settle(Due{Lot: b.Lot, Asset: b.Asset, Amount: lot.Sum(b.Draws) + b.Short, Cap: b.Cap}, d.early); err != nil || b.Short == 0 {
			return err
		}
		return p.owe(Owing{b.Owner, b.Asset, b.Day, b.Short})
	})
}

// settle takes an amount out of what is due of a lot. Where HQ has forgotten
// what it settled, that may come before what was due is heard again.
func (p *Person) settle(due Due, early bool) error {
	at := slices.IndexFunc(p.Due, due.Same)
	if at < 0 && early {
		at = len(p.Due)
		p.Due = append(p.Due, Due{Lot: due.Lot, Asset: due.Asset, Cap: due.Cap})
	}
	if at < 0 || p.Due[at].Amount < due.Amount && !early {
		return fmt.Errorf("settle %d that is due of %s: %w", due.Amount, due.Lot, ErrOwed)
	}
	if p.Due[at].Amount -= due.Amount; p.Due[at].Amount == 0 {
		p.Due = slices.Delete(p.Due, at, at+1)
	}
	return nil
}

func (p *Person) owe(o Owing) error {
	at, found := slices.BinarySearchFunc(p.Owed, o, func(a, b Owing) int {
		return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(a.Asset, b.Asset))
	})
	if found {
		p.Owed[at].Amount += o.Amount
		return nil
	}
	if len(p.Owed) == owedMax {
		return fmt.Errorf("more than %d parts owed by %s: %w", owedMax, o.Owner, lot.ErrAmount)
	}
	p.Owed = slices.Insert(p.Owed, at, o)
	return nil
}

// less takes parts out of what is owed.
func (d *Desk) less(parts []Owing) error {
	for _, o := range parts {
		err := edit(d, PersonKey(o.Owner), func(p *Person) error {
			at := slices.IndexFunc(p.Owed, func(x Owing) bool { return x.Since == o.Since && x.Asset == o.Asset })
			if at < 0 || p.Owed[at].Amount < o.Amount {
				return fmt.Errorf("%d of %s of %s: %w", o.Amount, o.Asset, o.Owner, ErrOwed)
			}
			if p.Owed[at].Amount -= o.Amount; p.Owed[at].Amount == 0 {
				p.Owed = slices.Delete(p.Owed, at, at+1)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// alias makes one member another, or takes that back. There are no chains and
// no cycles.
func (d *Desk) alias(b *Alias) error {
	if b.From == 0 || b.To == 0 || b.From == b.To {
		return fmt.Errorf("%s and %s: %w", b.From, b.To, ErrAlias)
	}
	return edit(d, PersonKey(b.From), func(from *Person) error {
		return edit(d, PersonKey(b.To), func(to *Person) error {
			n := slices.Index(to.Aliases, b.From)
			switch {
			case b.Undo && from.To == b.To && n >= 0:
				from.To, to.Aliases = 0, slices.Delete(to.Aliases, n, n+1)
			case !b.Undo && from.To == 0 && to.To == 0 && len(from.Aliases) == 0 && len(to.Aliases) < AliasesMax:
				from.To, to.Aliases = b.To, append(to.Aliases, b.From)
			default:
				return fmt.Errorf("%s and %s: %w", b.From, b.To, ErrAlias)
			}
			return nil
		})
	})
}

// OpenClaim notes a claim that an entry of a terminal made. One that was
// settled before HQ forgot the entry stays so.
func (d *Desk) OpenClaim(of lot.Origin, owner member.ID, sale lot.Origin) error {
	if k, err := d.Claim(of); err != nil || k.Status != NoClaim {
		return err
	}
	if err := edit(d, claimKey(of), func(k *Claim) error {
		*k = Claim{Status: ClaimOpen, Owner: owner, Sale: sale}
		return nil
	}); err != nil {
		return err
	}
	return edit(d, openKey, func(w *waiting) error {
		if len(w.Claims) == openMax {
			return d.ParkClaim(of, "claim-full", false)
		}
		w.Claims = append(w.Claims, Open{Of: of, Owner: owner, Sale: sale})
		return nil
	})
}

// ParkClaim leaves a claim to a person. It is tried all the same, or no more.
func (d *Desk) ParkClaim(of lot.Origin, why string, tried bool) error {
	err := edit(d, claimKey(of), func(k *Claim) error {
		k.Status, k.Why = ClaimParked, why
		return nil
	})
	if err != nil || tried {
		return err
	}
	return d.closeClaim(of)
}

func (d *Desk) closeClaim(of lot.Origin) error {
	return edit(d, openKey, func(w *waiting) error {
		w.Claims = slices.DeleteFunc(w.Claims, func(o Open) bool { return o.Of == of })
		return nil
	})
}

func (d *Desk) settleClaim(b *SettleClaim) error {
	err := edit(d, claimKey(b.Of), func(k *Claim) error {
		if k.Status != ClaimOpen && k.Status != ClaimParked && !(d.early && k.Status == NoClaim) {
			return fmt.Errorf("%s: %w", b.Of, ErrClaim)
		}
		k.Status, k.Why = ClaimRefused, b.Reason
		if b.Granted {
			k.Status, k.Owner = ClaimGranted, b.Owner
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := d.closeClaim(b.Of); err != nil || b.Back == nil {
		return err
	}
	for _, due := range b.Back.Due {
		if err := d.AddDue(b.Owner, due); err != nil {
			return err
		}
	}
	for _, g := range b.Back.Given() { // it was not spent, and cannot be booked to an earlier lot
		if err := d.unspend(g, 0); err != nil {
			return err
		}
	}
	if err := edit(d, PersonKey(b.Owner), func(p *Person) error {
		p.Months = count.AddMonth(p.Months, fold.Month{End: b.Back.Month, Spent: -b.Back.Fen, Points: -b.Back.Base})
		return nil
	}); err != nil {
		return err
	}
	return edit(d, soldKey(b.Back.Of), func(s *Sold) error {
		s.Add(b.Back)
		return nil
	})
}

// Spend notes that some of a lot was spent on a day, so that it can be booked
// to an earlier lot.
func (d *Desk) Spend(s lot.Draw, day lot.Day) error {
	return edit(d, lotKey(s.Lot), func(k *Kept) error {
		k.Spent = spent.Add(k.Spent, day, s.Amount)
		return nil
	})
}

// unspend takes out of what was spent since a day, the latest first.
func (d *Desk) unspend(s lot.Draw, since lot.Day) error {
	return edit(d, lotKey(s.Lot), func(k *Kept) error {
		k.Spent = spent.Take(k.Spent, s.Amount, since)
		return nil
	})
}

// GiveBack notes that something spent of a lot was given back.
func (d *Desk) GiveBack(s lot.Draw) error { return d.unspend(s, 0) }

// Arrive notes since when HQ holds some of a lot.
func (d *Desk) Arrive(id lot.ID, day lot.Day) error {
	return edit(d, lotKey(id), func(k *Kept) error {
		k.Since = day
		return nil
	})
}
