package door

import (
	"net"
	"strings"
)

// Hosts are the exact Host headers under which a server on an address is called:
// the address, the loopback names if it is one of them, this machine's addresses
// if it is all of them, and further names with or without a port. A page of
// another site whose name was made to lead here is called otherwise (sec W2).
func Hosts(addr string, more []string) map[string]bool {
	hosts := map[string]bool{}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return hosts
	}
	allow := func(name string) {
		hosts[net.JoinHostPort(name, port)] = true
		if port == "80" || port == "443" {
			hosts[name] = true
		}
	}
	ip := net.ParseIP(host)
	if host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		allow("127.0.0.1")
		allow("::1")
		allow("localhost")
	}
	if ip != nil && ip.IsUnspecified() {
		for _, a := range Addresses() {
			allow(a)
		}
	}
	allow(strings.ToLower(host))
	for _, name := range more {
		name = strings.ToLower(name)
		if _, _, err := net.SplitHostPort(name); err == nil {
			hosts[name] = true
			continue
		}
		allow(name)
	}
	return hosts
}

// Addresses are those of this machine that others may reach, without the ones of
// a single link.
func Addresses() (list []string) {
	own, _ := net.InterfaceAddrs()
	for _, a := range own {
		if ip, _, err := net.ParseCIDR(a.String()); err == nil && !ip.IsLinkLocalUnicast() {
			list = append(list, ip.String())
		}
	}
	return list
}
