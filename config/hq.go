package config

import (
	"fmt"
	"net"
)

// TerminalsMax is how many terminals one HQ may list.
const TerminalsMax = 10_000

// HQ is the settings of the HQ server, jifenhq.
type HQ struct {
	Data      string    `toml:"data"` // folder of the books and of all else the daemon keeps
	Broker    Broker    `toml:"broker"`
	Dashboard Web       `toml:"dashboard"`
	People    []Person  `toml:"people"`
	Store     Storage   `toml:"store"`
	Terminals []Station `toml:"terminals"`
	Documents Documents `toml:"documents"`
	Log       Log       `toml:"log"`
}

// Broker is the MQTT broker between HQ and the terminals: the built-in one, or
// another that HQ connects to like any client.
type Broker struct {
	Embedded bool   `toml:"embedded"`
	Listen   string `toml:"listen"`   // host:port of the built-in broker
	URL      string `toml:"url"`      // tcp://host:port or ssl://host:port of another
	Username string `toml:"username"` // of HQ at another broker
	Password Secret `toml:"password"`
}

// What HQ keeps its book in.
const (
	StoreSQLite   = "sqlite"
	StorePostgres = "postgresql"
)

// Storage says in what HQ keeps its book, and how safely.
type Storage struct {
	Kind     string `toml:"kind"`     // StoreSQLite: a file in the data folder; StorePostgres
	URL      string `toml:"url"`      // postgres://user@host/database of StorePostgres, without the password
	Password Secret `toml:"password"` // of it
	// GrantCopy is a second folder for the grant log, best on another device, or
	// empty.
	GrantCopy string `toml:"grant_copy"`
	// Mirrored: each write to the book is on a second machine or disk before it
	// counts, as whoever set them up says.
	Mirrored bool `toml:"mirrored"`
}

// Station is one terminal that HQ knows.
type Station struct {
	ID    uint32 `toml:"id"`
	Name  string `toml:"name"`
	Store string `toml:"store"`
}

// hqDefaults is what holds where the file says nothing.
func hqDefaults() HQ {
	return HQ{
		Broker:    Broker{Embedded: true},
		Dashboard: Web{Listen: "127.0.0.1:8490"},
		Store:     Storage{Kind: StoreSQLite},
		Log:       Log{Level: "info"},
	}
}

// Validate reports every fault of h as Faults, without lines. ParseHQ and
// LoadHQ have done it already.
func (h HQ) Validate() error {
	log := &findings{}
	h.check(log)
	return log.err()
}

// complete sets the built-in broker's usual address.
func (h *HQ) complete() {
	if h.Broker.Embedded && h.Broker.Listen == "" {
		h.Broker.Listen = "127.0.0.1:1883"
	}
}

func (h *HQ) check(log *findings) {
	checkFolder(log, "data", h.Data)
	h.Broker.check(log)
	h.Dashboard.check(log, "dashboard")
	if h.Broker.Embedded && samePort(h.Broker.Listen, h.Dashboard.Listen) {
		log.add("dashboard.listen", "must have another port than broker.listen")
	}
	checkPeople(log, h.People)
	h.Store.check(log)
	checkStations(log, h.Terminals)
	h.Documents.check(log)
	h.Log.check(log)
}

func (h *HQ) place(dir string) {
	h.Data = under(dir, h.Data)
	if h.Store.GrantCopy != "" {
		h.Store.GrantCopy = under(dir, h.Store.GrantCopy)
	}
	h.Documents.place(dir)
}

func (s Storage) check(log *findings) {
	checkOneOf(log, "store.kind", s.Kind, StoreSQLite, StorePostgres)
	if s.Kind == StorePostgres {
		checkDatabaseURL(log, "store.url", s.URL)
		return
	}
	for _, x := range []struct{ key, value string }{{"store.url", s.URL}, {"store.password", s.Password.Reveal()}} {
		if x.value != "" {
			log.add(x.key, "is for kind = %q; leave it out, or set that", StorePostgres)
		}
	}
}

func (b Broker) check(log *findings) {
	if !b.Embedded {
		checkBrokerURL(log, "broker.url", b.URL)
		checkLogin(log, "broker", b.Username, b.Password)
		if b.Listen != "" {
			log.add("broker.listen", "is for the built-in broker; leave it out, or set embedded = true")
		}
		return
	}
	checkAddress(log, "broker.listen", b.Listen, portAny)
	for _, s := range []struct{ key, value string }{
		{"broker.url", b.URL}, {"broker.username", b.Username}, {"broker.password", b.Password.Reveal()},
	} {
		if s.value != "" {
			log.add(s.key, "is for a broker of your own; leave it out, or set embedded = false")
		}
	}
}

func checkStations(log *findings, stations []Station) {
	if len(stations) > TerminalsMax {
		log.add("terminals", "must be at most %d", TerminalsMax)
	}
	ids := unique{log: log, what: "terminal"}
	for i, s := range stations {
		key := fmt.Sprintf("terminals[%d]", i+1)
		if s.ID == 0 {
			log.add(key+".id", "must be the terminal's number, from 1 to 4294967295")
		} else {
			ids.add(key+".id", fmt.Sprint(s.ID))
		}
		checkName(log, key+".name", s.Name, "the terminal, for example \"Till 1\"")
		checkID(log, key+".store", s.Store)
	}
}

// samePort says whether two addresses name one port; port 0 means any free one
// and is never the same.
func samePort(a, b string) bool {
	_, p, errA := net.SplitHostPort(a)
	_, q, errB := net.SplitHostPort(b)
	return errA == nil && errB == nil && p == q && p != "0"
}
