package simworld

import (
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/disk"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/question"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/rack"
	"github.com/jifen-pos/jifen/cmd/internal/simworld/tale"
	"github.com/jifen-pos/jifen/sync/exchange"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/till"
)

// Two boards with one identity: the card is copied into another board, and both
// serve customers, now the one and now the other. Neither is told of the other. HQ
// sees two lives that both go on, and a person names the one that may.

// twin is what makes a board another than the one that has its name.
type twin struct {
	disk    *disk.Disk
	till    *till.Till
	end     *exchange.Terminal
	make    string
	on      bool
	boots   int
	booted  time.Duration
	left    *ledger.Head
	asks    []*wire.Ask
	retry   []func()
	copies  []card
	told    []ledger.Head
	slip    string
	waits   question.Open
	serving [3]bool
	rack    *rack.Rack
}

// turnsMost is the longest that one of two boards serves alone.
const turnsMost = 10 * time.Hour

// clone puts a copy of the card into another board.
func (b *board) clone() {
	if b.other != nil || !b.on || b.over {
		return
	}
	b.w.Mark("card-cloned")
	d := disk.New()
	d.Restore(b.disk.Image())
	b.other = &twin{disk: d, make: fmt.Sprintf("clone-%d-of-%d", b.boots, b.id), boots: 1000 * (b.boots + 1), rack: b.rack.Copy()}
	b.cloned = true
	b.back = true // what one of them does the other does not know
	b.w.After(b.w.Between(time.Hour, turnsMost), b.turn)
}

// swap lets the other board be the one that is at work; this one waits as it is.
func (b *board) swap() {
	b.hangUp()
	t := b.other
	b.other = &twin{b.disk, b.till, b.end, b.make, b.on, b.boots, b.booted, b.left, b.asks, b.retry, b.copies, b.told, b.slip, b.waits, b.serving, b.rack}
	b.disk, b.till, b.end, b.make, b.on, b.boots, b.booted = t.disk, t.till, t.end, t.make, t.on, t.boots, t.booted
	b.left, b.asks, b.retry, b.copies, b.told, b.slip, b.waits, b.serving, b.rack = t.left, t.asks, t.retry, t.copies, t.told, t.slip, t.waits, t.serving, t.rack
	b.line.life++
	b.line.old[1] = nil
	if !b.on {
		b.happened(tale.PowerBack)
		b.boot()
		return
	}
	b.connectSoon(time.Second)
}

// turn has the two boards serve by turns, until one of them is thrown away.
func (b *board) turn() {
	if b.other == nil {
		return
	}
	b.w.After(b.w.Between(time.Hour, turnsMost), b.turn)
	if b.gone || b.over {
		return
	}
	if b.deniedWhy() == "denied-clone" {
		b.throwAway()
		return
	}
	b.w.Mark("boards-by-turns")
	b.swap()
}

// throwAway is somebody finding out that this board is the one that is not to go on.
func (b *board) throwAway() {
	b.w.Mark("clone-barred")
	b.swap()
	b.other = nil
}
