package scenario_test

import (
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
)

// Nothing but IPv6, and a line on which packets are small: what is sent comes in
// pieces of 60 bytes, or one byte after the other (fault N14). TLS, MQTT, asks and
// pages work as ever.
func TestOnlyIPv6AndSmallPackets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, port, err := net.SplitHostPort(w.set.broker)
	if err != nil {
		t.Fatal(err)
	}
	w.set.broker = net.JoinHostPort("::1", port)
	w.set.hqBroker = fmt.Sprintf("embedded = true\nlisten = %q\n", w.set.broker)
	w.set.cashier, w.set.dashboard = "[::1]:0", "[::1]:0"
	w.openHQ()
	line := hang(t, "tcp6", "[::1]:0", w.set.broker)
	w.set.broker = line.addr
	line.slow(60, 0)
	w.openTill()
	if !strings.Contains(w.at.base, "[::1]") || !strings.HasPrefix(line.addr, "[::1]") {
		t.Fatalf("the till serves %s and finds HQ at %s, want both by IPv6", w.at.base, line.addr)
	}
	w.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	for _, piece := range []int{60, 1} {
		line.slow(piece, 0)
		w.scan(lei)
		v := w.at.sees("the member's points", func(v view) bool { return v.here(consumption) > 1000 })
		w.at.do("redeem", "ref", v.Ref, "benefit", "tea-set")
		w.sell(rice)
		w.sell(red)
		w.at.sees("HQ to have both sales", func(v view) bool { return v.Ledger.Backlog == 0 })
	}
	line.slow(0, 0)
	w.closeAll()
	w.compareSides()
}

// The disk of a broker that is not ours is full: it can write no byte of what it
// should keep (fault B11). Nothing that counts lies there: the till sells, asks and
// brings everything to HQ, over a restart of the broker too.
func TestBrokersDiskIsFull(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := newMosquitto(w)
	dir := w.path("full")
	w.mkdir(dir)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	conf := strings.Replace(string(w.read("mosquitto.conf")), "persistence false", "persistence true", 1)
	w.write("mosquitto.conf", []byte(conf+fmt.Sprintf("persistence_location %s/\nautosave_interval 1\nautosave_on_changes true\nlog_dest stderr\n", dir)))
	// No file of its own may have any byte, and it is not killed for trying.
	w.write("full.sh", []byte("#!/bin/sh\ntrap '' XFSZ\nulimit -f 0\nexec "+m.path+" \"$@\"\n"))
	m.path = w.path("full.sh")
	if err := os.Chmod(m.path, 0o755); err != nil {
		t.Fatal(err)
	}
	m.open()
	w.openHQ()
	w.openTill()
	w.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	for range 2 {
		w.scan(lei)
		v := w.at.sees("the member's points", func(v view) bool { return v.here(consumption) > 1000 })
		w.at.do("redeem", "ref", v.Ref, "benefit", "tea-set")
		w.sell(rice)
		w.sell(red)
		w.at.sees("HQ to have both sales", func(v view) bool { return v.Ledger.Backlog == 0 && v.Ledger.Online })
		eventually(t, "the broker to meet its full disk", func() (any, bool) {
			said := m.program.said.String()
			return said, strings.Contains(said, "Saving in-memory database")
		})
		m.program.kill()
		if n := bytesIn(t, dir); n != 0 {
			t.Fatalf("the broker has kept %d bytes, want its disk to be full", n)
		}
		m.open()
		w.at.sees("HQ over the new one", func(v view) bool { return v.Ledger.Online })
	}
	w.closeAll()
	w.compareSides()
}

// bytesIn is how much the files of a folder hold.
func bytesIn(t *testing.T, dir string) (n int64) {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		n += info.Size()
	}
	return n
}
