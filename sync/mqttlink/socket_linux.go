package mqttlink

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// unacknowledged is how long sent bytes may wait for the peer's kernel, in milliseconds.
const unacknowledged = 30_000

// limitUnacknowledged sets TCP_USER_TIMEOUT before the socket connects.
func limitUnacknowledged(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, unacknowledged)
	})
	if err != nil {
		return err
	}
	return failed
}
