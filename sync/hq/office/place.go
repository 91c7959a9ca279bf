package office

import "github.com/jifen-pos/jifen/sync/hq/place"

// Places and postings, by the office's names.
type (
	Place     = place.Place
	PlaceKind = place.Kind
	Post      = place.Post
)

// The places that entries of the office name.
const (
	Issued     = place.Issued
	AtHQ       = place.AtHQ
	AtTerminal = place.AtTerminal
	InFlight   = place.InFlight
	Spent      = place.Spent
	Risk       = place.Risk
	Clawed     = place.Clawed
	Reinstated = place.Reinstated
	Reissued   = place.Reissued
	WrittenOff = place.WrittenOff
	Expired    = place.Expired
	Netted     = place.Netted
	Late       = place.Late
)
