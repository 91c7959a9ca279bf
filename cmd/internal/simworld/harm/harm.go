// Package harm says what goes wrong in a simulated world, and how often. It does
// no harm itself.
package harm

import "math/rand/v2"

// Chances are the chances of everything that goes wrong, each in 10,000 of its
// occasions. A world draws which ones it has and how strongly: some worlds are
// nearly quiet but for one thing.
type Chances struct {
	Loss, Double, Corrupt, Late, Replay, Forge int  // of messages
	Partition, Flap                            int  // of a board's line, a day
	BrokerDown                                 int  // a day
	Cut, PressTwice                            int  // of a cashier's actions
	Restart                                    int  // of the daemon, a day
	Reboot                                     int  // a day
	Nights                                     int  // of the boards, off every night
	Full                                       int  // of a cashier's actions
	Clock                                      int  // a step, a day
	Unset                                      int  // of boots, without a clock
	HQCrash, HQUnknown, HQAgain                int  // of what HQ does
	HQBack, HQSecond                           int  // of HQ's book and machine, a day
	NoLog                                      bool // HQ has no grant log
	Person                                     int  // something a person at HQ does, an hour
	Again                                      int  // of hours, in which HQ says a note a second time
	Walk                                       int  // of customers, to another store
	NoWait                                     int  // of customers, who do not wait for HQ
	Copied, Back, Lie, Lost                    int  // of boards' cards, a day
	Posters                                    int  // of customers, who come for a poster beyond the usual
	Joins                                      int  // of customers, who become members, some of them twice
	Stolen                                     int  // of boards, a day
	Clone, Tamper                              int  // of boards, a day
	Lapse                                      bool
	Birthdays                                  int // of customers, who come around theirs
	NewKey                                     int // of HQ, a day
	Returns                                    int // of customers, who bring goods back beyond the usual
	Games                                      int // of customers, who play; 0 is a world without what is limited
}

// Draw draws each fault's chance between 0 and its most.
func Draw(r *rand.Rand, calm bool) (f Chances) {
	some := func(most int) int {
		n := r.IntN(most + 1)
		if r.IntN(3) == 0 || calm {
			return 0
		}
		return n
	}
	f = Chances{
		Loss: some(2000), Double: some(1500), Corrupt: some(300), Late: some(200), Replay: some(500), Forge: some(200),
		Partition: some(1500), Flap: some(600), BrokerDown: some(1000), Cut: some(40), PressTwice: some(1000), Restart: some(1000),
		Reboot: some(400), Nights: some(5000), Full: some(100), Clock: some(700), Unset: some(3000),
		HQCrash: some(100), HQUnknown: some(100), HQAgain: some(500), Person: some(800), NoWait: some(5000),
		Copied: 1000 + some(6000), Back: some(2000), Lie: some(800),
	}
	f.Walk = 500 + r.IntN(3000)
	f.Lost, f.Again = some(200), some(200)
	f.Joins, f.Stolen, f.Clone, f.Tamper = r.IntN(200), some(60), some(60), some(60)
	f.HQBack, f.NoLog = some(300), r.IntN(4) == 0
	if r.IntN(5) == 0 {
		f.HQSecond = some(500)
	}
	f.Games = some(1500)
	return f
}

// Harsh has one kind of harm come as often as can be.
func (f *Chances) Harsh(what string) {
	switch what {
	case "cards":
		f.Copied, f.Back, f.Reboot, f.Partition = 20_000, 10_000, 2000, 0
	case "alone":
		f.Copied, f.Back, f.Partition, f.Loss = 20_000, 10_000, 9000, 0
	case "broken":
		f.Lost, f.Partition = 5000, 0
	case "forged":
		f.Forge, f.Replay, f.Partition = 1500, 1500, 0
	case "persons":
		f.Person, f.Partition = 10_000, 0
	case "presses":
		f.PressTwice, f.Posters = 5000, 3000
	case "twice":
		f.Again, f.Partition = 5000, 0
	case "posters":
		f.Posters, f.Walk, f.Partition = 5000, 8000, 0
	case "late":
		f.Late, f.Double, f.Loss, f.Reboot, f.Partition = 1500, 3000, 0, 6000, 0
	case "old":
		f.Late, f.Double, f.Loss, f.Reboot, f.Walk, f.Partition = 4000, 0, 0, 20_000, 8000, 0
	case "silent":
		f.Partition, f.Flap, f.Walk, f.Back, f.Loss = 9000, 0, 8000, 0, 0
	case "loss":
		f.Loss, f.Partition, f.Back = 3000, 0, 0
	case "hq":
		f.HQCrash, f.HQUnknown, f.Partition = 800, 800, 0
	case "restored":
		f.HQBack, f.NoLog, f.Partition, f.Stolen = 6000, false, 0, 1500
	case "forgotten":
		f.HQBack, f.NoLog, f.Partition = 6000, true, 0
	case "two-hqs":
		f.HQSecond, f.HQBack, f.Partition = 8000, 0, 0
	case "stolen":
		f.Stolen, f.Partition = 2500, 0
	case "clones":
		f.Clone, f.Partition, f.Loss = 6000, 0, 0
	case "tampered":
		f.Tamper, f.Partition = 4000, 0
	case "twins":
		f.Joins, f.Person, f.Walk = 3000, 3000, 8000
	case "lapse":
		f.Lapse, f.Person, f.Partition = true, 6000, 0 // nothing lapses without a notice
	case "birthdays":
		f.Birthdays, f.Walk = 4000, 8000
	case "goods":
		f.Returns, f.Copied, f.Back, f.Reboot, f.Partition = 4000, 20_000, 10_000, 2000, 0
	case "games":
		f.Games, f.Person, f.Partition = 4000, 1000, 0
	case "keys":
		f.NewKey, f.Stolen, f.Partition = 8000, 500, 0
	case "":
		f.Birthdays, f.NewKey = 200, 500
	}
	if f.HQBack > 0 { // it would forget which of two boards a person named
		f.Clone, f.Tamper = 0, 0
	}
	if f.NoLog && f.HQBack > 0 || f.HQSecond > 0 { // what both a terminal and HQ have forgotten, nobody knows
		f.Back, f.Lie, f.Lost, f.Clone, f.Tamper = 0, 0, 0, 0, 0
		f.Again = 0
	}
	if f.HQSecond > 0 { // of two HQs each would have a next key of its own
		f.NewKey = 0
	}
}

// CardsAreSafe reports that no board's card forgets anything.
func (f *Chances) CardsAreSafe() bool {
	return f.Back == 0 && f.Lie == 0 && f.Lost == 0 && f.Clone == 0
}
