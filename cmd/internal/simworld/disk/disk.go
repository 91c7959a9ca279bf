// Package disk is a terminal's disk in the simulation: a journal in memory
// whose every state can be kept and put back, and which fails the way disks do.
// A write is there or not: what a torn page does is proved elsewhere, on the
// real file. It never decides when something fails; that is the world's.
package disk

import (
	"fmt"
	"sync"

	"github.com/jifen-pos/jifen/terminal/journal"
)

// Disk is a journal in memory.
type Disk struct {
	mu    sync.Mutex
	img   *Image
	views int    // that are open: what they see does not change
	kept  *Image // what a flush that lies has really kept; nil while flushes are honest
	dead  bool   // nothing is taken any more until Reopen
	full  bool
	cut   Cut
}

// Cut says what the next transaction meets.
type Cut uint8

// Where the power goes.
const (
	NoCut     Cut = iota
	CutBefore     // nothing of the transaction is there
	CutAfter      // all of it is there, and nobody was told
)

var _ journal.Journal = (*Disk)(nil)

// New is an empty disk.
func New() *Disk { return &Disk{img: &Image{}} }

// Image is what is on the disk now, as those see it who read it.
func (d *Disk) Image() *Image {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.img.clone()
}

// See is the state itself, to be looked at before the next transaction.
func (d *Disk) See() *Image { return d.img }

// Restore puts an image back, as a person with a copy of the card does.
func (d *Disk) Restore(i *Image) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.img, d.kept, d.dead, d.full, d.cut = i.clone(), nil, false, false, NoCut
}

// Lie has flushes be answered and not done from now on.
func (d *Disk) Lie() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.kept == nil {
		d.kept = d.img.clone()
	}
}

// Honest has the disk do what it was told while it lied.
func (d *Disk) Honest() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.kept = nil
}

// Fill has the disk refuse what is written, or take it again.
func (d *Disk) Fill(full bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.full = full
}

// CutAt has the next transaction meet the end of power.
func (d *Disk) CutAt(c Cut) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cut = c
}

// PowerOff ends the power now. It reports whether something was lost that had
// been said to be on the disk.
func (d *Disk) PowerOff() (lost bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead, d.cut = true, NoCut
	if d.kept != nil {
		d.img, d.kept, lost = d.kept, nil, true
	}
	return lost
}

// Reopen is a start on what is there.
func (d *Disk) Reopen() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.dead, d.cut, d.full = false, NoCut, false
}

// Dead reports that the power went in a transaction.
func (d *Disk) Dead() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.dead
}

// Update runs fn in a transaction of its own.
func (d *Disk) Update(fn func(journal.Tx) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return fmt.Errorf("no power: %w", journal.ErrUnknownResult)
	}
	t := &tx{img: d.img, writes: true}
	if err := fn(t); err != nil {
		return err
	}
	if t.failed != nil {
		return t.failed
	}
	if !t.dirty {
		return nil
	}
	switch {
	case d.full:
		return fmt.Errorf("simulated disk: %w", journal.ErrFull)
	case d.cut == CutBefore:
		d.dead = true
		return fmt.Errorf("the power went before the flush: %w", journal.ErrUnknownResult)
	}
	if d.views > 0 {
		d.img = d.img.clone()
	}
	t.apply(d.img)
	if d.cut == CutAfter {
		d.dead = true
		return fmt.Errorf("the power went after the flush: %w", journal.ErrUnknownResult)
	}
	return nil
}

// View runs fn on one state.
func (d *Disk) View(fn func(journal.Tx) error) error {
	d.mu.Lock()
	t := &tx{img: d.img}
	d.views++
	d.mu.Unlock()
	defer func() {
		d.mu.Lock()
		d.views--
		d.mu.Unlock()
	}()
	return fn(t)
}

// Close does nothing: what is in memory stays there.
func (d *Disk) Close() error { return nil }
