package till

import (
	"errors"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/devices/barcode"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/piece"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till/bearer"
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
	keys := t.bearer.Keys()
	switch kind, _ := token.KindOf(text); kind {
	case token.KindVoucher:
		return t.scanVoucher(by, l, text)
	case token.KindPass:
		p, err := token.OpenPass(text, keys.Find)
		if err != nil {
			return t.bearer.Unsigned(by, err)
		}
		now := t.Now()
		if now.Quality != ledger.ClockUnset && !p.ValidAt(uint32(now.Wall.Unix()/60)) {
			return refuse("pass-expired")
		}
		return t.addMember(by, l, member.ByPass, "", func(m *roll.Members) (roll.Person, bool) { return m.ByID(p.Member) })
	case token.KindRecord:
		return t.scanRecord(by, l, text)
	case token.KindPart:
		return t.scanPart(by, l, text)
	}
	return refuse("unknown-code")
}

// scanRecord takes the slip of a day's close, or a receipt.
func (t *Till) scanRecord(by clerk.By, l *lane, text string) error {
	m, err := t.bearer.Record(by, text)
	if err == nil {
		l.say(m.Level, m.Code, m.Args...)
	}
	return err
}

// scanPart takes one of the codes in which a phone brings a note, and with the last
// of them its member: HQ has let them in a moment ago.
func (t *Till) scanPart(by clerk.By, l *lane, text string) error {
	who, m, err := t.bearer.Part(by, text)
	if err == nil && who != 0 {
		err = t.addMember(by, l, member.ByPass, "", func(r *roll.Members) (roll.Person, bool) {
			p, ok := r.ByID(who)
			if !ok {
				p = roll.Person{ID: who, Name: who.String()}
			}
			return p, true
		})
	}
	if err == nil {
		l.say(m.Level, m.Code, m.Args...)
	}
	return err
}

// Challenge shows the customer what their phone is to bring to HQ, where the line
// is down.
func (t *Till) Challenge(by clerk.By) error {
	return t.edit(by, func(l *lane) error {
		if l.Cashier == "" {
			return refuse("sign-in-first")
		}
		err := t.bearer.Challenge(by)
		if err == nil {
			l.say(Attention, "challenge-shown")
		}
		return err
	})
}

// scanVoucher puts a voucher up for handing out, or asks HQ for it: another store
// may have signed it, or hold its right.
func (t *Till) scanVoucher(by clerk.By, l *lane, text string) error {
	v, err := token.OpenVoucher(text, t.bearer.Keys().Find)
	strange := errors.Is(err, token.ErrUnknownKey)
	if strange {
		v, _ = token.VoucherOf(text)
	} else if err != nil {
		return t.bearer.Unsigned(by, err)
	} else if proved, err := t.Prove(by, v.Lot); err != nil || proved {
		// A voucher whose paper is in doubt is scanned to prove the paper; the next
		// scan hands it out.
		l.say(OK, "voucher-proved")
		return err
	}
	err = refuse("voucher-unknown")
	if !strange || t.bearer.Knows(text) {
		err = t.showVoucher(by.Lane, l, v.Lot)
	}
	if !bearer.Away(err) {
		return err
	}
	if err = t.bearer.Seek(by, text, v, l.beside); err != nil {
		return err
	}
	return &Refusal{Code: "voucher-asking", Attention: true}
}

// Answered takes in what HQ said beside a note.
func (t *Till) Answered(a clerk.Answer) {
	t.Clerk.Answered(a)
	t.brought(t.bearer.Answered(a))
}

// ApplyDown takes in entries of HQ's journal: what somebody waits for may be there.
func (t *Till) ApplyDown(raws [][]byte) (ledger.DownSeq, error) {
	at, err := t.Clerk.ApplyDown(raws)
	t.brought(t.bearer.Look())
	return at, err
}

// Tick does what is due.
func (t *Till) Tick() error {
	err := t.Clerk.Tick()
	t.brought(t.bearer.Look())
	for _, id := range t.bearer.Coming() {
		if t.busy(id) {
			err = errors.Join(err, t.AskFor(clerk.By{}, id))
		}
	}
	return err
}

// brought logs what a lane could not be told; a refusal is told there.
func (t *Till) brought(err error) {
	if refusal := (*Refusal)(nil); err != nil && !errors.As(err, &refusal) {
		t.o.Log.Error("what was brought", "error", err)
	}
}

// showVoucher puts a voucher up for handing out, or says why not: with the
// time and place of its first use.
func (t *Till) showVoucher(n uint32, l *lane, id lot.ID) error {
	return t.Read(func(tx journal.Tx, state *fold.State) error {
		v, err := t.bearer.Voucher(state, id, t.Today(t.Now()))
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
