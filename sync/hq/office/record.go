package office

import (
	"encoding/binary"

	"github.com/jifen-pos/jifen/sync/hq/spent"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/fold/count"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Limits of the records.
const (
	duesMax      = 8000
	owedMax      = 1024 // days and assets of one member
	seenMax      = 4096 // terminals of one member
	openMax      = 4096 // claims that wait
	incidentsMax = 1024
	saidBytesMax = 16 << 10 // more than a ruling can have
)

// The first bytes of the desk's keys. They are stored: append, never reuse.
const (
	personPrefix   = 'p'
	lotPrefix      = 'l'
	claimPrefix    = 'c'
	soldPrefix     = 's'
	openPrefix     = 'o'
	incidentPrefix = 'i'
	heldPrefix     = 'h'
	exposedPrefix  = 'e'
	endPrefix      = 'g'
	visitPrefix    = 'v'
	dealtPrefix    = 'd'
	handPrefix     = 'b'
	heardPrefix    = 't'
	GiftsPrefix    = 'r' // of package gifts
)

var (
	openKey     = []byte{openPrefix}
	incidentKey = []byte{incidentPrefix}

	// The first bytes of all keys of persons, claims, batches, terminals' lives.
	PersonRows, ClaimRows, HandRows, EndRows = []byte{personPrefix}, []byte{claimPrefix}, []byte{handPrefix}, []byte{endPrefix}
)

// PersonKey is the key of somebody's record, for reading ahead.
func PersonKey(id member.ID) []byte {
	return binary.BigEndian.AppendUint64([]byte{personPrefix}, uint64(id))
}

func lotKey(id lot.ID) []byte {
	return binary.BigEndian.AppendUint32(originKey(lotPrefix, id.Origin), id.N)
}

func claimKey(id lot.Origin) []byte { return originKey(claimPrefix, id) }

func soldKey(id lot.Origin) []byte { return originKey(soldPrefix, id) }

func originKey(prefix byte, o lot.Origin) []byte {
	b := binary.BigEndian.AppendUint32([]byte{prefix}, o.Terminal)
	b = binary.BigEndian.AppendUint64(b, o.Incarnation)
	return binary.BigEndian.AppendUint64(b, o.Seq)
}

// Person is what HQ alone knows of one member's id.
type Person struct {
	To      member.ID   // the older member that this one is, or 0
	Aliases []member.ID // the younger ones that are this one
	Tier    string
	Blocked bool
	Due     []Due   // of lots of this id
	Owed    []Owing // by this id, oldest first
	Seen    []ledger.TerminalID
	Said    []byte       // what terminals were last told of the ruling
	Months  []fold.Month // what returns that HQ settled take from those of the terminals

	Pool      lot.Amount        // of theirs that the household may spend in a month
	Household []ledger.Relative // the others of it

	Since, Until, Told lot.Day // of the tier: begun, safe until, when a step down was told
	Green              Rank    // the green grade

	Referrer  member.ID        // who brought them along, or 0
	Bought    []lot.Origin     // since then, until both were rewarded
	Referred  lot.Day          // when that was, or 0
	BroughtIn lot.Day          // last day of the month in which they brought
	Brought   int64            // so many
	Lasts     []ledger.Lasting // vouchers, the newest last
	Gifts     []string         // reasons for which something is to be given to them
}

// Fields lists the message's fields.
func (p *Person) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &p.To)
	codec.Numbers(c, 2, &p.Aliases, AliasesMax)
	codec.String(c, 3, &p.Tier, TextBytesMax)
	codec.Bool(c, 4, &p.Blocked)
	codec.List(c, 5, &p.Due, duesMax)
	codec.List(c, 6, &p.Owed, owedMax)
	codec.Numbers(c, 7, &p.Seen, seenMax)
	codec.Bytes(c, 8, &p.Said, saidBytesMax)
	codec.List(c, 9, &p.Months, count.MonthsMax)
	codec.Int(c, 10, &p.Pool)
	codec.List(c, 11, &p.Household, ledger.HouseholdMax)
	codec.Int(c, 12, &p.Since)
	codec.Int(c, 13, &p.Until)
	codec.Int(c, 14, &p.Told)
	codec.Value(c, 15, &p.Green)
	codec.Uint(c, 16, &p.Referrer)
	codec.Int(c, 17, &p.Referred)
	codec.Int(c, 18, &p.BroughtIn)
	codec.Int(c, 19, &p.Brought)
	codec.List(c, 20, &p.Bought, AliasesMax)
	codec.List(c, 21, &p.Lasts, ledger.LastsMax)
	codec.Strings(c, 22, &p.Gifts, ledger.GiftsMax, TextBytesMax)
}

// Kept is what HQ remembers of one lot beside its accounts.
type Kept struct {
	Since    lot.Day // HQ has held some of it without a break, or 0: since it was made
	Noticed  lot.Day // the first notice that it lapses, or 0
	Spent    []SpentOn
	Capped   lot.Amount // taken back because of a cap: a return of it takes so much less
	Until    lot.Day    // it lasts so long because of an incident, or 0
	Incident string
}

// Fields lists the message's fields.
func (k *Kept) Fields(c *codec.Coder) {
	codec.Int(c, 1, &k.Since)
	codec.Int(c, 2, &k.Noticed)
	codec.List(c, 3, &k.Spent, spent.DaysMax)
	codec.Int(c, 4, &k.Capped)
	codec.Int(c, 5, &k.Until)
	codec.String(c, 6, &k.Incident, TextBytesMax)
}

// Status says where a claim stands. Stored.
type Status uint8

// The states of a claim.
const (
	NoClaim Status = iota
	ClaimOpen
	ClaimParked // a person decides
	ClaimGranted
	ClaimRefused
)

// Claim is a claim that an entry of a terminal made.
type Claim struct {
	Status Status
	Owner  member.ID
	Sale   lot.Origin // of a return, or zero
	Why    string     // parked or refused: a word of the catalogue
}

// Fields lists the message's fields.
func (k *Claim) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &k.Status)
	codec.Uint(c, 2, &k.Owner)
	codec.Value(c, 3, &k.Sale)
	codec.String(c, 4, &k.Why, TextBytesMax)
}

// Open is a claim that waits, with what may clear it, so that not each of them is read
// for each batch.
type Open struct {
	Of    lot.Origin
	Owner member.ID  // or 0: the till does not know
	Sale  lot.Origin // of a return, or zero; in a book of earlier builds both are
}

// Fields lists the message's fields: those of its origin, which was once all, come first.
func (o *Open) Fields(c *codec.Coder) {
	o.Of.Fields(c)
	codec.Uint(c, 4, &o.Owner)
	codec.Value(c, 5, &o.Sale)
}

// waiting is the list of claims that wait, oldest first.
type waiting struct{ Claims []Open }

func (w *waiting) Fields(c *codec.Coder) { codec.List(c, 1, &w.Claims, openMax) }

// incidents are all of them, oldest first.
type incidents struct{ List []Incident }

func (i *incidents) Fields(c *codec.Coder) { codec.List(c, 1, &i.List, incidentsMax) }

// PersonOf is whose record a key names.
func PersonOf(key []byte) member.ID { return member.ID(number(key[1:])) }

// ClaimOf is the entry whose claim a key names.
func ClaimOf(key []byte) lot.Origin {
	return lot.Origin{Terminal: uint32(number(key[1:5])), Incarnation: number(key[5:13]), Seq: number(key[13:])}
}

func heldKey(id ledger.TerminalID, page uint32) []byte {
	key := binary.BigEndian.AppendUint32([]byte{heldPrefix}, uint32(id))
	if page > 0 {
		key = binary.BigEndian.AppendUint32(key, page)
	}
	return key
}

func exposedKey(id ledger.TerminalID) []byte {
	return binary.BigEndian.AppendUint32([]byte{exposedPrefix}, uint32(id))
}

func number(b []byte) (n uint64) {
	for _, x := range b {
		n = n<<8 | uint64(x)
	}
	return n
}
