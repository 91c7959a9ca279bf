package till

import (
	"cmp"
	"crypto/ed25519"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/piece"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Scan takes a code from a scanner or the keyboard and puts it where it
// belongs: goods into the basket, a member onto the sale, a voucher up for
// handing out. aim is the scanner's AIM identifier, or "".
func (t *Till) Scan(by clerk.By, aim, text string) error {
	return t.edit(by, func(l *lane) error {
		if l.Cashier == "" {
			return refuse("sign-in-first")
		}
		code, err := t.o.Codes.Classify(aim, strings.TrimRight(text, "\r\n"))
		if err != nil {
			return t.unread(by, err)
		}
		return t.put(by, l, code)
	})
}

// put puts a code where it belongs.
func (t *Till) put(by clerk.By, l *lane, code barcode.Code) error {
	switch code.Kind {
	case barcode.GTIN, barcode.InStore:
		return t.addGoods(l, code, 1)
	case barcode.Card:
		return t.addMember(by, l, member.ByCard, code.Card(), func(m *roll.Members) (roll.Person, bool) { return m.ByCard(code.Card()) })
	case barcode.Phone:
		hash := roll.PhoneHash(t.o.PhoneKey, code.Text)
		return t.addMember(by, l, member.ByPhone, hash, func(m *roll.Members) (roll.Person, bool) { return m.ByPhone(hash) })
	case barcode.Token:
		return t.scanToken(by, l, code.Text)
	case barcode.Payment:
		return refuse("payment-code")
	}
	return refuse("unknown-code")
}

// LateScan reports a scan that was not taken in time: the customer may be another.
func (t *Till) LateScan(by clerk.By) error {
	return t.edit(by, func(*lane) error { return refuse("scan-late") })
}

// BadRead reports that a scanner sent something that is no code.
func (t *Till) BadRead(by clerk.By) error {
	return t.edit(by, func(*lane) error { return refuse("bad-read") })
}

func (t *Till) unread(by clerk.By, err error) error {
	t.o.Log.Warn("scan refused", "lane", by.Lane, "error", err)
	switch {
	case errors.Is(err, barcode.ErrCheckDigit):
		return refuse("check-digit")
	case errors.Is(err, barcode.ErrInStore):
		return refuse("in-store-code")
	case errors.Is(err, barcode.ErrTooLong):
		return refuse("code-too-long")
	}
	return refuse("unknown-code")
}

// addGoods puts goods into the basket, and tells a label whose price does not fit its weight (dev 7).
func (t *Till) addGoods(l *lane, code barcode.Code, times int64) error {
	product, ok := t.documents().Products.Find(code.GTIN)
	if !ok {
		return refuse("unknown-product", plain(strings.TrimPrefix(code.GTIN, "0")))
	}
	added, err := piece.Of(code, product, times)
	qty := int64(0)
	if err == nil {
		l.Lines, qty, err = piece.Add(l.Lines, added)
	}
	switch {
	case errors.Is(err, piece.ErrFull):
		return refuse("basket-full")
	case err != nil:
		return refuse("bad-quantity")
	case !code.Piece.Agrees(int64(product.Fen)):
		l.say(Attention, "price-and-weight-differ", product.Name)
	default:
		l.say(OK, "added", product.Name, plain(qty))
		if from, ok := t.Programme().OnSale(code.GTIN, l.Member, t.Programme().Moment(t.Now().Wall)); !ok {
			l.say(Attention, "not-on-sale-yet", product.Name, plain(from))
		}
	}
	return nil
}

// addMember puts a member onto the sale, as the list knows them or, by key,
// somebody whom this till has enrolled.
func (t *Till) addMember(by clerk.By, l *lane, proof member.Proof, key string, find func(*roll.Members) (roll.Person, bool)) error {
	person, ok := find(t.documents().Members)
	if !ok {
		id, err := t.Enrolled(key)
		if err != nil {
			return err
		}
		if id == 0 {
			return refuse("unknown-member")
		}
		person = roll.Person{ID: id, Name: id.String()}
	}
	return t.identify(by, l, proof, person)
}

func (t *Till) identify(by clerk.By, l *lane, proof member.Proof, person roll.Person) error {
	if err := t.SettleBoot(); err != nil {
		return err
	}
	about, err := t.About(person.ID)
	if err != nil {
		return err
	}
	if l.Member == about.Member && proof < l.Proof {
		return nil // proved better already
	}
	if l.Member != about.Member {
		l.Deduct, l.Coupons, l.Pool = 0, nil, false
	}
	l.Member, l.Proof = about.Member, proof
	l.say(OK, "member", plain(person.Name))
	if !proof.MaySpend() {
		return nil
	}
	return t.askFor(by, l.Member)
}

// askFor asks HQ for a member's points, and for what they may have so often only.
func (t *Till) askFor(by clerk.By, who member.ID) error {
	if !t.o.Asker.Online() {
		return nil
	}
	wants, err := t.Wanted(who, t.o.Place.Store)
	return errors.Join(err, t.AskFor(by, who, wants...))
}

func (t *Till) scanToken(by clerk.By, l *lane, text string) error {
	keys := t.keys()
	switch kind, _ := token.KindOf(text); kind {
	case token.KindVoucher:
		v, err := token.OpenVoucher(text, keys.Find)
		if err != nil {
			return t.unsigned(by, err)
		}
		// A voucher whose paper is in doubt is scanned to prove the paper; the next
		// scan hands it out.
		if proved, err := t.Prove(by, v.Lot); err != nil || proved {
			l.say(OK, "voucher-proved")
			return err
		}
		return t.showVoucher(by.Lane, l, v.Lot)
	case token.KindPass:
		p, err := token.OpenPass(text, keys.Find)
		if err != nil {
			return t.unsigned(by, err)
		}
		now := t.Now()
		if now.Quality != ledger.ClockUnset && !p.ValidAt(uint32(now.Wall.Unix()/60)) {
			return refuse("pass-expired")
		}
		return t.addMember(by, l, member.ByPass, "", func(m *roll.Members) (roll.Person, bool) { return m.ByID(p.Member) })
	case token.KindRecord:
		return t.scanRecord(by, l, text)
	}
	return refuse("unknown-code")
}

// scanRecord takes the slip of the last day's close as a witness: nothing is
// missing here, or something is. A receipt's certificate is only verified.
func (t *Till) scanRecord(by clerk.By, l *lane, text string) error {
	if c, err := token.OpenCertificate(text, t.keys().Find); err == nil {
		l.say(OK, "certificate-good", plain(c.Entry))
		return nil
	}
	v, head, err := t.Testify(by, ledger.SlipWitness, text)
	if errors.Is(err, clerk.ErrForeign) {
		return refuse("witness-foreign")
	}
	if err != nil {
		return err
	}
	level := map[clerk.Verdict]Level{clerk.WitnessFreed: OK, clerk.WitnessLost: Refused, clerk.WitnessBoard: Refused}[v]
	l.say(cmp.Or(level, Attention), string(v), plain(t.shop().Stamp(time.Unix(int64(head.Minute)*60, 0))))
	return nil
}

// keys are those that a token may be signed with: this terminal's and HQ's.
func (t *Till) keys() token.Keys {
	own := t.o.Key.Public().(ed25519.PublicKey)
	if hq := t.HQKey(); hq != nil {
		return token.NewKeys(own, hq)
	}
	return token.NewKeys(own)
}

func (t *Till) unsigned(by clerk.By, err error) error {
	t.o.Log.Warn("token refused", "lane", by.Lane, "error", err)
	switch {
	case errors.Is(err, token.ErrUnknownKey):
		return refuse("token-elsewhere")
	case errors.Is(err, token.ErrForm), errors.Is(err, token.ErrTooLong):
		return refuse("token-misread")
	}
	return refuse("token-forged")
}

// showVoucher puts a voucher up for handing out, or says why not: with the
// time and place of its first use.
func (t *Till) showVoucher(n uint32, l *lane, id lot.ID) error {
	return t.o.Journal.View(func(tx journal.Tx) error {
		state, err := t.State(tx)
		if err != nil {
			return err
		}
		v, err := t.usableVoucher(state, id, t.Today(t.Now()))
		if err != nil {
			return err
		}
		if coupon := v.Lot.Asset.Coupon(); coupon != "" {
			return t.scanCoupon(state, n, l, v, coupon)
		}
		l.Voucher = &id
		l.say(Attention, "voucher-ready")
		return nil
	})
}

// scanCoupon puts a coupon into the basket of the member who has it.
func (t *Till) scanCoupon(state *fold.State, n uint32, l *lane, v fold.Voucher, coupon string) error {
	owner, err := state.Canonical(v.Member)
	switch {
	case err != nil:
		return err
	case l.Member == 0 || owner != l.Member:
		return refuse("coupon-of-another")
	case slices.Contains(l.Coupons, v.Lot.ID):
		return nil
	case len(l.Coupons) == ledger.CouponsMax:
		return refuse("too-many-coupons")
	}
	if err := t.addCoupon(state, n, l, v.Lot.ID); err != nil {
		return err
	}
	c, _ := t.Programme().Coupon(coupon)
	l.say(OK, "coupon-added", c.Name)
	return nil
}
