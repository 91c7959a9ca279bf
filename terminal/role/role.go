// Package role is who may do what at a terminal: one table of roles and acts,
// and nothing is allowed that does not stand in it (sec U4). It knows no person
// and no PIN.
package role

import "slices"

// Role is what somebody is at a store.
type Role string

// The roles.
const (
	Cashier Role = "cashier" // sells, redeems, enrols, takes back small returns
	Senior  Role = "senior"  // and undoes sales, takes back any return and vouchers
	Keeper  Role = "keeper"  // and opens and closes the day, and adjusts points
	Auditor Role = "auditor" // looks, and does nothing
)

// All lists the roles.
func All() []Role { return []Role{Cashier, Senior, Keeper, Auditor} }

// Known reports whether r is a role.
func (r Role) Known() bool { return slices.Contains(All(), r) }

// ReturnAloneFen is how much money somebody gives back for goods without the right
// to large returns.
const ReturnAloneFen = 20_000

// Act is a kind of thing that is done at a terminal.
type Act string

// The acts.
const (
	Look        Act = "look"         // see a lane, the day's figures, the papers
	Sell        Act = "sell"         // scan, sell, redeem, hand out, park
	Enrol       Act = "enrol"        // enrol a member, check one in
	Reprint     Act = "reprint"      // print a paper again
	Return      Act = "return"       // take goods back, up to a sum
	ReturnLarge Act = "return-large" // above it
	Void        Act = "void"         // undo a sale of the day
	VoucherBack Act = "voucher-back" // take a voucher back for its points
	Transfer    Act = "transfer"     // move points within a family
	Day         Act = "day"          // open and close the day
	Adjust      Act = "adjust"       // give and take points by hand
	Train       Act = "train"        // work on the training ledger
	Unlock      Act = "unlock"       // let somebody who is locked try their PIN again
)

// table says who may do what. What does not stand here nobody may.
var table = map[Act][]Role{
	Look:        {Cashier, Senior, Keeper, Auditor},
	Sell:        {Cashier, Senior, Keeper},
	Enrol:       {Cashier, Senior, Keeper},
	Reprint:     {Cashier, Senior, Keeper},
	Return:      {Cashier, Senior, Keeper},
	Transfer:    {Cashier, Senior, Keeper},
	Train:       {Cashier, Senior, Keeper},
	ReturnLarge: {Senior, Keeper},
	Void:        {Senior, Keeper},
	VoucherBack: {Senior, Keeper},
	Day:         {Senior, Keeper},
	Adjust:      {Keeper},
	Unlock:      {Keeper},
}

// Acts lists all acts, in order of names.
func Acts() []Act {
	var acts []Act
	for a := range table {
		acts = append(acts, a)
	}
	slices.Sort(acts)
	return acts
}

// May reports whether a role may do an act.
func (r Role) May(a Act) bool { return slices.Contains(table[a], r) }

// MayLend reports whether a role may lend its right to an act to somebody
// else: who only looks lends nothing.
func (r Role) MayLend(a Act) bool { return r != Auditor && r.May(a) }

// Reasons are why a right is lent or points are adjusted: words of the
// catalogue.
func Reasons() []string {
	return []string{"reason-customer", "reason-mistake", "reason-quality", "reason-price", "reason-system", "reason-other"}
}

// Reason reports whether a word is one of the Reasons.
func Reason(word string) bool { return slices.Contains(Reasons(), word) }
