// Package roll is the list of members as a till may know them: by id, card and
// hashed phone number, with masked names. It reads the list strictly from a
// table and answers look-ups; it holds no balances, no phone numbers and no full
// names.
package roll

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Limits of the list of members.
const (
	RowsMax          = 200_000
	BytesMax         = 32 << 20
	PhoneKeyBytesMin = 16
	openingMax       = 1_000_000_000 // points
	DueMax           = 16            // reasons of one member
)

// Person is a member as a till may know one: no phone number and no full name.
type Person struct {
	ID        member.ID
	Name      string           // masked
	Card      string           // "" without a card
	Phone     string           // masked, "" without a phone number
	PhoneHash string           // as PhoneHash makes it (sec E1)
	Opening   []programme.Cost // points brought along when the member joined; HQ issues them
	Due       []string         // reasons for which HQ says that something is due now, such as birthday
}

// Members is the list of members. Everyone shares it: nobody may change it.
type Members struct {
	list         []Person
	id           map[member.ID]int
	cards, phone map[string]int
}

var memberTable = document.Table{
	Columns:  []string{"id", "name", "card", "phone", "opening_consumption", "opening_green"},
	More:     []string{"due"},
	BytesMax: BytesMax,
	RowsMax:  RowsMax,
}

// What can be wrong with a member. No fault quotes a name or a number.
var (
	shortKey  = document.Text{ZH: "隐藏手机号的密钥至少要有 %d 字节", EN: "the key that hides phone numbers must have at least %d bytes"}
	idTwice   = document.Text{ZH: "id 在前面的行里已经有了", EN: "id stands in an earlier row too"}
	notID     = document.Text{ZH: "id 必须是 M 加数字，例如 M1017", EN: "id must be M and a number, such as M1017"}
	neither   = document.Text{ZH: "会员必须有卡号或手机号", EN: "a member needs a card or a phone number"}
	notCard   = document.Text{ZH: "卡号必须是 HM、八位数字和一个校验字符", EN: "card must be HM, eight digits and a check character"}
	notPhone  = document.Text{ZH: "手机号必须是11位", EN: "phone must be a mobile number of 11 digits"}
	notDue    = document.Text{ZH: "due 最多写 %d 个事由，如 birthday，用空格隔开", EN: "due must be at most %d reasons such as birthday, with spaces between"}
	notPoints = document.Text{ZH: "会员 %s：%q 不是计划 %s 的积分种类", EN: "member %s: %q is not a kind of points of programme %s"}
)

// PhoneHash is the form in which a phone number is kept and looked up:
// HMAC-SHA-256 under a key that does not lie beside it, in hex (sec E1).
func PhoneHash(key []byte, phone string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(phone))
	return hex.EncodeToString(mac.Sum(nil))
}

// Parse reads the list from CSV with the header
// id,name,card,phone,opening_consumption,opening_green, and due where HQ says what
// is due to whom; a member needs a card or a phone number. Phone numbers are hashed with the key; the numbers and
// full names are not kept. Everything wrong is reported at once: the error is
// a list of Faults and quotes neither names nor numbers.
func Parse(csv, phoneKey []byte) (*Members, error) {
	var faults document.Faults
	if len(phoneKey) < PhoneKeyBytesMin {
		faults.Add(document.Position{}, shortKey, PhoneKeyBytesMin)
		return nil, faults.Err()
	}
	m := &Members{id: map[member.ID]int{}, cards: map[string]int{}, phone: map[string]int{}}
	memberTable.Read(csv, &faults, func(r document.Row) { m.enter(r, readPerson(r, phoneKey)) })
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Members) enter(r document.Row, p Person) {
	if _, double := m.id[p.ID]; double && p.ID != 0 {
		r.Fault("id", idTwice)
	}
	m.id[p.ID] = len(m.list)
	r.Enter("card", p.Card, len(m.list), m.cards)
	r.Enter("phone", p.PhoneHash, len(m.list), m.phone)
	m.list = append(m.list, p)
}

func readPerson(r document.Row, phoneKey []byte) Person {
	id, err := member.ParseID(r.Cell("id"))
	if err != nil {
		r.Fault("id", notID)
	}
	p := Person{ID: id, Name: member.MaskName(r.Optional("name", programme.NameBytesMax)), Card: readCard(r)}
	if phone := readPhone(r); phone != "" {
		p.Phone, p.PhoneHash = member.MaskPhone(phone), PhoneHash(phoneKey, phone)
	}
	if r.Cell("card") == "" && r.Cell("phone") == "" {
		r.Fault("card", neither)
	}
	for _, kind := range []string{"consumption", "green"} {
		if n := r.Integer("opening_"+kind, 0, openingMax); n > 0 {
			p.Opening = append(p.Opening, programme.Cost{Asset: lot.Asset("points:" + kind), Amount: lot.Amount(n)})
		}
	}
	p.Due = readDue(r)
	return p
}

// readDue takes reasons with spaces between. A till is told that something is due,
// and never why: no day and no year of anybody's birth (law L18).
func readDue(r document.Row) []string {
	if r.Cell("due") == "" {
		return nil
	}
	reasons := strings.Fields(strings.Clone(r.Cell("due")))
	if len(reasons) > DueMax || slices.ContainsFunc(reasons, func(s string) bool { return !lot.ValidName(s) }) {
		r.Fault("due", notDue, DueMax)
		return nil
	}
	return reasons
}

// readCard checks the shape of a card number. Its check character is the
// scanner's business: a number that fails there is never looked up here.
func readCard(r document.Row) string {
	card := r.Optional("card", programme.IDBytesMax)
	if card != "" && (len(card) != 11 || card[:2] != "HM" || !document.Numeric(card[2:10]) || !cardCheck(card[10])) {
		r.Fault("card", notCard)
	}
	return card
}

func cardCheck(c byte) bool { return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' }

func readPhone(r document.Row) string {
	phone := r.Cell("phone")
	if phone != "" && (len(phone) != 11 || !document.Numeric(phone) || phone[0] != '1' || phone[1] < '3') {
		r.Fault("phone", notPhone)
		return ""
	}
	return phone
}

// ByID looks a member up by id.
func (m *Members) ByID(id member.ID) (Person, bool) { return find(m.list, m.id, id) }

// ByCard looks a member up by the number on the card.
func (m *Members) ByCard(card string) (Person, bool) { return find(m.list, m.cards, card) }

// ByPhone looks a member up by the PhoneHash of a phone number.
func (m *Members) ByPhone(hash string) (Person, bool) { return find(m.list, m.phone, hash) }

func find[K comparable](list []Person, at map[K]int, key K) (Person, bool) {
	i, ok := at[key]
	if !ok {
		return Person{}, false
	}
	return list[i], true
}

// All returns a copy of the list.
func (m *Members) All() []Person { return slices.Clone(m.list) }

// Len is how many members there are.
func (m *Members) Len() int { return len(m.list) }

// Check reports opening points of a kind that the programme does not have. The
// error is a list of Faults.
func (m *Members) Check(rules *programme.Programme) error {
	var faults document.Faults
	for _, p := range m.list {
		for _, opening := range p.Opening {
			if !slices.ContainsFunc(rules.Points, func(k programme.Points) bool { return k.Asset == opening.Asset }) {
				faults.Add(document.Position{}, notPoints, p.ID, opening.Asset, rules.ID)
			}
		}
	}
	return faults.Err()
}
