package simhq

import (
	"errors"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/engine"
	"github.com/jifen-pos/jifen/sync/hq/library"
)

// publish has a person publish another programme, at once or for a time to come, to all
// stores or to some first; or take back what was published last.
func (h *HQ) publish() {
	if h.Hit(3000) {
		h.decides("rolled-back", func() error {
			_, err := h.HQ.RollBack("programme", byPerson)
			if errors.Is(err, library.ErrNothingOld) {
				err = nil
			}
			return err
		})
		return
	}
	n := h.Random.IntN(len(h.o.Rules))
	r := library.Release{What: "programme", Version: fmt.Sprint(n), Bytes: h.o.Rules[n]}
	if h.Hit(5000) {
		h.Mark("published-for-later")
		r.From = h.Wall().Add(h.Between(time.Hour, 2*engine.Day))
	}
	if h.Hit(4000) {
		h.Mark("published-to-some")
		r.Stores = []string{engine.Pick(h.Engine, h.o.Boards).Store}
	}
	h.decides("published", func() error { return h.HQ.Release(r, byPerson) })
}
