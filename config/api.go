package config

import (
	"net"
	"path/filepath"
)

// API is where the local API is served, for another till's software.
type API struct {
	Socket string   `toml:"socket"` // path of a unix socket; empty: api.sock in the data folder
	Listen string   `toml:"listen"` // host:port; empty: not over TCP
	LAN    bool     `toml:"lan"`    // true: Listen need not be a loopback address; it then needs Cert and Key
	Hosts  []string `toml:"hosts"`  // names under which it is called, with their port, beside the address
	Cert   string   `toml:"cert"`   // PEM, for TLS
	Key    string   `toml:"key"`

	SelfSigned bool `toml:"self_signed"` // true: the terminal makes a certificate of its own, api.crt in the data folder
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
