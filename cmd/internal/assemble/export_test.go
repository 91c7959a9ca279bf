package assemble

import (
	"errors"

	"github.com/jifen-pos/jifen/cmd/internal/shelf"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// Station shows a till to the terminal's end of the exchange.
func Station(t *till.Till, data string) exchange.Station { return station{Till: t, data: data} }

// ShelvedStation is one of which the documents come over the line.
func ShelvedStation(t *till.Till, data string, s *shelf.Shelf) exchange.Station {
	return station{t, data, tilltest.Terminal, s}
}

// LoseGrants has the grant log take no more, and HQ find that out.
func (h *HQ) LoseGrants() error {
	_, err := h.hq.Down(1, 0)
	if err = errors.Join(err, h.grants.Close(), h.hq.OpenMember(roll.Person{ID: 99})); err != nil {
		return err
	}
	if err := h.hq.MakeGood(99, []ledger.Issue{{Asset: "points:consumption", Amount: 1}}, "any", nil, hq.By{Actor: "1", Reason: "why"}); err != nil {
		return err
	}
	_, _ = h.hq.Down(1, 0)
	return nil
}
