package scenario_test

import (
	"bufio"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	paho "github.com/eclipse/paho.mqtt.golang"
)

// echoing is the variable under which this test's program, started once more, is
// the other end of a line as ours is: a broker behind TLS, and a client of it in
// the same program that sends back what it hears.
const echoing = "JIFEN_SCENARIO_ECHO"

// echoBytes is about what an ask and its answer are.
const echoBytes = 300

// newEcho starts such a program and returns where its broker is.
func newEcho(b *testing.B) (address string) {
	b.Helper()
	c := exec.Command(os.Args[0])
	c.Env, c.Stderr = append(os.Environ(), echoing+"=yes"), os.Stderr
	until, err := c.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	says, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = until.Close(), c.Wait() })
	address, err = bufio.NewReader(says).ReadString('\n')
	if err != nil {
		b.Fatal(err)
	}
	return strings.TrimSpace(address)
}

// echo is that program: it serves until its standard input ends.
func echo() int {
	if err := echoUntilEnd(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func echoUntilEnd() error {
	own, err := selfSigned()
	if err != nil {
		return err
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{own}})
	if err != nil {
		return err
	}
	h := new(hostile) // which lets everybody in
	if err := h.open(l); err != nil {
		return err
	}
	defer h.server.Close()
	far, err := echoClient(l.Addr().String(), "far")
	if err != nil {
		return err
	}
	t := far.Subscribe("up", 0, func(_ paho.Client, m paho.Message) { far.Publish("down", 0, false, m.Payload()) })
	if t.Wait() && t.Error() != nil {
		return t.Error()
	}
	fmt.Println(l.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

func echoClient(address, name string) (paho.Client, error) {
	o := paho.NewClientOptions().AddBroker("ssl://" + address).SetClientID(name).SetAutoReconnect(false)
	o.SetTLSConfig(&tls.Config{MinVersion: tls.VersionTLS13, InsecureSkipVerify: true}) // nobody else listens there, and nothing is said
	c := paho.NewClient(o)
	t := c.Connect()
	t.Wait()
	return c, t.Error()
}

func selfSigned() (tls.Certificate, error) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	ends := time.Now().Add(24 * time.Hour)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: ends, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	raw, err := x509.CreateCertificate(nil, form, form, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, err
}

// roundTrips times a message over a broker to a client beside it and back, as a
// terminal's ask goes: over TLS, to another program, when the line was idle.
func roundTrips(b *testing.B, far time.Duration) (took []time.Duration) {
	b.Helper()
	x, address := tollTo(b, newEcho(b), far)
	near, err := echoClient(address, "near")
	if err != nil {
		b.Fatal(err)
	}
	defer near.Disconnect(0)
	if t := near.Subscribe("down", 0, func(paho.Client, paho.Message) {}); t.Wait() && t.Error() != nil {
		b.Fatal(t.Error())
	}
	for range askers {
		x.quiet(b)
		answered := make(chan time.Duration)
		go func() { answered <- x.answered(time.Now()) }()
		near.Publish("up", 0, false, make([]byte, echoBytes))
		took = append(took, <-answered)
	}
	return took
}
