package mqttlink

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

var errAddress = errors.New("its address is not of the form mqtt://host:port or mqtts://host:port")

// address takes host:port and whether to use TLS from a broker's URL. Of one that cannot be used it gives back what
// may be shown.
func address(broker string) (host string, secure bool, err error) {
	u, err := url.Parse(broker)
	switch {
	case err != nil && strings.Contains(broker, "@"):
		return "of this setting", false, errAddress
	case err != nil:
		return broker, false, errAddress
	case broker == "":
		return `""`, false, errAddress
	case u.Hostname() == "":
		return u.Redacted(), false, errAddress
	}
	port := u.Port()
	switch u.Scheme {
	case "mqtt", "tcp":
		port = orPort(port, "1883")
	case "mqtts", "ssl", "tls":
		secure, port = true, orPort(port, "8883")
	default:
		return u.Redacted(), false, errAddress
	}
	return net.JoinHostPort(u.Hostname(), port), secure, nil
}

func orPort(port, value string) string {
	if port == "" {
		return value
	}
	return port
}

// open makes the network connection under the attempt's context; no proxy setting is heeded (trap 32).
func open(ctx context.Context, o Options) (*guard, error) {
	host, secure, err := address(o.URL)
	if err != nil {
		return nil, err
	}
	raw, err := o.Dial(ctx, host)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", host, err)
	}
	if !secure {
		return newGuard(raw, raw, o.WriteTimeout), nil
	}
	conn := tls.Client(raw, tlsConfig(o, host))
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("agree on TLS with %s: %w", host, err)
	}
	return newGuard(conn, raw, o.WriteTimeout), nil
}

func tlsConfig(o Options, address string) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.TLS != nil {
		config = o.TLS().Clone()
	}
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(address)
	}
	return config
}

// dialTCP connects over TCP and lets the kernel give up on a peer that acknowledges nothing for 30 s (trap 15).
func dialTCP(ctx context.Context, address string) (net.Conn, error) {
	d := net.Dialer{
		Control:         limitUnacknowledged,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3},
	}
	return d.DialContext(ctx, "tcp", address)
}
