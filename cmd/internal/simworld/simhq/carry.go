package simhq

import (
	"errors"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/asking"
	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Carry is a member's phone at HQ's page, with the challenge of a till that has no
// line: it shows the codes that it gets, or those of before, until the till refuses
// one, and keeps them.
func (h *HQ) Carry(who member.ID, challenge string, before []string, show func(code string) bool) []string {
	codes := h.carry(who, challenge)
	if len(codes) == 0 {
		codes = before
	}
	for _, code := range codes {
		if !show(code) {
			break
		}
		h.Mark("carried")
	}
	return codes
}

func (h *HQ) carry(who member.ID, challenge string) (codes []string) {
	h.Do("carry", func() error {
		var at asking.Carried
		err := h.HQ.Decide(func(w *decision.Work) (err error) {
			at, err = asking.ByHand(w, who, challenge)
			return err
		})
		for _, known := range []error{asking.ErrChallenge, asking.ErrEnded, asking.ErrNothing, asking.ErrUsed, hq.ErrFenced} {
			if errors.Is(err, known) {
				h.Mark("carry-refused")
				return nil
			}
		}
		if err != nil {
			return err
		}
		raws, err := h.HQ.Down(at.Terminal, at.Seq-1)
		if err != nil || len(raws) == 0 || at.Seq == 0 {
			return err
		}
		codes, err = token.Carry(raws[0])
		return err
	})
	if !h.On { // it died meanwhile
		return nil
	}
	return codes
}
