package config

import (
	"fmt"
	"log/slog"
)

// Web is where a daemon serves its pages.
type Web struct {
	Listen string `toml:"listen"` // host:port; port 0 takes any free one
	LAN    bool   `toml:"lan"`    // true: Listen need not be a loopback address
}

// check refuses an address that others on the network could reach, unless the
// file says that they may (sec W1).
func (w Web) check(log *findings, table string) {
	key := table + ".listen"
	host, ok := checkAddress(log, key, w.Listen, portAny)
	if ok && !w.LAN && !loopback(host) {
		log.add(key, "must be on 127.0.0.1, [::1] or localhost, unless lan = true in [%s]", table)
	}
}

// Person is somebody who may sign in.
type Person struct {
	ID   string `toml:"id"`   // short text id, written into entries
	Name string `toml:"name"` // shown on pages and receipts
	PIN  Secret `toml:"pin"`  // argon2id in its encoded form, never the PIN itself (sec U1)
}

// checkPeople wants at least one person: there is no default PIN (sec U3), so
// without one nobody could sign in.
func checkPeople(log *findings, people []Person) {
	if len(people) == 0 {
		log.add("people", "must name at least one person who may sign in, under [[people]]")
	}
	if len(people) > PeopleMax {
		log.add("people", "must be at most %d", PeopleMax)
	}
	ids := unique{log: log, what: "person"}
	for i, p := range people {
		key := fmt.Sprintf("people[%d]", i+1)
		checkID(log, key+".id", p.ID)
		ids.add(key+".id", p.ID)
		checkName(log, key+".name", p.Name, "the person as others know them")
		checkPIN(log, key+".pin", p.PIN)
	}
}

// Documents are the paths of the documents that a daemon starts with.
type Documents struct {
	Programme string `toml:"programme"`
	Products  string `toml:"products"`
	Members   string `toml:"members"`
}

func (d Documents) check(log *findings) {
	for _, s := range []struct{ name, path string }{
		{"programme", d.Programme}, {"products", d.Products}, {"members", d.Members},
	} {
		if s.path == "" {
			log.add("documents."+s.name, "must be the path of the %s document", s.name)
		}
	}
}

func (d *Documents) place(dir string) {
	d.Programme = under(dir, d.Programme)
	d.Products = under(dir, d.Products)
	d.Members = under(dir, d.Members)
}

// Log says what the daemon writes to its log.
type Log struct {
	Level string `toml:"level"` // debug, info, warn or error
}

// Threshold gives the lowest level that is written.
func (l Log) Threshold() slog.Level {
	switch l.Level {
	case "debug":
		return slog.LevelDebug
	case "warn":
		return slog.LevelWarn
	case "error":
		return slog.LevelError
	default:
		return slog.LevelInfo
	}
}

func (l Log) check(log *findings) {
	checkOneOf(log, "log.level", l.Level, "debug", "info", "warn", "error")
}
