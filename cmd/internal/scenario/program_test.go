package scenario_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// How long a program may take. Machines that run tests are slow, so these are
// far above what is usual; only the stop has a promise to keep.
const (
	startLimit = 20 * time.Second
	stopLimit  = 5 * time.Second
	waitLimit  = 45 * time.Second // reconnecting takes up to half a minute
)

// programs is the folder of the programs, built once for all tests.
var programs string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	if os.Getenv(echoing) != "" {
		return echo()
	}
	dir, err := os.MkdirTemp("", "jifen-scenario-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := build(dir, "./../../jifend", "./../../jifenhq", "./../../jifen"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	programs = dir
	if err := os.Chmod(dir, 0o755); err != nil { // another user starts them, too
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// build makes programs as a release does, with further variables of the
// environment such as GOARCH=arm64.
func build(dir string, packages ...string) error { return buildFor(dir, nil, packages...) }

func buildFor(dir string, env []string, packages ...string) error {
	args := append([]string{"build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w", "-o", dir + "/"}, packages...)
	c := exec.Command("go", args...)
	c.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// transcript keeps what a program says. It is safe for concurrent use.
type transcript struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (t *transcript) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.Write(p)
}

func (t *transcript) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.b.String()
}

// program is a started program.
type program struct {
	t    testing.TB
	name string
	cmd  *exec.Cmd
	said *transcript   // on standard error
	out  *transcript   // on standard output
	line chan string   // the first line of standard output
	gone chan struct{} // closed when it has ended
}

// ours is the path of one of our programs.
func ours(name string) string { return filepath.Join(programs, name) }

// start starts a program. When the test ends it is stopped, and must end as an
// orderly program does; what it said is shown if the test failed.
func start(t testing.TB, c *exec.Cmd) *program {
	t.Helper()
	p := &program{
		t: t, name: filepath.Base(c.Path), cmd: c, said: &transcript{}, out: &transcript{},
		line: make(chan string, 1), gone: make(chan struct{}),
	}
	c.Stderr = p.said
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatalf("start %s: %v", p.name, err)
	}
	if c.SysProcAttr == nil {
		c.SysProcAttr = &syscall.SysProcAttr{}
	}
	c.SysProcAttr.Setpgid = true // a signal to the test is not one to it
	if err := c.Start(); err != nil {
		t.Fatalf("start %s: %v", p.name, err)
	}
	go p.attend(out)
	t.Cleanup(p.cleanUp)
	return p
}

// attend reads what the program writes until it has ended.
func (p *program) attend(out io.Reader) {
	defer close(p.gone)
	lines := bufio.NewScanner(io.TeeReader(out, p.out))
	for lines.Scan() {
		select {
		case p.line <- lines.Text():
		default:
		}
	}
	_ = p.cmd.Wait()
}

func (p *program) cleanUp() {
	if p.t.Failed() {
		p.kill()
		p.t.Logf("%s wrote:\n%s%s", p.name, p.out, p.said)
		return
	}
	if !p.ended() {
		p.stop(syscall.SIGTERM)
	}
}

func (p *program) ended() bool {
	select {
	case <-p.gone:
		return true
	default:
		return false
	}
}

// ready waits for a daemon to say that it serves, and returns where.
func (p *program) ready() string {
	p.t.Helper()
	select {
	case line := <-p.line:
		url, ok := strings.CutPrefix(line, "ready ")
		if !ok {
			p.t.Fatalf("%s says %q first, want ready and its address", p.name, line)
		}
		return url
	case <-p.gone:
		p.t.Fatalf("%s ended with exit code %d instead of getting ready:\n%s", p.name, p.cmd.ProcessState.ExitCode(), p.said)
	case <-time.After(startLimit):
		p.t.Fatalf("%s is not ready after %s:\n%s", p.name, startLimit, p.said)
	}
	return ""
}

// stop ends a program in order: it has a few seconds, and its exit code is 0.
func (p *program) stop(s os.Signal) {
	p.t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		p.t.Errorf("stop %s: %v", p.name, err)
		return
	}
	select {
	case <-p.gone:
		if code := p.cmd.ProcessState.ExitCode(); code != 0 {
			p.t.Errorf("%s ended with %v after %v, want exit code 0:\n%s", p.name, p.cmd.ProcessState, s, p.said)
		}
	case <-time.After(stopLimit):
		p.t.Errorf("%s still runs %s after %v:\n%s", p.name, stopLimit, s, p.said)
		p.kill()
	}
}

// kill ends a program as a power cut would.
func (p *program) kill() {
	_ = p.cmd.Process.Kill()
	<-p.gone
}

// refusal waits for a program that cannot do its work, and returns its exit
// code and what it said.
func (p *program) refusal() (code int, said string) {
	p.t.Helper()
	select {
	case <-p.gone:
	case <-time.After(startLimit):
		p.t.Errorf("%s runs on after %s, want it to refuse", p.name, startLimit)
		p.kill()
	}
	return p.cmd.ProcessState.ExitCode(), p.said.String()
}

// tool runs jifen to its end.
func tool(t testing.TB, dir string, args ...string) (code int, out, said string) {
	t.Helper()
	c := exec.Command(ours("jifen"), args...)
	var o, e bytes.Buffer
	c.Dir, c.Stdout, c.Stderr = dir, &o, &e
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatalf("run jifen %s: %v", strings.Join(args, " "), err)
	}
	return c.ProcessState.ExitCode(), o.String(), e.String()
}

// eventually waits until ok holds. state tells, if it never does, how things
// stand instead.
func eventually(t testing.TB, what string, ok func() (state any, holds bool)) {
	t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	limit := time.NewTimer(waitLimit)
	defer limit.Stop()
	for {
		state, holds := ok()
		if holds {
			return
		}
		select {
		case <-look.C:
		case <-limit.C:
			t.Fatalf("waited %s for %s; it is %+v", waitLimit, what, state)
		}
	}
}
