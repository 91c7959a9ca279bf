package pgtest

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Standby starts a server that follows this one by streaming, and takes over what it has.
func (s *Server) Standby() *Server {
	s.t.Helper()
	folder, err := os.MkdirTemp("", "jifen-pg-")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if s.as != nil {
		if err := os.Chown(folder, int(s.as.Uid), int(s.as.Gid)); err != nil {
			s.t.Fatal(err)
		}
	}
	n := &Server{t: s.t, data: filepath.Join(folder, "data"), as: s.as, bin: s.bin, port: freePort(s.t)}
	c := n.command("pg_basebackup", "-D", n.data, "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d", s.url("postgres"))
	if out, err := c.CombinedOutput(); err != nil {
		s.t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	n.Start("wal_retrieve_retry_interval=50ms")
	s.t.Cleanup(n.Kill)
	s.Until("SELECT COUNT(*) = 1 FROM pg_stat_replication WHERE state = 'streaming'")
	return n
}

// WaitForStandby has the server commit nothing that its standby does not have.
func (s *Server) WaitForStandby() {
	s.t.Helper()
	s.Set("synchronous_standby_names", "*")
	s.Until("SELECT COUNT(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'")
}

// Deafen has a standby receive nothing more.
func (s *Server) Deafen() {
	s.t.Helper()
	s.Set("primary_conninfo", "")
	s.Until("SELECT COUNT(*) = 0 FROM pg_stat_wal_receiver")
}

// Promote makes a standby the server that takes writes.
func (s *Server) Promote() {
	s.t.Helper()
	s.Do("postgres", "SELECT pg_promote()")
	s.Until("SELECT NOT pg_is_in_recovery()")
}

// Set sets a setting of the server, which keeps it.
func (s *Server) Set(name, value string) {
	s.t.Helper()
	s.Do("postgres", fmt.Sprintf("ALTER SYSTEM SET %s = '%s'", name, value))
	s.Do("postgres", "SELECT pg_reload_conf()")
}

// Until waits until a question is answered with yes.
func (s *Server) Until(question string) {
	s.t.Helper()
	db := s.open("postgres")
	defer func() { _ = db.Close() }()
	for end := time.Now().Add(startLimit); ; time.Sleep(10 * time.Millisecond) {
		var yes sql.NullBool
		err := db.QueryRow(question).Scan(&yes)
		if err == nil && yes.Bool {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("%s: not so after %v: %v", question, startLimit, err)
		}
	}
}

// Either is the URL of a database of this server or of another, whichever takes writes:
// this one is tried first.
func (s *Server) Either(other *Server, name string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d,127.0.0.1:%d/%s?sslmode=disable&target_session_attrs=read-write", account, s.port, other.port, name)
}

// As is the URL of a database for somebody.
func (s *Server) As(who, name string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", who, s.port, name)
}
