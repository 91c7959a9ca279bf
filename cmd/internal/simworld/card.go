package simworld

import (
	"slices"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/disk"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/rack"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
)

// What becomes of the cards that disks are: copies are made of them, and put
// back at a bad time.

// card is what a copy of one has: the ledger, and what HQ published.
type card struct {
	disk *disk.Image
	rack *rack.Rack
}

// copiesKept is how many copies of a card somebody keeps.
const copiesKept = 4

// copyCard keeps a copy of what is on the card now.
func (b *board) copyCard() {
	b.w.Mark("card-copied")
	if len(b.copies) == copiesKept {
		n := b.w.Random.IntN(copiesKept)
		b.copies = slices.Delete(b.copies, n, n+1)
	}
	b.copies = append(b.copies, card{b.disk.Image(), b.rack.Copy()})
}

// goBack puts an old copy of the card back, while the power is off. The copies
// that were made after it are thrown away: two cards that went different ways
// and are put in by turns are two boards to HQ, and that is for a person.
func (b *board) goBack() {
	if len(b.copies) == 0 {
		return
	}
	b.w.Mark("card-went-back")
	copies := b.copies
	b.powerOff()
	b.happened(tale.CardBack)
	b.copies = copies // nothing was written since they were made
	n := b.w.Random.IntN(len(b.copies))
	b.disk.Restore(b.copies[n].disk)
	b.rack = b.copies[n].rack.Copy()
	b.copies = slices.Delete(b.copies, n+1, len(b.copies))
	b.told, b.back, b.retry = nil, true, nil
	b.line.life++ // whoever restores a card takes longer than any message
	b.line.old[1] = nil
	b.w.After(b.w.Between(10*time.Minute, 6*time.Hour), b.powerOn)
}

// loseCard has the card break: the shop puts in a new one, which knows nothing.
func (b *board) loseCard() {
	b.w.Mark("card-lost")
	b.powerOff()
	b.happened(tale.CardLost)
	b.disk.Restore(disk.New().Image())
	b.rack = rack.New(b.w.rules.Text)
	b.told, b.back, b.retry, b.copies = nil, true, nil, nil
	b.w.lost = true
	b.line.life++
	b.line.old[1] = nil
	b.w.After(b.w.Between(time.Hour, 2*day), b.powerOn)
}

// lie lets flushes be answered and not done, for a while.
func (b *board) lie() {
	b.w.Mark("flushes-lie")
	b.disk.Lie()
	b.w.After(b.w.Between(time.Minute, day), b.disk.Honest)
}
