package scenario_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/jifen-pos/jifen/scripts/needs"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// mosquitto is a broker that is not ours, set up as an operator would.
type mosquitto struct {
	*world
	path    string
	program *program
}

// newMosquitto writes the broker's files and points the daemons at it. HQ and
// each terminal have a login, and may use no topic that is not theirs.
func newMosquitto(w *world, more ...ledger.TerminalID) *mosquitto {
	w.t.Helper()
	m := &mosquitto{world: w, path: needs.Program(w.t, "mosquitto")}
	id := ledger.TerminalID(w.set.terminal)
	logins := "hq:the password of hq\n"
	for _, login := range append([]ledger.TerminalID{id}, more...) {
		logins += login.String() + ":the password of the till\n"
	}
	w.write("passwords", []byte(logins))
	if out, err := exec.Command("mosquitto_passwd", "-U", w.path("passwords")).CombinedOutput(); err != nil {
		w.t.Fatalf("mosquitto_passwd: %v\n%s", err, out)
	}
	w.write("rights", []byte(`user hq
topic read jifen/v1/up/+/+
topic read jifen/v1/state/+
topic write jifen/v1/down/+

pattern write jifen/v1/up/+/%u
pattern write jifen/v1/state/%u
pattern read jifen/v1/down/%u
`))
	_, port, err := net.SplitHostPort(w.set.broker)
	if err != nil {
		w.t.Fatal(err)
	}
	w.write("mosquitto.conf", fmt.Appendf(nil, "listener %s 127.0.0.1\nallow_anonymous false\npassword_file %s\nacl_file %s\npersistence false\n",
		port, w.path("passwords"), w.path("rights")))
	w.set.hqBroker = fmt.Sprintf("embedded = false\nurl = \"tcp://%s\"\nusername = \"hq\"\npassword = \"the password of hq\"\n", w.set.broker)
	w.set.login = fmt.Sprintf("username = \"%s\"\npassword = \"the password of the till\"\n", id)
	for _, path := range []string{w.dir, filepath.Dir(w.dir), w.path("passwords")} { // started as root it is soon another user
		if err := os.Chmod(path, 0o755); err != nil {
			w.t.Fatal(err)
		}
	}
	return m
}

// open starts the broker and waits until it answers.
func (m *mosquitto) open() {
	m.t.Helper()
	m.program = start(m.t, exec.Command(m.path, "-c", m.world.path("mosquitto.conf")))
	eventually(m.t, "mosquitto to answer", func() (any, bool) {
		if m.program.ended() {
			m.t.Fatalf("mosquitto ended:\n%s", m.program.said)
		}
		conn, err := net.Dial("tcp", m.set.broker)
		if err == nil {
			_ = conn.Close()
		}
		return err, err == nil
	})
}
