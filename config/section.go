package config

import (
	"fmt"
	"log/slog"
	"net/url"
	"slices"

	"github.com/jifen-pos/jifen/terminal/role"
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
	Role string `toml:"role"` // what they may do here: see terminal/role; "" is cashier. HQ has no use for it
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
		if p.Role != "" && !role.Role(p.Role).Known() {
			log.add(key+".role", "must be cashier, senior, keeper or auditor")
		}
		checkPIN(log, key+".pin", p.PIN)
	}
}

// NobodyOpensTheDay reports that none of these people may open and close the
// business day, nor lend that right: a shop could work one day and no more.
func NobodyOpensTheDay(people []Person) bool {
	return !slices.ContainsFunc(people, func(p Person) bool { return role.Role(p.Role).MayLend(role.Day) })
}

// Customer says what the customers of a terminal are shown beside their basket.
type Customer struct {
	Page     string `toml:"page"`     // where members find their points: its code stands on the customer's screen; empty: none
	Pictures string `toml:"pictures"` // folder of the benefits' pictures, <id>.png, .jpg, .webp or .svg; empty: they are drawn
}

func (c Customer) check(log *findings) {
	if c.Page == "" {
		return
	}
	if u, err := url.Parse(c.Page); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(c.Page) > pageBytesMax {
		log.add("customer.page", "must be an address such as https://points.example/, of at most %d characters", pageBytesMax)
	}
}

// pageBytesMax keeps the code of an address readable from a step away.
const pageBytesMax = 120

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
