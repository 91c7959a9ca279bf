// Package settletool writes what merchants owe each other, and what is
// outstanding, out of HQ's book. It only reads, also while HQ runs.
package settletool

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/sync/hq/settle"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
)

// The forms in which statements are written.
const (
	Text = "text"
	CSV  = "csv"
)

// Asked is what is to be written.
type Asked struct {
	Book      string
	Programme string // file that names merchants and their ceilings; "" is none
	Merchant  string // "" is everyone
	Month     string // 2027-03; "" is every month
	Form      string
}

// entriesAtATime bounds what is read at once.
const entriesAtATime = 1000

// Settle writes the statements that were asked for.
func Settle(a Asked, out io.Writer) (err error) {
	var p *programme.Programme
	if a.Programme != "" {
		text, err := os.ReadFile(a.Programme)
		if err != nil {
			return err
		}
		if p, err = programme.Parse(text); err != nil {
			return fmt.Errorf("%s: %w", a.Programme, err)
		}
	}
	b, err := sqlbook.Read(a.Book)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	var sums *settle.Book
	if err := b.View(func(tx book.Tx) (err error) {
		sums, err = Sums(tx, p)
		return err
	}); err != nil {
		return err
	}
	return write(a, sums, p, out)
}

// Sums adds up what merchants owe each other by all entries of a book.
func Sums(tx book.Tx, p *programme.Programme) (*settle.Book, error) {
	sums := settle.New(settle.Options{
		Lot:      func(id lot.ID) (lot.Lot, bool) { l, err := tx.Lot(id); return l, err == nil },
		Merchant: merchantOf(p),
	})
	if err := Entries(tx, func(o lot.Origin, e *ledger.Entry) error { sums.Add(o, e.Body); return nil }); err != nil {
		return nil, err
	}
	if err := given(tx, sums); err != nil {
		return nil, err
	}
	sums.Close()
	return sums, nil
}

// given adds what HQ itself issued to members and took back, by its own journal.
func given(tx book.Tx, sums *settle.Book) error {
	for epoch, after := uint64(0), uint64(0); ; {
		rows, err := tx.Office(epoch, after, entriesAtATime)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			epoch, after = r.Epoch, r.Seq
			body, err := office.Decode(r.Kind, r.Body)
			if err != nil {
				return fmt.Errorf("HQ's entry %d/%d: %w", r.Epoch, r.Seq, err)
			}
			switch x := body.(type) {
			case *office.SettleDue:
				sums.Taken(x.Draws, x.Day)
			case *office.Net:
				sums.Taken(x.Draws, x.Day)
			case *office.SettleLate:
				sums.Taken(writtenOff(x), x.Day)
			case *office.MakeGood, *office.SettleClaim, *office.Refer, *office.Adjust:
				if c, ok := x.(*office.SettleClaim); ok && c.Back != nil {
					sums.Taken(c.Back.Claw, c.Day)
				}
				sums.Given(body.Moves(lot.Origin{Incarnation: r.Epoch, Seq: r.Seq}).Lots)
			}
		}
	}
}

// writtenOff is what a person wrote off of the awards of an entry that was heard of after
// its terminal's end: nobody has them.
func writtenOff(x *office.SettleLate) []lot.Draw {
	if x.Granted || x.Booked { // what is booked is there once, from a receipt
		return nil
	}
	return slices.DeleteFunc(slices.Clone(x.Draws), func(d lot.Draw) bool { return d.Lot.Origin != x.Of })
}

func merchantOf(p *programme.Programme) func(string) string {
	if p == nil {
		return nil
	}
	return func(benefit string) string {
		b, _ := p.Benefit(benefit)
		return b.Merchant
	}
}

// Entries calls for every entry of every terminal that HQ has.
func Entries(tx book.Tx, each func(lot.Origin, *ledger.Entry) error) error {
	terminals, err := tx.Terminals()
	if err != nil {
		return err
	}
	for _, t := range terminals {
		heads, err := tx.Streams(t.ID)
		if err != nil {
			return err
		}
		for _, h := range heads {
			if err := stream(tx, t.ID, h.Incarnation, each); err != nil {
				return fmt.Errorf("entries of %s: %w", t.ID, err)
			}
		}
	}
	return nil
}

func stream(tx book.Tx, id ledger.TerminalID, i ledger.Incarnation, each func(lot.Origin, *ledger.Entry) error) error {
	for after := ledger.Seq(0); ; {
		rows, err := tx.Entries(id, i, after, entriesAtATime)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			after = r.Head.Seq
			e, err := ledger.Decode(r.Raw)
			if errors.Is(err, ledger.ErrUnknownKind) {
				continue
			}
			if err != nil {
				return err
			}
			if err := each(lot.Origin{Terminal: uint32(id), Incarnation: uint64(i), Seq: uint64(after)}, &e); err != nil {
				return err
			}
		}
	}
}

func write(a Asked, sums *settle.Book, p *programme.Programme, out io.Writer) error {
	var list []settle.Statement
	for _, m := range sums.Months() {
		if a.Month != "" && !strings.HasPrefix(m.String(), a.Month) {
			continue
		}
		for _, who := range sums.Parties(m) {
			if a.Merchant == "" || a.Merchant == who {
				list = append(list, sums.Statement(who, m, p))
			}
		}
	}
	if a.Form == CSV {
		return settle.CSV(out, list)
	}
	for i := range list {
		if i > 0 {
			fmt.Fprintln(out)
		}
		if err := list[i].Text(out); err != nil {
			return err
		}
	}
	if sums.Unknown > 0 {
		fmt.Fprintf(out, "\n%d 个批次查不到出资人，记在积分计划名下 lots whose funder nobody knows stand under the programme itself\n", sums.Unknown)
	}
	return nil
}

// CheckMonth reports whether a text names a month.
func CheckMonth(text string) error {
	if text == "" {
		return nil
	}
	_, err := time.Parse("2006-01", text)
	return err
}
