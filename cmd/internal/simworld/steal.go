package simworld

import (
	"encoding/hex"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/market"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/till"
)

// stolen has a board go for good: a person at HQ ends it, and another one stands
// in its place. Some of them turn up later.
func (b *board) stolen() {
	w := b.w
	if len(w.boards) >= len(w.office.Boards()) {
		return
	}
	w.Mark("board-stolen")
	b.powerOff()
	b.gone = true
	b.happened(tale.BoardGone)
	w.After(w.Between(time.Hour, 20*time.Hour), b.decommission)
}

// ended has a person at HQ say that a board is gone; false is HQ being away.
func (b *board) ended() bool {
	if b.over && !b.w.office.Misses(b.id) {
		return true
	}
	exposed, done := b.w.office.Decommission(b.id)
	if done {
		for asset, n := range exposed {
			b.w.truth.Risk(asset, n)
		}
		b.over = true
	}
	return done
}

func (b *board) decommission() {
	w := b.w
	if !b.ended() {
		w.After(w.Between(time.Minute, time.Hour), b.decommission)
		return
	}
	w.opens()
	if w.Hit(5000) {
		w.After(w.Between(time.Hour, day), func() {
			w.Mark("board-turned-up")
			b.gone = false
			b.powerOn()
		})
	}
}

// join makes a member of somebody: of who has a number already too, since this
// store does not know that.
func (b *board) join(lane uint32) {
	w := b.w
	phone := fmt.Sprintf("139%08d", w.Random.IntN(40))
	hash, err := hex.DecodeString(roll.PhoneHash(market.PhoneKey, phone))
	w.Must("hide a phone number", err)
	e := till.Enrolment{Ref: b.ref(), Phone: hash, Text: []byte("terms")}
	b.act(e.Ref, func() (clerk.Done, error) { return b.till.Enrol(b.by(lane), e) }, func(done clerk.Done) {
		w.Mark("joined")
		id := done.Entry.Body.(*ledger.Enrol).Member
		w.people = append(w.people, &customer{id: id, card: phone, phone: phone, home: int(b.id) - 1})
		for _, h := range w.hqs() {
			h.Joined(phone, id)
		}
	})
	if b.on {
		b.try(b.till.Clear(b.by(lane)))
	}
}
