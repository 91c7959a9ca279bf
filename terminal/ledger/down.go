package ledger

import (
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/hqkey"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/signing"
)

// DownBytesMax bounds one entry of HQ's journal for a terminal, SignedDownBytesMax one as signed.
const DownBytesMax, SignedDownBytesMax = 64 << 10, 64<<10 + 1024

// Down is one entry of HQ's journal for one terminal. Each is signed by
// itself, so that a terminal can prove to a restored HQ what HQ once said.
type Down struct {
	Terminal TerminalID
	Epoch    uint64
	Seq      DownSeq
	Wall     int64 // unix milliseconds at HQ
	// One of the rest; none that this version knows is a kind to come.
	Note     *lot.Note // rights for this terminal
	Recall   *Recall
	Alias    *Alias
	Settled  *Settled
	Ruling   *Ruling
	Release  *Release
	Document *Document
	Heal     *Heal
	Unlock   *Unlock
	Key      *hqkey.Change
}

// Fields lists the message's fields.
func (d *Down) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &d.Terminal)
	codec.Uint(c, 2, &d.Epoch)
	codec.Uint(c, 3, &d.Seq)
	codec.Int(c, 4, &d.Wall)
	codec.Sub(c, 5, &d.Note)
	codec.Sub(c, 6, &d.Recall)
	codec.Sub(c, 7, &d.Alias)
	codec.Sub(c, 8, &d.Settled)
	codec.Sub(c, 9, &d.Ruling)
	codec.Sub(c, 10, &d.Release)
	codec.Sub(c, 11, &d.Document)
	codec.Sub(c, 12, &d.Heal)
	codec.Sub(c, 13, &d.Unlock)
	codec.Sub(c, 14, &d.Key)
	if c.Reading() && d.bodies() > 1 {
		c.Refuse("more than one body")
	}
}

// bodies is how many bodies a down entry has.
func (d *Down) bodies() (n int) {
	for _, there := range []bool{d.Note != nil, d.Recall != nil, d.Alias != nil, d.Settled != nil, d.Ruling != nil, d.Release != nil, d.Document != nil, d.Heal != nil, d.Unlock != nil, d.Key != nil} {
		if there {
			n++
		}
	}
	return n
}

// Recall asks for unused holdings back. The terminal answers with a note of
// what there is of them; what an open basket holds stays.
type Recall struct {
	Member member.ID // 0 for what the programme owns
	Draws  []lot.Draw
}

// Fields lists the message's fields.
func (r *Recall) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &r.Member)
	codec.List(c, 2, &r.Draws, lot.HoldingsMax)
}

// Alias says that a member is an older one (rule S27). No lot is rewritten;
// undoing it removes the alias, and what was spent stays spent.
type Alias struct {
	From member.ID
	To   member.ID
	Undo bool
}

// Fields lists the message's fields.
func (a *Alias) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &a.From)
	codec.Uint(c, 2, &a.To)
	codec.Bool(c, 3, &a.Undo)
	if c.Reading() && (a.From == 0 || a.To == 0 || a.From == a.To) {
		c.Refuse("alias of nobody, or of oneself")
	}
}

// Settled says what became of a claim that an entry of this terminal made.
// What it granted comes as a note, or waits at HQ.
type Settled struct {
	Of      lot.Origin
	Granted bool
	Reason  string // a word of the catalogue, where it was refused
}

// Fields lists the message's fields.
func (s *Settled) Fields(c *codec.Coder) {
	codec.Value(c, 1, &s.Of)
	codec.Bool(c, 2, &s.Granted)
	codec.String(c, 3, &s.Reason, TextBytesMax)
}

// Ruling is what HQ alone decides of a member: it takes the place of what it
// said before.
type Ruling struct {
	Member  member.ID
	Tier    string
	Blocked bool   // earns, and spends nothing
	Owed    []Owed // shown, and never collected at a till (rule S08)

	Pool      lot.Amount // points of theirs that the household may spend in a month, 0 for none
	Household []Relative // the others of it (rule S13)

	Grade string    // the green one (cap P2)
	Lasts []Lasting // vouchers of theirs that last longer than their papers say (cap F3)
	Gifts []string  // reasons for which something is to be given to them, such as birthday (cap M5)
}

// LastsMax bounds the vouchers of one member that last longer, GiftsMax what is to
// be given to one.
const (
	LastsMax = 64
	GiftsMax = 32
)

// Lasting is a lot, and until when it lasts beyond its own terms, which never
// change: no paper that names it goes stale.
type Lasting struct {
	Lot   lot.ID
	Until lot.Day
	Owner member.ID // of a voucher, where nothing around it says whose it is
}

// Fields lists the message's fields.
func (l *Lasting) Fields(c *codec.Coder) {
	codec.Value(c, 1, &l.Lot)
	codec.Int(c, 2, &l.Until)
	codec.Uint(c, 3, &l.Owner)
}

// Longer is a list with a voucher that lasts longer from today on. What is over
// for good makes room.
func Longer(list []Lasting, l Lasting, today lot.Day) []Lasting {
	over := func(x Lasting) bool { return x.Lot == l.Lot || x.Until+lot.AwayDays < today }
	list = append(slices.DeleteFunc(list, over), Lasting{Lot: l.Lot, Until: l.Until})
	return list[max(len(list)-LastsMax, 0):]
}

// Last is a lot as long as it lasts by the ruling, which may be nil.
func (s *Ruling) Last(l lot.Lot) lot.Lot {
	if s == nil || l.Expires == 0 {
		return l
	}
	for _, x := range s.Lasts {
		if x.Lot == l.ID {
			l.Expires = max(l.Expires, x.Until)
		}
	}
	return l
}

// HouseholdMax is the largest household (rule S13).
const HouseholdMax = 6

// Relative is another member of a household, and how many points of theirs it may
// spend in a month.
type Relative struct {
	Member member.ID
	Pool   lot.Amount
}

// Fields lists the message's fields.
func (r *Relative) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &r.Member)
	codec.Int(c, 2, &r.Pool)
	if c.Reading() && (r.Member == 0 || r.Pool < 0 || r.Pool > lot.AmountMax) {
		c.Refuse("relative out of range")
	}
}

// OwedMax bounds the assets that one member can owe.
const OwedMax = 64

// Fields lists the message's fields.
func (s *Ruling) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &s.Member)
	codec.String(c, 2, &s.Tier, TextBytesMax)
	codec.Bool(c, 3, &s.Blocked)
	codec.List(c, 4, &s.Owed, OwedMax)
	codec.Int(c, 5, &s.Pool)
	codec.List(c, 6, &s.Household, HouseholdMax-1)
	codec.String(c, 7, &s.Grade, TextBytesMax)
	codec.List(c, 8, &s.Lasts, LastsMax)
	codec.Strings(c, 9, &s.Gifts, GiftsMax, TextBytesMax)
	if c.Reading() && (s.Pool < 0 || s.Pool > lot.AmountMax) {
		c.Refuse("pool out of range")
	}
}

// Owed is what a member owes of one asset, and what is still to be taken back
// from lots that HQ has not got together yet.
type Owed struct {
	Asset lot.Asset
	Owed  lot.Amount
	Due   lot.Amount
}

// Fields lists the message's fields.
func (o *Owed) Fields(c *codec.Coder) {
	codec.String(c, 1, &o.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &o.Owed)
	codec.Int(c, 3, &o.Due)
	if c.Reading() && (o.Owed < 0 || o.Owed > lot.AmountMax || o.Due < 0 || o.Due > lot.AmountMax) {
		c.Refuse("owed out of range")
	}
}

// Release is the word of a person at HQ, who takes what may be lost by it as the store's exposure: what
// waits of one incarnation's line is freed, without a witness; or it is a standing order, which says from
// then on what may be used on trust after every boot that nothing proves. A line that does not end as they
// saw it stays frozen: on a disk that went back, what was used since would be there again.
type Release struct {
	Incarnation Incarnation // 0 for a standing order
	Standing    []Bound     // in the place of those before
	Moved       *Head       // the last entry that moved a right in the line, zero where none did; nil for whichever
}

// Fields lists the message's fields.
func (r *Release) Fields(c *codec.Coder) {
	codec.Fixed64(c, 1, &r.Incarnation)
	codec.List(c, 2, &r.Standing, BoundsMax)
	codec.Sub(c, 3, &r.Moved)
}

// Unlock lets somebody at the terminal try their PIN again, by the word of a person at HQ.
type Unlock struct {
	Person string
	By     string
	Reason string
}

// Fields lists the message's fields.
func (u *Unlock) Fields(c *codec.Coder) {
	codec.String(c, 1, &u.Person, TextBytesMax)
	codec.String(c, 2, &u.By, TextBytesMax)
	codec.String(c, 3, &u.Reason, TextBytesMax)
}

// Heal says that the terminal's disk went back to an earlier state: an incarnation names a parent on
// which, at HQ, something follows. The terminal asks for what lies between and folds again from there.
type Heal struct {
	Child  Incarnation
	Parent Head
}

// Fields lists the message's fields.
func (h *Heal) Fields(c *codec.Coder) {
	codec.Fixed64(c, 1, &h.Child)
	codec.Value(c, 2, &h.Parent)
}

// SignedDown is a down entry as sent and stored: the bytes that were signed.
type SignedDown struct {
	Bytes     []byte
	Signature [ed25519.SignatureSize]byte
}

// Fields lists the message's fields.
func (s *SignedDown) Fields(c *codec.Coder) {
	codec.Bytes(c, 1, &s.Bytes, DownBytesMax)
	codec.Array(c, 2, s.Signature[:])
}

// SignDown signs a down entry with HQ's key.
func SignDown(d Down, key ed25519.PrivateKey) []byte {
	s := SignedDown{Bytes: codec.Marshal(&d)}
	s.Signature = signing.Sign(key, downText(s.Bytes))
	return codec.Marshal(&s)
}

// OpenDown checks HQ's signature on a stored or received down entry, if there is a key, and reads it.
func OpenDown(b []byte, key ed25519.PublicKey) (Down, error) {
	var s SignedDown
	if err := codec.Unmarshal(b, &s); err != nil {
		return Down{}, fmt.Errorf("down entry: %w", err)
	}
	if key != nil && !signing.Verify(key, downText(s.Bytes), s.Signature[:]) {
		return Down{}, fmt.Errorf("down entry: signature: %w", codec.ErrMalformed)
	}
	var d Down
	if err := codec.Unmarshal(s.Bytes, &d); err != nil {
		return Down{}, fmt.Errorf("down entry: %w", err)
	}
	return d, nil
}

func downText(b []byte) []byte {
	text := []byte("jifen1 down")
	text = binary.BigEndian.AppendUint32(text, uint32(len(b)))
	return append(text, b...)
}
