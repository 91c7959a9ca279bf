package game

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// ArchiveBytesMax bounds the file of one batch.
const ArchiveBytesMax = 32 << 20

// Archive is one batch as it is kept and given to anybody who asks: what was
// published before the first play, what happened, and, once it is finished, the
// seed (law L14).
type Archive struct {
	Game      string   `json:"game"`
	Batch     string   `json:"batch"`
	Terminal  uint32   `json:"terminal"`
	Programme string   `json:"programme"`
	Prizes    []Entry  `json:"prizes"`
	Seal      string   `json:"seal"`
	Seed      string   `json:"seed,omitempty"` // once it is published
	Results   []Result `json:"results,omitempty"`
}

// Entry is one row of the table.
type Entry struct {
	Prize   string `json:"prize"`
	Count   uint64 `json:"count"`
	Wins    bool   `json:"wins"`
	Instead string `json:"instead,omitempty"`
}

// Result is one play.
type Result struct {
	Number uint64 `json:"number"`
	Prize  string `json:"prize,omitempty"` // that was given
	Back   bool   `json:"back,omitempty"`  // the stake was not taken, or another play was given
	Entry  string `json:"entry"`           // in the journal
}

// NewArchive is a batch before its first play.
func NewArchive(b *Batch, seal Seal) Archive {
	a := Archive{Game: b.Game, Batch: b.ID, Terminal: b.Terminal, Programme: b.Programme, Seal: hex.EncodeToString(seal[:])}
	for _, r := range b.Rows {
		a.Prizes = append(a.Prizes, Entry(r))
	}
	return a
}

// Add notes a play of the batch; false means that it is of another.
func (a *Archive) Add(s *ledger.Stake, entry string) bool {
	if s.Game != a.Game || s.Batch != a.Batch {
		return false
	}
	back := s.Asset != "" && len(s.Draws) == 0 || slices.ContainsFunc(s.Issues, func(i ledger.Issue) bool { return i.Asset == lot.TicketAsset(s.Game) })
	a.Results = append(a.Results, Result{Number: s.Number, Prize: s.Prize, Back: back, Entry: entry})
	return true
}

// Take notes the plays of an entry that are of the batch.
func (a *Archive) Take(entry string, b ledger.Body) {
	switch b := b.(type) {
	case *ledger.Play:
		a.Add(&b.Stake, entry)
	case *ledger.Sale:
		for i := range b.Plays {
			a.Add(&b.Plays[i], entry)
		}
	case *ledger.Return:
		if b.Sale != nil { // an exchange: what was bought in the same go
			a.Take(entry, b.Sale)
		}
	}
}

// Reveal adds the seed.
func (a *Archive) Reveal(seed Seed) { a.Seed = hex.EncodeToString(seed[:]) }

// Encode writes the archive as JSON.
func (a *Archive) Encode() ([]byte, error) {
	text, err := json.MarshalIndent(a, "", " ")
	return append(text, '\n'), err
}

// ReadArchive reads one, strictly.
func ReadArchive(text []byte) (Archive, error) {
	var a Archive
	if len(text) > ArchiveBytesMax {
		return a, fmt.Errorf("archive of %d bytes: %w", len(text), ErrBatch)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&a); err != nil {
		return a, fmt.Errorf("archive: %w: %w", ErrBatch, err)
	}
	return a, nil
}

// Sealed is the batch of an archive and its seal.
func (a *Archive) Sealed() (Batch, Seal, error) {
	b := Batch{Game: a.Game, ID: a.Batch, Terminal: a.Terminal, Programme: a.Programme}
	for _, e := range a.Prizes {
		b.Rows = append(b.Rows, Row(e))
	}
	seal, err := read32(a.Seal)
	return b, seal, err
}

func read32(text string) (out [32]byte, err error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(out) {
		return out, fmt.Errorf("%q is no hash of 64 digits: %w", text, ErrBatch)
	}
	return [32]byte(raw), nil
}

// Verdict is what a check of an archive found.
type Verdict struct {
	Tickets, Played uint64
	Drawn           map[string]uint64 // tickets played, by prize
	Faults          []document.Text   // none: everything is as it was published
	Finished        bool              // every ticket has been played
}

// faultsMax bounds how many faults of an archive are listed.
const faultsMax = 100

// What can be wrong with a finished draw.
var (
	noSeed    = document.Text{ZH: "种子还没有公布，无法核对", EN: "the seed is not published yet: nothing can be checked"}
	wrongSeal = document.Text{ZH: "封条与公布的种子和奖项表不符：种子或奖项表被改过", EN: "the seal is not of the seed and the table as published: one of them was changed"}
	twice     = document.Text{ZH: "第 %d 张用了两次：%s 和 %s", EN: "ticket %d was played twice: %s and %s"}
	beyond    = document.Text{ZH: "没有第 %d 张：%s", EN: "there is no ticket %d: %s"}
	skipped   = document.Text{ZH: "第 %d 张被跳过", EN: "ticket %d was left out"}
	wrong     = document.Text{ZH: "第 %d 张是 %q，却给了 %q：%s", EN: "ticket %d says %q and %q was given: %s"}
	lost      = document.Text{ZH: "第 %d 张是 %q，奖品用完后什么也没给，也没有退还：%s", EN: "ticket %d says %q, which was used up, and nothing was given in its place or back: %s"}
)

// Verify checks a finished batch: seed against seal, every play against its
// ticket.
func (a *Archive) Verify() (Verdict, error) {
	v := Verdict{Drawn: map[string]uint64{}}
	b, seal, err := a.Sealed()
	if err != nil {
		return v, err
	}
	v.Tickets, v.Played = b.Tickets(), uint64(len(a.Results))
	if a.Seed == "" {
		v.add(noSeed)
		return v, nil
	}
	seed, err := read32(a.Seed)
	if err != nil {
		return v, err
	}
	d, err := Open(b, seal, seed)
	if err != nil {
		v.add(wrongSeal)
		return v, nil
	}
	played := map[uint64]string{}
	for _, r := range a.Results {
		if other, again := played[r.Number]; again {
			v.add(twice, r.Number, other, r.Entry)
			continue
		}
		played[r.Number] = r.Entry
		v.check(d, &r)
	}
	v.gaps(played)
	v.Finished = uint64(len(played)) == v.Tickets && len(v.Faults) == 0
	return v, nil
}

func (v *Verdict) check(d *Deck, r *Result) {
	row, err := d.Ticket(r.Number)
	if err != nil {
		v.add(beyond, r.Number, r.Entry)
		return
	}
	v.Drawn[row.Prize]++
	switch {
	case !row.Wins && r.Prize == "", row.Wins && r.Prize == row.Prize:
	case row.Wins && r.Prize != "" && r.Prize == row.Instead:
	case row.Wins && r.Prize == "" && !r.Back:
		v.add(lost, r.Number, row.Prize, r.Entry)
	case row.Wins && r.Prize == "":
	default:
		v.add(wrong, r.Number, row.Prize, r.Prize, r.Entry)
	}
}

// gaps finds tickets that were left out: they are played in their order.
func (v *Verdict) gaps(played map[uint64]string) {
	numbers := make([]uint64, 0, len(played))
	for n := range played {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	next := uint64(0)
	for _, n := range numbers {
		for ; next < n && n < programme.BatchMax && len(v.Faults) < faultsMax; next++ {
			v.add(skipped, next)
		}
		next = n + 1
	}
}

func (v *Verdict) add(what document.Text, args ...any) {
	if len(v.Faults) < faultsMax {
		v.Faults = append(v.Faults, what.Fill(args...))
	}
}
