package lot

import (
	"cmp"
	"errors"
	"fmt"
)

// Limits of transfers within a family (rule S13).
const (
	TransferDayMax = Amount(2000) // points that one member gives in a day
	RestDays       = 30           // before what was transferred is transferred again
)

// Errors that callers match; what the lots do not cover is ErrShort.
var (
	ErrOwes        = errors.New("nothing is transferred while points are owed")
	ErrTransferCap = errors.New("more than may be transferred in a day")
)

// TransferCapError says how much was wanted and how much the day still allows.
// It matches ErrTransferCap.
type TransferCapError struct {
	Want, Left Amount
}

func (e *TransferCapError) Error() string {
	return fmt.Sprintf("transfer %d points, of which the day allows %d", e.Want, e.Left)
}

// Is makes the error match ErrTransferCap.
func (e *TransferCapError) Is(target error) bool { return target == ErrTransferCap }

// Giver is a member who transfers points, as HQ knows one.
type Giver struct {
	Holdings []Holding
	Owed     Amount     // what the member owes, of any kind of points
	Given    Amount     // what the member gave away today
	DayMax   Amount     // what the programme lets a member give away in a day; 0 is TransferDayMax
	Arrived  map[ID]Day // of lots that came by a transfer, when
}

// PlanTransfer chooses the lots that a transfer takes, soonest expiry first: of
// those that can be used today and were not transferred lately (rule S13). A
// lot that goes on from another, of which nobody knows since when, stays.
func PlanTransfer(g Giver, asset Asset, want Amount, today Today) ([]Draw, error) {
	if g.Owed > 0 {
		return nil, ErrOwes
	}
	if left := max(cmp.Or(g.DayMax, TransferDayMax)-g.Given, 0); want > left {
		return nil, &TransferCapError{Want: want, Left: left}
	}
	var rested []Holding
	for _, h := range g.Holdings {
		if g.rested(h.Lot, today.Day) {
			rested = append(rested, h)
		}
	}
	return Plan(rested, asset, want, today)
}

func (g Giver) rested(l Lot, today Day) bool {
	arrived, known := g.Arrived[l.ID]
	if known {
		return today-arrived >= RestDays
	}
	return l.From == ID{}
}
