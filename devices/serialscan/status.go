package serialscan

import (
	"errors"
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/devices/scan"
)

// State is how a scanner stands.
type State uint8

// The states of a scanner.
const (
	Opening State = iota // not tried yet
	Ready                // read from
	Missing              // not there, or unplugged
	Busy                 // another program reads it
	Refused              // there, and cannot be used as it is set up
)

var stateNames = [...]string{"opening", "ready", "missing", "busy", "refused"}

// String names the state in lower case.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return fmt.Sprintf("state(%d)", uint8(s))
}

// A Sentence tells the installer what is so and what to do, in both languages.
type Sentence struct{ ZH, EN string }

// A Status is what the health page shows of a scanner.
type Status struct {
	State    State
	Sentence Sentence
	Since    time.Time // when it came into this state, or into this fault
	Scans    uint64    // good reads, repeats included
	BadReads uint64    // reads that made no code
	BadRun   uint64    // bad reads since the last good one: many mean a wrong setting of the scanner
}

// A fault joins an error of the port to what is shown of it. The sentences take
// the path, and that of the speed takes the speed too.
type fault struct {
	err    error
	state  State
	zh, en string
}

var faults = []fault{
	{errPermission, Refused,
		"没有权限打开扫码枪 %s：请把运行本程序的用户加入 dialout 组，然后重新启动程序。",
		"No permission to open the scanner at %s: add the user that runs this program to the group dialout and restart the program."},
	{errNotSerial, Refused,
		"%s 不是串口设备：请在配置里填写扫码枪的设备路径。",
		"%s is not a serial device: set the path of the scanner in the configuration."},
	{errBadBaud, Refused,
		"扫码枪 %s 的波特率 %d 无效：请改为 9600 或 115200 等标准值。",
		"The scanner at %s cannot run at %d baud: set a standard speed, such as 9600 or 115200."},
	{errBusy, Busy,
		"另一个程序正在使用扫码枪 %s：请关闭那个程序。",
		"Another program is using the scanner at %s: close that program."},
	{errUnplugged, Missing,
		"扫码枪 %s 已断开：请检查连接线，插好后会自动恢复。",
		"The scanner at %s was unplugged: check its cable. It comes back by itself."},
	{errMissing, Missing,
		"找不到扫码枪 %s：请检查连接线和配置里的设备路径，插好后会自动恢复。",
		"No scanner at %s: check its cable and the path in the configuration. Once plugged in it comes back by itself."},
}

func openingSentence(path string) Sentence {
	return Sentence{ZH: "正在打开扫码枪 " + path + "。", EN: "Opening the scanner at " + path + "."}
}

func readySentence(path string) Sentence {
	return Sentence{ZH: "扫码枪 " + path + " 工作正常。", EN: "The scanner at " + path + " is working."}
}

// sentence fills in the path, and the speed where it is the matter.
func (f fault) sentence(path string, baud int) Sentence {
	args := []any{path}
	if f.err == errBadBaud {
		args = append(args, baud)
	}
	return Sentence{ZH: fmt.Sprintf(f.zh, args...), EN: fmt.Sprintf(f.en, args...)}
}

// Status returns how the scanner stands now. It may be called at any time from
// any goroutine.
func (s *Source) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.status
}

// ready notes that the scanner is being read.
func (s *Source) ready() {
	if s.enter(Ready, readySentence(s.opt.Path)) {
		s.log.Info("scanner ready")
	}
}

// fault notes why the scanner cannot be read. What no row knows of is shown as
// missing: the line failed in a way that plugging it in again may mend.
func (s *Source) fault(err error) {
	row := faults[len(faults)-1]
	for _, f := range faults {
		if errors.Is(err, f.err) {
			row = f
			break
		}
	}
	if s.enter(row.state, row.sentence(s.opt.Path, s.opt.Baud)) {
		s.log.Warn("scanner not readable", "state", row.state.String(), "err", err)
	}
}

// enter changes the state and the sentence and reports whether that was news.
// An unplugged scanner stays "unplugged" while it is merely not there yet.
func (s *Source) enter(state State, sentence Sentence) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.status.State == state && (s.status.Sentence == sentence || state == Missing) {
		return false
	}
	s.status.State, s.status.Sentence, s.status.Since = state, sentence, s.opt.Now()
	return true
}

// count adds an event to the figures.
func (s *Source) count(e scan.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Bad != scan.NotBad {
		s.status.BadReads++
		s.status.BadRun++
		return
	}
	s.status.Scans++
	s.status.BadRun = 0
}
