package wire

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// DownEntriesMax bounds the entries of HQ's journal in one message.
const DownEntriesMax = 64

// Enrolled tells a board that HQ has taken its key, and HQ's own.
type Enrolled struct {
	Key [ed25519.PublicKeySize]byte
	Mac [sha256.Size]byte
}

// Fields lists the message's fields.
func (m *Enrolled) Fields(c *codec.Coder) {
	codec.Array(c, 1, m.Key[:])
	codec.Array(c, 2, m.Mac[:])
}

// Kind is KindEnrolled.
func (*Enrolled) Kind() Kind { return KindEnrolled }

// Denied says that HQ takes nothing from this board, and why: a word of the
// catalogue.
type Denied struct {
	Code string
}

// Fields lists the message's fields.
func (m *Denied) Fields(c *codec.Coder) { codec.String(c, 1, &m.Code, ledger.TextBytesMax) }

// Kind is KindDenied.
func (*Denied) Kind() Kind { return KindDenied }

// Welcome answers a Hello: how far HQ has the journals that it names.
type Welcome struct {
	Has  []ledger.Head
	Wall int64 // HQ's time, unix ms
}

// Fields lists the message's fields.
func (m *Welcome) Fields(c *codec.Coder) {
	codec.List(c, 1, &m.Has, StreamsMax)
	codec.Int(c, 2, &m.Wall)
}

// Kind is KindWelcome.
func (*Welcome) Kind() Kind { return KindWelcome }

// Ack says that HQ has committed an incarnation up to a head.
type Ack struct {
	Head    ledger.Head
	Wall    int64
	PauseMS int64 // before the next batch: HQ has more to do than it can
	// Twice: the journal up to the head, earlier incarnations too, lies in two
	// places that do not fail together. What is old may leave the ledger.
	Twice bool
}

// Fields lists the message's fields.
func (m *Ack) Fields(c *codec.Coder) {
	codec.Value(c, 1, &m.Head)
	codec.Int(c, 2, &m.Wall)
	codec.Int(c, 3, &m.PauseMS)
	codec.Bool(c, 4, &m.Twice)
}

// Kind is KindAck.
func (*Ack) Kind() Kind { return KindAck }

// Resume says that a batch did not follow on what HQ has: go on after this.
type Resume struct {
	Head ledger.Head
}

// Fields lists the message's fields.
func (m *Resume) Fields(c *codec.Coder) { codec.Value(c, 1, &m.Head) }

// Kind is KindResume.
func (*Resume) Kind() Kind { return KindResume }

// Down is a run of HQ's journal for the terminal, each entry as signed.
type Down struct {
	First   ledger.DownSeq
	Entries [][]byte
	Answer  *Answer // to an ask, with the note that it speaks of; or nil
}

// Fields lists the message's fields.
func (m *Down) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &m.First)
	codec.ByteStrings(c, 2, &m.Entries, DownEntriesMax, ledger.SignedDownBytesMax)
	codec.Sub(c, 3, &m.Answer)
}

// Kind is KindDown.
func (*Down) Kind() Kind { return KindDown }

// Lacks says that HQ has its own journal for the terminal only so far, and wants
// the rest sent back: it was restored from a backup.
type Lacks struct {
	After ledger.DownSeq
}

// Fields lists the message's fields.
func (m *Lacks) Fields(c *codec.Coder) { codec.Uint(c, 1, &m.After) }

// Kind is KindLacks.
func (*Lacks) Kind() Kind { return KindLacks }

// Answer answers an ask beside the note: what else there is of the member's, or why
// a voucher's right does not come.
type Answer struct {
	Ask    lot.AskID
	Member member.ID
	Left   []Balance
	Given  bool              // a note follows
	Code   string            // why a voucher's right does not follow, or that points were called back: a word
	At     ledger.TerminalID // which has it, used it, or has not told HQ of it yet
	Store  string            // where that stands
	Wall   int64             // when that was heard last, or when it was used: unix ms, 0 for never
}

// Fields lists the message's fields.
func (m *Answer) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &m.Ask)
	codec.Uint(c, 2, &m.Member)
	codec.List(c, 3, &m.Left, WantsMax)
	codec.Bool(c, 4, &m.Given)
	codec.String(c, 5, &m.Code, ledger.TextBytesMax)
	codec.Uint(c, 6, &m.At)
	codec.String(c, 7, &m.Store, ledger.TextBytesMax)
	codec.Int(c, 8, &m.Wall)
}

// Kind is KindAnswer.
func (*Answer) Kind() Kind { return KindAnswer }

// Balance is what HQ knows of one kind of a member's points.
type Balance struct {
	Asset     lot.Asset
	HQ        lot.Amount
	Elsewhere lot.Amount
}

// Fields lists the message's fields.
func (b *Balance) Fields(c *codec.Coder) {
	codec.String(c, 1, &b.Asset, lot.AssetBytesMax)
	codec.Int(c, 2, &b.HQ)
	codec.Int(c, 3, &b.Elsewhere)
}

// EnrolMac proves to HQ that the board's installer knew the code.
func EnrolMac(code string, t ledger.TerminalID, board ed25519.PublicKey) [sha256.Size]byte {
	return mac(code, "jifen1 enrol", t.String(), string(board))
}

// EnrolledMac proves to the board that HQ knows the code too.
func EnrolledMac(code string, t ledger.TerminalID, board, hq ed25519.PublicKey) [sha256.Size]byte {
	return mac(code, "jifen1 enrolled", t.String(), string(board), string(hq))
}

// Password is what a terminal tells the broker, made from the enrolment code
// so that one secret is typed.
func Password(code string, t ledger.TerminalID) string {
	sum := mac(code, "jifen1 broker", t.String())
	const digits = "0123456789abcdefghjkmnpqrstvwxyz"
	out := make([]byte, 26)
	for i := range out {
		out[i] = digits[sum[i]&31]
	}
	return string(out)
}

func mac(code string, parts ...string) (sum [sha256.Size]byte) {
	h := hmac.New(sha256.New, []byte(code))
	for _, p := range parts {
		h.Write([]byte{byte(len(p) >> 8), byte(len(p))})
		h.Write([]byte(p))
	}
	h.Sum(sum[:0])
	return sum
}

// History gives back entries of the terminal's own journal that follow on one
// another, all of one incarnation.
type History struct {
	After       ledger.Head        // what was asked for
	Before      ledger.Incarnation // and up to where
	Incarnation ledger.Incarnation // of the entries
	Entries     [][]byte
	Done        bool // nothing more is missing there

	packed []byte
}

// Fields lists the message's fields.
func (m *History) Fields(c *codec.Coder) {
	codec.Value(c, 1, &m.After)
	codec.Fixed64(c, 2, &m.Incarnation)
	codec.Bool(c, 3, &m.Done)
	entries(c, &m.Entries, &m.packed)
	codec.Fixed64(c, 6, &m.Before)
}

// Kind is KindHistory.
func (*History) Kind() Kind { return KindHistory }
