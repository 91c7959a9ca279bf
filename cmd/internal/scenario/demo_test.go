package scenario_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// show is `jifen demo` in a folder.
type show struct {
	t       *testing.T
	dir     string
	program *program
	at      screen
}

func TestDemo(t *testing.T) {
	t.Parallel()
	d := &show{t: t, dir: t.TempDir()}
	d.open()
	d.saysWhatToDo()
	d.sells(rice)
	first := d.at.view().Ledger.Head
	d.close()
	d.verifies(1)

	d.open() // goes on from the ledger that is there
	v := d.at.view()
	if v.Ledger.Head.Seq == 0 || v.Ledger.Head == first { // that was stopped: another life follows
		t.Errorf("the second demonstration begins with the ledger at %s, want it to go on after %s", v.Ledger.Head, first)
	}
	d.sells(red)
	d.close()
	d.verifies(2)

	d.open()
	d.losesItsTill()
}

// losesItsTill kills one of its daemons: the demonstration says so and ends, and
// stops the other.
func (d *show) losesItsTill() {
	d.t.Helper()
	for _, pid := range childrenOf(d.program.cmd.Process.Pid) {
		name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
		if err == nil && string(name) == "jifend\n" {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if code, said := d.program.refusal(); code == 0 || !strings.Contains(said, "jifend ended by itself") {
		d.t.Errorf("the demonstration without its till ended with %d: %s; want it to say what has ended", code, said)
	}
}

// open starts the demonstration. Where its usual ports are taken it says so,
// and is started again with others.
func (d *show) open() {
	d.t.Helper()
	said := d.start()
	for n := 0; strings.Contains(said, "in use") && n < 3; n++ {
		d.changePorts()
		said = d.start()
	}
	if said != "" {
		d.t.Fatalf("jifen demo: %s", said)
	}
	found := regexp.MustCompile(`cashier screen +(http://\S+)`).FindStringSubmatch(d.program.out.String())
	d.at = signIn(d.t, found[1])
	d.at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	d.at.sees("the scanner to be ready", func(v view) bool { return v.device("scanner").OK })
}

// start returns what the demonstration said if it ended at once.
func (d *show) start() string {
	d.t.Helper()
	c := exec.Command(ours("jifen"), "demo")
	run := filepath.Join(d.dir, "run")
	if err := os.MkdirAll(run, 0o755); err != nil {
		d.t.Fatal(err)
	}
	c.Dir, c.Env = d.dir, append(os.Environ(), "RUNTIME_DIRECTORY="+run)
	d.program = start(d.t, c)
	ended := ""
	eventually(d.t, "the demonstration to be ready", func() (any, bool) {
		if d.program.ended() {
			ended = d.program.said.String()
			return nil, true
		}
		out := d.program.out.String()
		return out, strings.Contains(out, "Ctrl-C")
	})
	return ended
}

// changePorts gives the demonstration other ports than its usual ones.
func (d *show) changePorts() {
	d.t.Helper()
	broker, cashier, dashboard := freeAddress(d.t), freeAddress(d.t), freeAddress(d.t)
	for _, name := range []string{"jifend.toml", "jifenhq.toml"} {
		path := filepath.Join(d.dir, "jifen-demo", name)
		b, err := os.ReadFile(path)
		if err != nil {
			d.t.Fatal(err)
		}
		for key, address := range map[string]string{"1883": broker, "8480": cashier, "8490": dashboard} {
			b = bytes.ReplaceAll(b, []byte("127.0.0.1:"+key), []byte(address))
		}
		if err := os.WriteFile(path, b, 0o600); err != nil {
			d.t.Fatal(err)
		}
	}
}

// saysWhatToDo checks that a stranger finds the screens, the PIN and something
// to scan.
func (d *show) saysWhatToDo() {
	d.t.Helper()
	out := d.program.out.String()
	for _, part := range []string{"cashier screen   http://", "HQ dashboard     http://", "PIN " + pin} {
		if !strings.Contains(out, part) {
			d.t.Errorf("the demonstration does not say %q but:\n%s", part, out)
		}
	}
	if n := len(d.codes()); n != 3 {
		d.t.Errorf("the demonstration names %d codes to scan, want 3:\n%s", n, out)
	}
}

// codes are the codes that the demonstration says to scan.
func (d *show) codes() []string {
	var codes []string
	for _, found := range regexp.MustCompile(`jifen scan (\S+)`).FindAllStringSubmatch(d.program.out.String(), -1) {
		codes = append(codes, found[1])
	}
	return codes
}

// sells scans with the tool what the demonstration says, and one thing more.
func (d *show) sells(more string) {
	d.t.Helper()
	var v view
	for _, code := range append(d.codes(), more, oil) {
		before := d.at.view().Message.N
		if exit, out, said := tool(d.t, d.dir, "scan", code); exit != 0 || out != "scanned\n" {
			d.t.Fatalf("jifen scan %s = %d: %s%s; want 0 and scanned", code, exit, out, said)
		}
		v = d.at.sees("an answer to the scan of "+code, func(v view) bool { return v.Message.N > before })
		if v.Message.Level != "ok" {
			d.t.Errorf("the scan of %s shows %q, want it taken", code, v.Sentence)
		}
	}
	d.at.do("pay", "ref", v.Ref, "cash", v.Quote.ToPay.String())
}

// close stops the demonstration as Ctrl-C does; none of its programs is left.
func (d *show) close() {
	d.t.Helper()
	began, children := time.Now(), childrenOf(d.program.cmd.Process.Pid)
	if len(children) != 2 {
		d.t.Errorf("the demonstration runs %d programs, want 2", len(children))
	}
	d.program.stop(syscall.SIGINT)
	d.t.Logf("stopped within %s", time.Since(began).Round(time.Millisecond))
	for _, pid := range children {
		if err := syscall.Kill(pid, 0); err == nil {
			d.t.Errorf("process %d is left of the demonstration", pid)
		}
	}
	if conn, err := net.Dial("tcp", strings.TrimPrefix(d.at.base, "http://")); err == nil {
		_ = conn.Close()
		d.t.Errorf("%s still answers after the demonstration has ended", d.at.base)
	}
}

// childrenOf lists the processes that a process has started.
func childrenOf(parent int) []int {
	var list []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		raw, err := os.ReadFile(path)
		if err != nil {
			continue // ended by now
		}
		var pid, of int
		var state string
		if _, err := fmt.Sscanf(path, "/proc/%d/stat", &pid); err != nil {
			continue
		}
		_, after, _ := strings.Cut(string(raw), ") ")
		if _, err := fmt.Sscan(after, &state, &of); err == nil && of == parent {
			list = append(list, pid)
		}
	}
	return list
}

// verifies checks the ledger that a demonstration left: it holds so many lives of
// the terminal, one a run.
func (d *show) verifies(lives int) {
	d.t.Helper()
	code, out, said := tool(d.t, d.dir, "verify", "jifen-demo/till/ledger.db")
	if want := fmt.Sprintf("in %d incarnation(s)", lives); code != 0 || !strings.Contains(out, want) || !strings.Contains(out, "ok: ") {
		d.t.Errorf("jifen verify = %d: %s%s; want 0, %q and ok", code, out, said, want)
	}
}
