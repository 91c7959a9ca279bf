package assemble

import (
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/terminal/till"
)

// Station shows a till to the terminal's end of the exchange.
func Station(t *till.Till, data string) exchange.Station { return station{Till: t, data: data} }
