package simworld_test

import (
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/simworld"
	"github.com/jifen-pos/jifen/terminal/guard"
)

// With the slip scanned each morning a week of nights costs nobody a redemption,
// strict as the programme may be; without it nothing may be used.
func TestAWeekOfNightsOfflineWithTheSlipScanned(t *testing.T) {
	o := simworld.Options{Seed: 3, Terminals: 2}
	for _, scan := range []bool{true, false} {
		before, after, r := simworld.Nights(o, 7, scan)
		if r.Failure != nil {
			t.Fatal(r.Failure)
		}
		if before == 0 {
			t.Fatal("nothing could be redeemed before the first night")
		}
		if scan && 100*after < 95*before {
			t.Errorf("with the slip scanned %d of %d redemptions are possible, want at least 95 in 100", after, before)
		}
		if !scan && 100*after >= 95*before {
			t.Errorf("without the slip %d of %d redemptions are possible: so the slip proves nothing", after, before)
		}
		t.Logf("slip scanned %v: %d of %d", scan, after, before)
	}
}

func TestOnePosterScannedInFiveOfflineStores(t *testing.T) {
	granted, r := simworld.FivePosters(simworld.Options{Seed: 1, Terminals: 5})
	if r.Failure != nil {
		t.Fatal(r.Failure)
	}
	if granted != 1 || r.Marks["claimed"] < 4 {
		t.Errorf("granted %d times of %d claims, want once", granted, r.Marks["claimed"])
	}
}

func TestABirthdayAtTwoStores(t *testing.T) {
	granted, asked, r := simworld.TwoBirthdays(simworld.Options{Seed: 2, Terminals: 2})
	if r.Failure != nil {
		t.Fatal(r.Failure)
	}
	if granted != 1 || asked != 2 || r.Marks["birthday-claimed"] == 0 {
		t.Errorf("granted %d times, asked for at %d stores, claimed %d times; want once of two", granted, asked, r.Marks["birthday-claimed"])
	}
}

func TestOneReceiptReturnedAtTwoTills(t *testing.T) {
	settled, r := simworld.TwoReturns(simworld.Options{Seed: 4, Terminals: 3})
	if r.Failure != nil {
		t.Fatal(r.Failure)
	}
	if settled != 1 || r.Marks["return-claimed"] < 2 {
		t.Errorf("points of %d pieces were settled for %d claims, want one", settled, r.Marks["return-claimed"])
	}
}

// What a life was given and did not say that it took in comes back when that life is over,
// and not before: it may have used it.
func TestPointsPassedOverWaitForTheLifeThatTheyAreFor(t *testing.T) {
	o := simworld.Options{Seed: 3, Terminals: 2}
	r := simworld.NotePassedOver(o)
	if r.Failure != nil {
		t.Fatal(r.Failure)
	}
	if r.Marks["carried"] == 0 || r.Marks["redeemed"] == 0 || r.Marks["card-went-back"] == 0 {
		t.Fatalf("nothing was carried and used, or no card went back: %v", r.Marks)
	}
	o.Unguarded = guard.Off{OverFirst: true}
	if r := simworld.NotePassedOver(o); r.Failure == nil || r.Failure.What != "spent-twice" {
		t.Errorf("without the rule: %v, want points spent twice", r.Failure)
	}
}
