package office

import (
	"github.com/jifen-pos/jifen/sync/hq/place"
	"github.com/jifen-pos/jifen/sync/hq/returned"
	"github.com/jifen-pos/jifen/sync/hq/spent"
)

// SpentOn is how much of a lot was spent on a day, by the office's name.
type SpentOn = spent.On

// What came back of sales, by the office's names.
type (
	Due      = returned.Due
	Returned = returned.Returned
	Sold     = returned.Sold
)

// Places and postings, by the office's names.
type (
	Place     = place.Place
	PlaceKind = place.Kind
	Post      = place.Post
	Moves     = place.Moves
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
