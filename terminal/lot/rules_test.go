package lot_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/jifen-pos/jifen/terminal/lot"
)

// Rule S08: what is owed takes at most half of each award.
func TestNet(t *testing.T) {
	tests := map[string]struct{ owed, earned, want lot.Amount }{
		"half-of-the-award":  {100, 40, 20},
		"odd-award":          {100, 41, 20},
		"one-point":          {100, 1, 0},
		"two-points":         {100, 2, 1},
		"debt-one-below":     {19, 40, 19},
		"debt-just-half":     {20, 40, 20},
		"debt-one-above":     {21, 40, 20},
		"nothing-owed":       {0, 40, 0},
		"nothing-earned":     {100, 0, 0},
		"owed-by-nobody":     {-5, 40, 0},
		"no-negative-awards": {5, -40, 0},
		"largest":            {lot.AmountMax, lot.AmountMax, lot.AmountMax / 2},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := lot.Net(test.owed, test.earned); got != test.want {
				t.Errorf("Net(%d, %d): got %d, want %d", test.owed, test.earned, got, test.want)
			}
		})
	}
	for today, want := range map[lot.Day]bool{279: false, 280: true, 281: true} {
		if got := lot.OwedLapsed(100, today); got != want {
			t.Errorf("OwedLapsed(100, %d): got %v, want %v", today, got, want)
		}
	}
}

// Rules S05 and S07: what is pending stands beside the balance.
func TestPendingStandsBesideTheBalance(t *testing.T) {
	holdings := []lot.Holding{held(1, 100, 0), held(2, 50, 0), held(3, 7, 0)}
	holdings[1].Lot.Active, holdings[2].Lot.Active = trusted.Day+1, trusted.Day
	if got := lot.Pending(holdings, points, trusted); got != 50 {
		t.Errorf("Pending: got %d, want 50", got)
	}
	if got := lot.Available(holdings, points, trusted); got != 107 {
		t.Errorf("Available: got %d, want 107", got)
	}
	tomorrow := lot.Today{Day: trusted.Day + 1, Trusted: true}
	if pending, available := lot.Pending(holdings, points, tomorrow), lot.Available(holdings, points, tomorrow); pending != 0 || available != 157 {
		t.Errorf("the day after: got %d pending and %d available, want 0 and 157", pending, available)
	}
}

// Rule S13: neither pending nor lately transferred lots, nothing while
// something is owed, and 2,000 points a day.
func TestPlanTransfer(t *testing.T) {
	pending, moved, rested, unknown := held(2, 100, 0), held(3, 100, 0), held(4, 100, 0), held(5, 100, 0)
	pending.Lot.Active = trusted.Day + 1
	moved.Lot.From, rested.Lot.From, unknown.Lot.From = id(90), id(91), id(92)
	arrived := map[lot.ID]lot.Day{id(3): trusted.Day - lot.RestDays + 1, id(4): trusted.Day - lot.RestDays}
	many := []lot.Holding{held(1, 5000, 0)}
	tests := map[string]struct {
		giver lot.Giver
		want  lot.Amount
		draws []lot.Draw
		err   error
	}{
		"own-points":        {lot.Giver{Holdings: many}, 100, []lot.Draw{{Lot: id(1), Amount: 100}}, nil},
		"pending-stays":     {lot.Giver{Holdings: []lot.Holding{pending}}, 1, nil, lot.ErrShort},
		"moved-29-days-ago": {lot.Giver{Holdings: []lot.Holding{moved}, Arrived: arrived}, 1, nil, lot.ErrShort},
		"moved-30-days-ago": {lot.Giver{Holdings: []lot.Holding{rested}, Arrived: arrived}, 1, []lot.Draw{{Lot: id(4), Amount: 1}}, nil},
		"nobody-knows-when": {lot.Giver{Holdings: []lot.Holding{unknown}, Arrived: arrived}, 1, nil, lot.ErrShort},
		"owes-one-point":    {lot.Giver{Holdings: many, Owed: 1}, 1, nil, lot.ErrOwes},
		"just-the-day-cap":  {lot.Giver{Holdings: many}, 2000, []lot.Draw{{Lot: id(1), Amount: 2000}}, nil},
		"above-the-day-cap": {lot.Giver{Holdings: many}, 2001, nil, lot.ErrTransferCap},
		"rest-of-the-day":   {lot.Giver{Holdings: many, Given: 1999}, 1, []lot.Draw{{Lot: id(1), Amount: 1}}, nil},
		"day-used-up":       {lot.Giver{Holdings: many, Given: 2000}, 1, nil, lot.ErrTransferCap},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := lot.PlanTransfer(test.giver, points, test.want, trusted)
			if diff := cmp.Diff(test.draws, got); diff != "" || !errors.Is(err, test.err) {
				t.Errorf("PlanTransfer(%d): got error %v, want %v; -want +got\n%s", test.want, err, test.err, diff)
			}
		})
	}
	if _, err := lot.PlanTransfer(lot.Giver{Holdings: many, Given: 1500, DayMax: 1600}, points, 101, trusted); !errors.Is(err, lot.ErrTransferCap) {
		t.Errorf("PlanTransfer(101) beyond the programme's bound: got %v, want ErrTransferCap", err)
	}
	_, err := lot.PlanTransfer(lot.Giver{Holdings: many, Given: 1500}, points, 501, trusted)
	if err == nil || err.Error() != "transfer 501 points, of which the day allows 500" {
		t.Errorf("PlanTransfer(501): got %v, want what the day allows", err)
	}
}

// Rule S22: expiry runs only after a notice of seven days.
func TestExpiryNoticed(t *testing.T) {
	tests := map[string]struct{ expires, told, want lot.Day }{
		"never-told":       {100, 0, 130},
		"eight-days":       {100, 92, 100},
		"seven-days":       {100, 93, 100},
		"six-days":         {100, 94, 130},
		"on-the-last-day":  {100, 100, 130},
		"never-expires":    {0, 0, 0},
		"never-but-told":   {0, 93, 0},
		"told-long-before": {100, 1, 100},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := lot.ExpiryNoticed(test.expires, test.told, lot.UnnoticedFor); got != test.want {
				t.Errorf("ExpiryNoticed(%d, %d): got %d, want %d", test.expires, test.told, got, test.want)
			}
		})
	}
}

// Rule S22: what would have expired during an incident of three days gets
// three and seven days more.
func TestIncidentExtends(t *testing.T) {
	incident := lot.Incident{First: 100, Last: 102}
	for expires, want := range map[lot.Day]lot.Day{99: 99, 100: 110, 102: 112, 103: 103, 0: 0} {
		if got := incident.Extend(expires, lot.IncidentDays); got != want {
			t.Errorf("%+v.Extend(%d): got %d, want %d", incident, expires, got, want)
		}
	}
}

// The parts of any division add up, and none exceeds its weight when the
// weights cover the total: no line is discounted below nothing (rule S01).
func TestPartsStayWithinTheirWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weights := rapid.SliceOfN(rapid.Int64Range(0, 1e6), 1, 20).Draw(t, "weights")
		var sum int64
		for _, w := range weights {
			sum += w
		}
		total := rapid.Int64Range(0, sum).Draw(t, "total")
		var got int64
		for i, part := range lot.Split(total, weights) {
			if part < 0 || part > weights[i] {
				t.Fatalf("Split(%d, %v): part %d is %d", total, weights, i, part)
			}
			got += part
		}
		if got != total {
			t.Fatalf("Split(%d, %v): the parts add up to %d", total, weights, got)
		}
	})
}
