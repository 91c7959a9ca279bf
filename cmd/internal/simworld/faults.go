package simworld

import (
	"math/rand/v2"
	"time"
)

// Marks count what happened.
type Marks map[string]int

// Add adds the marks of another world.
func (m Marks) Add(more Marks) {
	for what, n := range more {
		m[what] += n
	}
}

// faults are the chances of everything that goes wrong, each in 10,000 of its
// occasions. A world draws which ones it has and how strongly: some worlds are
// nearly quiet but for one thing.
type faults struct {
	loss, double, corrupt, late, replay, forge int // of messages
	partition, flap                            int // of a board's line, a day
	brokerDown                                 int // a day
	cut, pressTwice                            int // of a cashier's actions
	restart                                    int // of the daemon, a day
	reboot                                     int // a day
	nights                                     int // of the boards, off every night
	full                                       int // of a cashier's actions
	clock                                      int // a step, a day
	unset                                      int // of boots, without a clock
	hqCrash, hqUnknown, hqAgain                int // of what HQ does
	person                                     int // something a person at HQ does, an hour
	walk                                       int // of customers, to another store
	noWait                                     int // of customers, who do not wait for HQ
	copied, back, lie, lost                    int // of boards' cards, a day
	posters                                    int // of customers, who come for a poster beyond the usual
	lapse                                      bool
}

// drawFaults draws each fault's chance between 0 and its most.
func drawFaults(r *rand.Rand, calm bool) (f faults) {
	some := func(most int) int {
		n := r.IntN(most + 1)
		if r.IntN(3) == 0 || calm {
			return 0
		}
		return n
	}
	f = faults{
		loss: some(2000), double: some(1500), corrupt: some(300), late: some(200), replay: some(500), forge: some(200),
		partition: some(1500), flap: some(600), brokerDown: some(1000), cut: some(40), pressTwice: some(1000), restart: some(1000),
		reboot: some(400), nights: some(5000), full: some(100), clock: some(700), unset: some(3000),
		hqCrash: some(100), hqUnknown: some(100), hqAgain: some(500), person: some(800), noWait: some(5000),
		copied: 1000 + some(6000), back: some(2000), lie: some(800),
	}
	f.walk = 500 + r.IntN(3000)
	f.lost = some(200)
	return f
}

// harsh has one kind of harm come as often as can be.
func (f *faults) harsh(what string) {
	switch what {
	case "cards":
		f.copied, f.back, f.reboot, f.partition = 20_000, 10_000, 2000, 0
	case "alone":
		f.copied, f.back, f.partition, f.loss = 20_000, 10_000, 9000, 0
	case "broken":
		f.lost, f.partition = 5000, 0
	case "forged":
		f.forge, f.replay, f.partition = 1500, 1500, 0
	case "persons":
		f.person, f.partition = 10_000, 0
	case "presses":
		f.pressTwice, f.posters = 5000, 3000
	case "posters":
		f.posters, f.walk, f.partition = 5000, 8000, 0
	case "late":
		f.late, f.double, f.loss, f.reboot, f.partition = 1500, 3000, 0, 6000, 0
	case "silent":
		f.partition, f.flap, f.walk, f.back, f.loss = 9000, 0, 8000, 0, 0
	case "loss":
		f.loss, f.partition, f.back = 3000, 0, 0
	case "hq":
		f.hqCrash, f.hqUnknown, f.partition = 800, 800, 0
	case "lapse":
		f.lapse = true
	}
}

// startFaults has every day bring its own.
func (w *World) startFaults() {
	w.after(w.between(0, time.Hour), w.hourOfFaults)
}

func (w *World) hourOfFaults() {
	if w.calm {
		return
	}
	for _, b := range w.boards {
		if w.hit(w.faults.copied / 24) {
			b.copyCard()
		}
		switch {
		case w.hit(w.faults.partition / 24):
			b.partition()
		case w.hit(w.faults.flap / 24):
			b.flap()
		case w.hit(w.faults.restart / 24):
			b.restartDaemon()
		case w.hit(w.faults.reboot / 24):
			b.reboot()
		case w.hit(w.faults.back / 24):
			b.goBack()
		case w.hit(w.faults.lost / 24):
			b.loseCard()
		case b.on && w.hit(w.faults.lie/24):
			b.lie()
		case w.hit(w.faults.clock / 24):
			b.stepClock()
		}
	}
	if w.hit(w.faults.brokerDown / 24) {
		w.brokerRestart()
	}
	if w.hit(w.faults.person) {
		w.office.person()
	}
	w.after(time.Hour, w.hourOfFaults)
}
