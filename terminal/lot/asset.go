package lot

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// Asset names a kind of right: "points:green", "benefit:tea-set". What stands
// before the first colon is its class; ParseAsset tells the parts apart.
type Asset string

// Class says what sort of right an asset is.
type Class string

// The classes. They stand in stored assets: append, never rename.
const (
	ClassPoints  Class = "points"  // pays: points:<kind>
	ClassStamp   Class = "stamp"   // collected on a card: stamp:<card>
	ClassBenefit Class = "benefit" // a voucher for a catalogue entry: benefit:<benefit>
	ClassCoupon  Class = "coupon"  // takes something off a bill: coupon:<coupon>
	ClassMedal   Class = "medal"   // honours and never pays: medal:<medal>
	ClassTicket  Class = "ticket"  // one draw of a game: ticket:<game>
	ClassStock   Class = "stock"   // pieces left of a limited benefit: stock:<benefit>
	ClassBudget  Class = "budget"  // pieces left of a game's prize: budget:<game>.<prize>; or of a merchant's ceiling
	ClassQuota   Class = "quota"   // times left of what is given n times: quota:<rule>:<period>
	ClassHome    Class = "home"    // the right to mint a member's quotas: home
)

// The kinds of points that every programme knows by these names, if it has them.
const (
	Consumption = Asset("points:consumption")
	Green       = Asset("points:green")
	Goodwill    = Asset("points:goodwill")
)

// Home is the right to mint a member's quotas; each member has one.
const Home = Asset("home")

// Quotas are all assets of that class.
const Quotas = Asset(ClassQuota + ":")

// NameBytesMax bounds one name within an asset.
const NameBytesMax = 32

// ErrAsset says that a text does not name an asset.
var ErrAsset = errors.New("not an asset")

// PointsAsset is the asset of a kind of points.
func PointsAsset(kind string) Asset { return asset(ClassPoints, kind) }

// StampAsset is the asset of a stamp of a collecting card.
func StampAsset(card string) Asset { return asset(ClassStamp, card) }

// BenefitAsset is the asset of one piece of a catalogue entry.
func BenefitAsset(id string) Asset { return asset(ClassBenefit, id) }

// CouponAsset is the asset of one coupon.
func CouponAsset(id string) Asset { return asset(ClassCoupon, id) }

// MedalAsset is the asset of a medal.
func MedalAsset(id string) Asset { return asset(ClassMedal, id) }

// TicketAsset is the asset of one draw of a game.
func TicketAsset(game string) Asset { return asset(ClassTicket, game) }

// StockAsset is the asset of what is left of a limited benefit.
func StockAsset(benefit string) Asset { return asset(ClassStock, benefit) }

// BudgetAsset is the asset of what is left of a game's prize.
func BudgetAsset(game, prize string) Asset { return asset(ClassBudget, game+"."+prize) }

// CeilingAsset is the asset of what a merchant may still concede in the month of
// a day, in thousandths of a fen (cap P9).
func CeilingAsset(merchant string, in Day) Asset {
	year, month, _ := in.Date()
	return BudgetAsset(merchant, fmt.Sprintf("%s%04d-%02d", ceilingPrefix, year, int(month)))
}

// ceilingPrefix begins what stands in a ceiling's place for a prize: its month
// follows.
const ceilingPrefix = "ceiling-"

// Ceiling reports whether the asset is what a merchant may still concede.
func (a Asset) Ceiling() bool {
	return a.named(ClassBudget) && strings.Contains(string(a), "."+ceilingPrefix)
}

// QuotaAsset is what says how often a rule may still give something in a
// period. A rule whose name is too long for an asset is named by its hash.
func QuotaAsset(rule, period string) Asset {
	if len(rule) > NameBytesMax {
		sum := sha256.Sum256([]byte(rule))
		rule = "h" + hex.EncodeToString(sum[:15])
	}
	return asset(ClassQuota, rule+":"+period)
}

func asset(c Class, name string) Asset { return Asset(string(c) + ":" + name) }

// Points reports whether the asset is a kind of points.
func (a Asset) Points() bool { return a.named(ClassPoints) }

// Benefit returns the catalogue id of a benefit's asset, or "".
func (a Asset) Benefit() string { return a.idOf(ClassBenefit) }

// Coupon returns the id of a coupon's asset, or "".
func (a Asset) Coupon() string { return a.idOf(ClassCoupon) }

// Quota reports whether the asset is a quota, of whatever rule.
func (a Asset) Quota() bool { return a.named(ClassQuota) }

// Limits reports whether the asset gives nobody anything, and says of something else how
// much there may be in all, or how often somebody may have it.
func (a Asset) Limits() bool {
	return a == Home || a.named(ClassStock) || a.named(ClassBudget) || a.named(ClassQuota)
}

func (a Asset) named(c Class) bool { return strings.HasPrefix(string(a), string(c)+":") }

func (a Asset) idOf(c Class) string {
	if !a.named(c) {
		return ""
	}
	return string(a)[len(c)+1:]
}

// Parts is what an asset's name says.
type Parts struct {
	Class Class
	ID    string // kind of points, card, benefit, coupon, medal, game or rule; "" of a home
	Sub   string // the prize of a budget or the period of a quota, else ""
}

// ParseAsset tells the parts of an asset's name. It returns an error that
// matches ErrAsset unless the class is known and every name well formed: lower
// case letters, digits and hyphens, from a letter on (a period may begin with
// a digit), at most NameBytesMax of them and AssetBytesMax in all.
func ParseAsset(a Asset) (Parts, error) {
	class, rest, _ := strings.Cut(string(a), ":")
	p := Parts{Class: Class(class), ID: rest}
	ok := len(a) <= AssetBytesMax
	switch p.Class {
	case ClassHome:
		ok = a == Home
	case ClassPoints, ClassStamp, ClassBenefit, ClassCoupon, ClassMedal, ClassTicket, ClassStock:
		ok = ok && ValidName(p.ID)
	case ClassBudget:
		p.ID, p.Sub, _ = strings.Cut(rest, ".")
		ok = ok && ValidName(p.ID) && ValidName(p.Sub)
	case ClassQuota:
		p.ID, p.Sub, _ = strings.Cut(rest, ":")
		ok = ok && ValidName(p.ID) && validPeriod(p.Sub)
	default:
		ok = false
	}
	if !ok {
		return Parts{}, fmt.Errorf("%q: %w", a, ErrAsset)
	}
	return p, nil
}

// ValidName reports whether a text may stand in an asset as a name: lower-case
// letters, digits and hyphens, starting with a letter.
func ValidName(s string) bool { return validPeriod(s) && s[0] >= 'a' && s[0] <= 'z' }

func validPeriod(s string) bool {
	for i := range len(s) {
		letter, digit := s[i] >= 'a' && s[i] <= 'z', s[i] >= '0' && s[i] <= '9'
		if !letter && !digit && (i == 0 || s[i] != '-') {
			return false
		}
	}
	return s != "" && len(s) <= NameBytesMax
}
