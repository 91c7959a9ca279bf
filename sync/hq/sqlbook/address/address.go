// Package address reads the address of a database of PostgreSQL, and says how HQ
// connects to it.
package address

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const connectLimit = 10 * time.Second

// perConnection are settings of every connection. A server whose client is gone
// without a word finds out within a minute and lets go of the book; nobody waits
// for a row longer than that.
var perConnection = map[string]string{
	"application_name": "jifenhq", "client_encoding": "UTF8", "lock_timeout": "60s",
	"tcp_keepalives_idle": "20", "tcp_keepalives_interval": "10", "tcp_keepalives_count": "3",
}

// Parse reads an address, with the password apart or "". An address on which somebody could
// read along is refused. The errors show no password.
func Parse(url, password string) (*pgx.ConnConfig, error) {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the address is no URL of a PostgreSQL database") // the error would show a password in it
	}
	open := inTheClear(c.Host, c.TLSConfig)
	for _, f := range c.Fallbacks {
		open = open || inTheClear(f.Host, f.TLSConfig)
	}
	if open {
		return nil, errors.New("the database is on another machine: end its address with sslmode=verify-full")
	}
	if password != "" {
		c.Password = password
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = connectLimit
	}
	for name, value := range perConnection {
		c.RuntimeParams[name] = value
	}
	return c, nil
}

// inTheClear reports whether what is said to a host could be read on the way.
func inTheClear(host string, secure *tls.Config) bool {
	address := net.ParseIP(host)
	near := strings.HasPrefix(host, "/") || host == "localhost" || address != nil && address.IsLoopback()
	return secure == nil && !near
}
