package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"path/filepath"
	"slices"
)

// API is where the local API is served, for another till's software.
type API struct {
	Socket string   `toml:"socket"` // path of a unix socket; empty: api.sock in the data folder
	Listen string   `toml:"listen"` // host:port; empty: not over TCP
	LAN    bool     `toml:"lan"`    // true: Listen need not be a loopback address; it then needs Cert and Key
	Hosts  []string `toml:"hosts"`  // names under which it is called, with their port, beside the address
	Cert   string   `toml:"cert"`   // PEM, for TLS
	Key    string   `toml:"key"`

	Callers []Caller `toml:"callers"`

	SelfSigned bool `toml:"self_signed"` // true: the terminal makes a certificate of its own, api.crt in the data folder
}

// CallersMax bounds the programs that vouch for people.
const CallersMax = 16

// Caller is a program that vouches for people: who signed in at it gives no PIN
// here. What they may do, their role says.
type Caller struct {
	Name   string   `toml:"name"`       // short text id, written into the journal with who signs in
	Token  string   `toml:"token_hash"` // SHA-256 of the token that it shows, in hex: jifen api token makes both
	People []string `toml:"people"`     // ids of [[people]]
}

func (a API) checkCallers(log *findings, people []Person) {
	if len(a.Callers) > CallersMax {
		log.add("api.callers", "must be at most %d", CallersMax)
	}
	names := unique{log: log, what: "caller"}
	for i, c := range a.Callers {
		key := fmt.Sprintf("api.callers[%d]", i+1)
		checkID(log, key+".name", c.Name)
		names.add(key+".name", c.Name)
		if sum, err := hex.DecodeString(c.Token); err != nil || len(sum) != sha256.Size {
			log.add(key+".token_hash", "must be 64 hexadecimal digits, as jifen api token writes them")
		}
		if len(c.People) == 0 {
			log.add(key+".people", "must name at least one of [[people]]")
		}
		for _, id := range c.People {
			if !slices.ContainsFunc(people, func(p Person) bool { return p.ID == id }) {
				log.add(key+".people", "must name people of [[people]]: %q is none of them", id)
			}
		}
	}
}

func (a API) check(log *findings) {
	if (a.Cert == "") != (a.Key == "") {
		log.add("api.cert", "and api.key must be given together")
	}
	if a.Cert != "" && a.SelfSigned {
		log.add("api.self_signed", "must be false where api.cert is given")
	}
	if a.Listen == "" {
		return
	}
	Web{Listen: a.Listen, LAN: a.LAN}.check(log, "api")
	if host, _, err := net.SplitHostPort(a.Listen); err == nil && a.LAN && !loopback(host) && a.Cert == "" && !a.SelfSigned {
		log.add("api.cert", "must be the certificate for TLS, since other machines reach %s; or set api.self_signed = true, and callers trust the one that the terminal makes", a.Listen)
	}
}

func (a *API) place(dir, data string) {
	if a.Socket == "" {
		a.Socket = filepath.Join(data, "api.sock")
	} else {
		a.Socket = under(dir, a.Socket)
	}
	if a.Cert != "" {
		a.Cert, a.Key = under(dir, a.Cert), under(dir, a.Key)
	}
}
