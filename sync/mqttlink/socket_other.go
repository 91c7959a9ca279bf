//go:build !linux

package mqttlink

import "syscall"

// limitUnacknowledged does nothing where the system has no such setting; pings and write deadlines remain.
func limitUnacknowledged(_, _ string, _ syscall.RawConn) error { return nil }
