package simworld

import "time"

// startFaults has every day bring its own.
func (w *World) startFaults() {
	w.After(w.Between(0, time.Hour), w.hourOfFaults)
}

func (w *World) hourOfFaults() {
	if w.Calm {
		return
	}
	for _, b := range w.boards {
		if b.gone {
			continue
		}
		if w.Hit(w.faults.Copied / 24) {
			b.copyCard()
		}
		switch {
		case w.Hit(w.faults.Clone / 24):
			b.clone()
		case w.Hit(w.faults.Tamper / 24):
			b.tamper()
		case w.Hit(w.faults.Partition / 24):
			b.partition()
		case w.Hit(w.faults.Flap / 24):
			b.flap()
		case w.Hit(w.faults.Restart / 24):
			b.restartDaemon()
		case w.Hit(w.faults.Reboot / 24):
			b.reboot()
		case w.Hit(w.faults.Back / 24):
			b.goBack()
		case w.Hit(w.faults.Stolen / 24):
			b.stolen()
		case w.Hit(w.faults.Lost / 24):
			b.loseCard()
		case b.on && w.Hit(w.faults.Lie/24):
			b.lie()
		case w.Hit(w.faults.Clock / 24):
			b.stepClock()
		}
	}
	if w.Hit(w.faults.BrokerDown / 24) {
		w.brokerRestart()
	}
	if w.Hit(w.faults.HQBack / 24) {
		w.office.Restore(!w.faults.CardsAreSafe() || w.Hit(7000))
	}
	if w.Hit(w.faults.NewKey / 24) {
		w.office.NewKey()
	}
	if w.Hit(w.faults.HQSecond / 24) {
		w.second()
	}
	if w.Hit(w.faults.Again) {
		w.office.SayAgain()
	}
	if w.Marks["card-cloned"]+w.Marks["tampered"] > 0 {
		w.office.NameSurvivors()
	}
	if w.Hit(w.faults.Person) {
		w.office.Person()
	}
	w.After(time.Hour, w.hourOfFaults)
}
