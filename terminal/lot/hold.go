package lot

import "time"

// HoldFor is how long a hold lasts: long enough for a suspended basket, too
// short to be forgotten (rule S18).
const HoldFor = 15 * time.Minute

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
