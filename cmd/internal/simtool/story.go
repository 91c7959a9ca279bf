package simtool

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// Story leads one world and tells what happened to one member's points, across
// stores and days; 0 is the member who has been to most stores. A world that
// fails is told up to there, and its failure returned.
func Story(o simworld.Options, who member.ID, out io.Writer) error {
	r := simworld.Run(o)
	if who == 0 {
		who = liveliest(r.Story)
	}
	fmt.Fprintf(out, "World %d: what happened to the points of %s\n\n", o.Seed, who)
	stores := storesOf(r.Story, who)
	var earned, used lot.Amount
	for _, l := range r.Story {
		switch {
		case l.Member == 0 && stores[l.Store]:
			fmt.Fprintf(out, "%s  %-3s  -- %s\n", clock(l.At), l.Store, harms[l.Event])
		case l.Member == who && who != 0:
			earned, used = earned+l.Earned, used+l.Used
			fmt.Fprintf(out, "%s  %-3s  %s\n", clock(l.At), cmp.Or(l.Store, "HQ"), sentence(l))
		}
	}
	fmt.Fprintf(out, "\nCashiers said %d points in, %d out.\n", earned, used)
	if r.Failure != nil {
		return r.Failure
	}
	fmt.Fprintln(out, "Then the harm ended, and all stores and HQ agreed within the time they have:")
	for _, h := range r.Held {
		if h.Member != who || places[h.Kind] == "" {
			continue
		}
		at := places[h.Kind]
		if h.Kind == book.AtTerminal {
			at = "to be spent at " + h.Store
		}
		fmt.Fprintf(out, "  %6d  %s\n", max(h.Amount, -h.Amount), at)
	}
	fmt.Fprintln(out, "No point was there twice and none was lost: for every lot these add up to what was issued.")
	return nil
}

// clock is when something happened, in the shops' time.
func clock(at time.Duration) string {
	const opens = 8 * time.Hour // a world begins at eight in the morning
	at += opens
	day := 24 * time.Hour
	return fmt.Sprintf("day %2d %02d:%02d", at/day+1, at%day/time.Hour, at%time.Hour/time.Minute)
}

var harms = map[tale.Event]string{
	tale.LineCut: "the line to HQ is cut", tale.LineBack: "the line is back", tale.PowerCut: "the power goes",
	tale.PowerBack: "the power is back", tale.CardBack: "an old copy of the card is put in",
	tale.CardLost:  "the card breaks, and an empty one is put in",
	tale.BoardGone: "the board is stolen",
}

var deeds = map[tale.Event]string{
	tale.Bought: "bought something", tale.Redeemed: "took a voucher for goods", tale.GotGoods: "got the goods of a voucher",
	tale.VoucherBack: "gave a voucher back", tale.Returned: "brought goods back",
	tale.ReturnAsked:  "brought goods of another store back: HQ settles the points",
	tale.CheckedIn:    "came for an activity",
	tale.CheckInAsked: "came for an activity: HQ gives the points, if not given before", tale.Answered: "answered a survey",
	tale.Adjusted: "the points were set right", tale.MadeGood: "HQ made something good",
	tale.Merged: "HQ found two records of one person",
}

func sentence(l tale.Line) string {
	s := deeds[l.Event]
	if l.Earned != 0 {
		s += fmt.Sprintf(", %d points in", l.Earned)
	}
	if l.Used != 0 {
		s += fmt.Sprintf(", %d points out", l.Used)
	}
	if l.Entry != "" {
		s += "  [" + l.Entry + "]"
	}
	return s
}

var places = map[book.PlaceKind]string{
	book.Issued: "issued in all, with what there was before", book.AtHQ: "at HQ, for any store", book.AtTerminal: "to be spent", book.InFlight: "on their way to a store",
	book.Spent: "spent", book.Risk: "spent beyond what was there: the store's loss", book.Clawed: "taken back with returned goods",
	book.Reinstated: "given back after returns", book.Reissued: "went on in newer lots", book.WrittenOff: "written off",
	book.Expired: "expired", book.Netted: "taken for what was owed",
}

func storesOf(story []tale.Line, who member.ID) map[string]bool {
	stores := map[string]bool{}
	for _, l := range story {
		if l.Member == who {
			stores[l.Store] = true
		}
	}
	delete(stores, "")
	return stores
}

// liveliest is the member with most stores, and of those with most to tell.
func liveliest(story []tale.Line) member.ID {
	lines := map[member.ID]int{}
	for _, l := range story {
		if l.Member != 0 {
			lines[l.Member]++
		}
	}
	if len(lines) == 0 {
		return 0
	}
	return slices.MaxFunc(slices.Sorted(maps.Keys(lines)), func(a, b member.ID) int {
		return cmp.Or(cmp.Compare(len(storesOf(story, a)), len(storesOf(story, b))), cmp.Compare(lines[a], lines[b]))
	})
}
