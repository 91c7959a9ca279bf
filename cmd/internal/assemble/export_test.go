package assemble

import (
	"github.com/jifen-pos/jifen/cmd/internal/shelf"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// Station shows a till to the terminal's end of the exchange.
func Station(t *till.Till, data string) exchange.Station { return station{Till: t, data: data} }

// ShelvedStation is one of which the documents come over the line.
func ShelvedStation(t *till.Till, data string, s *shelf.Shelf) exchange.Station {
	return station{t, data, tilltest.Terminal, s}
}
