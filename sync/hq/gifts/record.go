package gifts

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// Limits of what is kept of one member. What is older than the newest counts no more.
const (
	seenMax     = 1000
	givenMax    = 200
	childrenMax = 8
)

// The second bytes of the keys, behind office.GiftsPrefix. They are stored: append,
// never reuse.
const (
	memberRow = 'm' // member: what is kept of them
	dayRow    = 'd' // hidden day of the year, member: whose birthday it is
	cursorRow = 'c' // terminal, 0 for HQ's own journal: how far it was followed
	nightRow  = 'n' // the last night
)

func key(kind byte, numbers ...uint64) []byte {
	b := []byte{office.GiftsPrefix, kind}
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return b
}

// record is what is kept of one member's id.
type record struct {
	Agreed   bool     // that their name and birthday are kept
	Guardian bool     // of a child, and agreed that its birthday is kept
	Own      uint64   // hidden day of the year, or 0
	Children []uint64 // hidden days, in the order in which they were told
	Given    []given
	Seen     []seen // entries that may count, as they were heard
}

// Fields lists the message's fields.
func (r *record) Fields(c *codec.Coder) {
	codec.Bool(c, 1, &r.Agreed)
	codec.Bool(c, 2, &r.Guardian)
	codec.Fixed64(c, 3, &r.Own)
	codec.Numbers(c, 4, &r.Children, childrenMax)
	codec.List(c, 5, &r.Given, givenMax)
	codec.List(c, 6, &r.Seen, seenMax)
}

// given is that something was handed over for a reason.
type given struct {
	Reason string
	Day    lot.Day
}

// Fields lists the message's fields.
func (g *given) Fields(c *codec.Coder) {
	codec.String(c, 1, &g.Reason, ledger.TextBytesMax)
	codec.Int(c, 2, &g.Day)
}

// seen is an entry that may count towards something.
type seen struct {
	Of   lot.Origin // of HQ's own journal where its terminal is 0
	Day  lot.Day
	Kind ledger.Kind // 0 where it was not kept, or of HQ's own journal
}

// Fields lists the message's fields.
func (s *seen) Fields(c *codec.Coder) {
	codec.Value(c, 1, &s.Of)
	codec.Int(c, 2, &s.Day)
	codec.Uint(c, 3, &s.Kind)
}

// mayCount reports whether an entry can count towards a task: most of what a member
// does counts towards none, and is not looked up.
func (s *seen) mayCount(t *programme.Task) bool {
	said := s.Of.Terminal == 0 || s.Kind == ledger.KindAnswer
	wants := t.Metric == programme.CountSurveys || t.Metric == programme.CountVoices
	return s.Day >= t.Window.From && (said == wants || s.Kind == 0 && s.Of.Terminal != 0)
}

// cursor is how far a journal was followed.
type cursor struct {
	Life  uint64 // incarnation, or epoch
	Seq   uint64
	Count uint64 // entries in all
}

// Fields lists the message's fields.
func (k *cursor) Fields(c *codec.Coder) {
	codec.Fixed64(c, 1, &k.Life)
	codec.Uint(c, 2, &k.Seq)
	codec.Uint(c, 3, &k.Count)
}

// night is the last one, and the window of birthdays then.
type night struct {
	Day    lot.Day
	Window lot.Day
}

// Fields lists the message's fields.
func (n *night) Fields(c *codec.Coder) {
	codec.Int(c, 1, &n.Day)
	codec.Int(c, 2, &n.Window)
}

func read(w *decision.Work, key []byte, m codec.Message) error {
	b, err := w.Tx.Desk().Get(key)
	if err != nil {
		return err
	}
	if err := codec.Unmarshal(slices.Clone(b), m); err != nil {
		return fmt.Errorf("gifts record %x: %w: %w", key, office.ErrRecord, err)
	}
	return nil
}

func write(w *decision.Work, key []byte, m codec.Message) error {
	b, err := codec.Kept(m)
	if err != nil {
		return fmt.Errorf("gifts record %x: %w", key, err)
	}
	return w.Tx.PutDesk(key, b)
}

// edit changes what is kept of a member.
func edit(w *decision.Work, who member.ID, change func(*record)) error {
	var r record
	k := key(memberRow, uint64(who))
	if err := read(w, k, &r); err != nil {
		return err
	}
	change(&r)
	r.Given = r.Given[max(len(r.Given)-givenMax, 0):]
	r.Seen = r.Seen[max(len(r.Seen)-seenMax, 0):]
	return write(w, k, &r)
}
