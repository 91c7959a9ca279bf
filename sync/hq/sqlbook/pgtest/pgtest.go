// Package pgtest starts real servers of PostgreSQL for tests: each with a folder of
// its own, on a socket and a loopback port that nobody else has. It is not for
// anything but tests.
package pgtest

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver

	"github.com/jifen-pos/jifen/scripts/needs"
)

const (
	account    = "postgres" // who runs a server where the test is root: PostgreSQL refuses to be
	startLimit = 30 * time.Second
)

// Server is a running server.
type Server struct {
	t     testing.TB
	data  string
	port  int
	as    *syscall.Credential
	bin   string
	cmd   *exec.Cmd
	said  bytes.Buffer
	count int
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	binary, err := filepath.EvalSymlinks(needs.Program(t, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, bin: filepath.Dir(binary)}
	folder, err := os.MkdirTemp("", "jifen-pg-") // a test's own folder is its user's alone
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	s.data = filepath.Join(folder, "data")
	if os.Geteuid() == 0 {
		s.as = credential(t)
		if err := os.Chown(folder, int(s.as.Uid), int(s.as.Gid)); err != nil {
			t.Fatal(err)
		}
	}
	c := s.command("initdb", "-D", s.data, "-U", account, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	s.port = freePort(t)
	s.Start()
	t.Cleanup(s.Kill)
	return s
}

func credential(t testing.TB) *syscall.Credential {
	t.Helper()
	u, err := user.Lookup(account)
	if err != nil {
		t.Fatal(err)
	}
	uid, errU := strconv.ParseUint(u.Uid, 10, 32)
	gid, errG := strconv.ParseUint(u.Gid, 10, 32)
	if err := errors.Join(errU, errG); err != nil {
		t.Fatal(err)
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
}

// freePort is a port that nobody has now.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().(*net.TCPAddr).Port
}

func (s *Server) command(name string, args ...string) *exec.Cmd {
	c := exec.Command(filepath.Join(s.bin, name), args...)
	c.Dir = filepath.Dir(s.data)
	c.SysProcAttr = &syscall.SysProcAttr{Credential: s.as, Setpgid: true}
	return c
}

// Start starts the server, on what it has, with further settings as name=value.
func (s *Server) Start(settings ...string) {
	s.t.Helper()
	args := []string{
		"-D", s.data, "-p", strconv.Itoa(s.port), "-k", filepath.Dir(s.data), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=40",
	}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	s.said.Reset()
	s.cmd = s.command("postgres", args...)
	s.cmd.Stderr = &s.said
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	db := s.open("postgres")
	defer func() { _ = db.Close() }()
	for end := time.Now().Add(startLimit); ; time.Sleep(20 * time.Millisecond) {
		err := db.Ping()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			s.Kill()
			s.t.Fatalf("PostgreSQL does not start: %v\n%s", err, s.said.String())
		}
	}
}

// Kill cuts the server off, all its processes at once, as a power cut does. They are
// gone when it returns.
func (s *Server) Kill() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGSTOP) // it starts no more of them
	all := children(s.cmd.Process.Pid)
	_ = s.cmd.Process.Kill()
	for _, pid := range all {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	_ = s.cmd.Wait()
	s.cmd = nil
	for end := time.Now().Add(startLimit); slices.ContainsFunc(all, runs) && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
}

// children are the processes that a process has started.
func children(pid int) (all []int) {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		child, _ := strconv.Atoi(filepath.Base(dir))
		if _, parent := status(child); parent == pid {
			all = append(all, child)
		}
	}
	return all
}

// runs reports whether a process is there: one that waits to be buried is not.
func runs(pid int) bool {
	state, _ := status(pid)
	return state != "" && state != "Z"
}

// status is a process's state and parent; "" is that there is none.
func status(pid int) (state string, parent int) {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, rest, _ := strings.Cut(string(b), ") ") // after its name
	_, _ = fmt.Sscan(rest, &state, &parent)
	return state, parent
}

// Image remembers what the server has, and returns what puts it back: the server then
// has forgotten all that it did since.
func (s *Server) Image() (back func()) {
	s.t.Helper()
	image := s.data + "-image"
	s.Kill()
	s.copy(s.data, image)
	s.Start()
	return func() {
		s.t.Helper()
		s.Kill()
		s.copy(image, s.data)
		s.Start()
	}
}

func (s *Server) copy(from, to string) {
	s.t.Helper()
	if err := os.RemoveAll(to); err != nil {
		s.t.Fatal(err)
	}
	c := exec.Command("cp", "-a", from, to)
	c.Dir = filepath.Dir(s.data)
	if out, err := c.CombinedOutput(); err != nil {
		s.t.Fatalf("cp: %v\n%s", err, out)
	}
}

// Database makes an empty database and returns its URL.
func (s *Server) Database() string {
	s.t.Helper()
	s.count++
	name := fmt.Sprintf("book%d", s.count)
	s.Do("postgres", "CREATE DATABASE "+name)
	return s.url(name)
}

// Do runs a statement in a database, which is named or the one of a URL.
func (s *Server) Do(where, statement string) {
	s.t.Helper()
	db := s.open(where)
	defer func() { _ = db.Close() }()
	if _, err := db.Exec(statement); err != nil {
		s.t.Fatalf("%s: %v", statement, err)
	}
}

// BreakConnections ends all connections of HQs to the server.
func (s *Server) BreakConnections() {
	s.t.Helper()
	s.Do("postgres", `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'jifenhq'`)
}

func (s *Server) url(name string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", account, s.port, name)
}

func (s *Server) open(where string) *sql.DB {
	if !strings.HasPrefix(where, "postgres://") {
		where = s.url(where)
	}
	db, err := sql.Open("pgx", where)
	if err != nil {
		s.t.Fatal(err)
	}
	return db
}
