package lot

import "time"

// HoldFor is how long a hold lasts: long enough for a suspended basket, too
// short to be forgotten (rule S18).
const HoldFor = 15 * time.Minute

// Hold keeps an amount for one basket. It is no debit: it lowers what is
// available, survives suspending, and ends by itself.
type Hold struct {
	Asset  Asset
	Amount Amount
	Until  time.Time // it holds before this instant
}

// Free returns what can be used of an asset beyond what holds keep (rule S18).
// It is never negative: what is held may have lapsed meanwhile.
func Free(holdings []Holding, asset Asset, today Today, holds []Hold, now time.Time) Amount {
	free := Available(holdings, asset, today)
	for _, h := range holds {
		if h.Asset == asset && now.Before(h.Until) {
			free -= h.Amount
		}
	}
	return max(free, 0)
}

// Pending adds up what is held of an asset and cannot be used yet (rule S07):
// it is shown beside the balance, not in it (rule S05).
func Pending(holdings []Holding, asset Asset, today Today) Amount {
	var total Amount
	for _, h := range holdings {
		if h.Lot.Asset == asset && h.Lot.Active > today.Day {
			total += h.Amount
		}
	}
	return total
}
