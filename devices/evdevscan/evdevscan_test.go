package evdevscan_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/devices/devicetest"
	"github.com/jifen-pos/jifen/devices/evdevscan"
	"github.com/jifen-pos/jifen/devices/scan"
)

// The codes of a few keys.
const (
	keyA, keyEnter, keyKPEnter, keyTab = 30, 28, 96, 15
	key1, key6, keyKP1, keyKP2, keyKP9 = 2, 7, 79, 80, 73
	leftShift, rightShift, capsLock    = 42, 54, 58
	leftCtrl, leftAlt, rightAlt        = 29, 56, 100
	rightBracket, keyF1                = 27, 59
)

// TestContract is what every source of scans keeps.
func TestContract(t *testing.T) {
	devicetest.TestScanner(t, devicetest.Kind{Gone: scan.Missing, New: func(t *testing.T) (devicetest.Source, devicetest.Cable) {
		wedge := devicetest.NewWedge(t)
		return evdevscan.New(evdevscan.Options{Path: wedge.Path(), Pipe: true}), wedge
	}})
}

func start(t *testing.T, opt evdevscan.Options) *devicetest.Reader {
	t.Helper()
	return devicetest.Read(t, evdevscan.New(opt))
}

// press is a key going down and up.
func press(w *devicetest.Wedge, codes ...uint16) {
	for _, c := range codes {
		w.Key(c, 1)
		w.Key(c, 0)
	}
}

func TestTypedScans(t *testing.T) {
	tests := []struct {
		name string
		gs   byte
		play func(*devicetest.Wedge)
		want []scan.Event
	}{
		{"digits", 0, func(w *devicetest.Wedge) { w.Type("6901234567892\r") }, []scan.Event{{Text: "6901234567892"}}},
		{"aim-and-shifted-letters", 0, func(w *devicetest.Wedge) { w.Type("]Q1JF1.V.%60.ZE*9 $+/:\r") }, []scan.Event{{AIM: "]Q1", Text: "JF1.V.%60.ZE*9 $+/:"}}},
		{"every-character-with-a-key", 0, func(w *devicetest.Wedge) { w.Type("`~!@#$%^&*()-_=+[{}]\\|;:'\",<.>/? azAZ\r") }, []scan.Event{{Text: "`~!@#$%^&*()-_=+[{}]\\|;:'\",<.>/? azAZ"}}},
		{"tab-ends", 0, func(w *devicetest.Wedge) { w.Type("A1\t") }, []scan.Event{{Text: "A1"}}},
		{"keypad-and-its-enter", 0, func(w *devicetest.Wedge) { press(w, keyKP1, keyKP2, keyKP9, keyKPEnter) }, []scan.Event{{Text: "129"}}},
		{"kernel-repeats-are-no-characters", 0, func(w *devicetest.Wedge) {
			w.Key(key1, 1)
			w.Key(key1, 2)
			w.Key(key1, 2)
			w.Key(key1, 0)
			w.Type("\r")
		}, []scan.Event{{Text: "1"}}},
		{"caps-lock-changes-nothing", 0, func(w *devicetest.Wedge) { press(w, capsLock, keyA, keyEnter) }, []scan.Event{{Text: "a"}}},
		{"both-shifts", 0, func(w *devicetest.Wedge) {
			w.Key(leftShift, 1)
			w.Key(rightShift, 1)
			w.Key(leftShift, 0)
			press(w, keyA)
			w.Key(rightShift, 0)
			press(w, keyA, keyEnter)
		}, []scan.Event{{Text: "Aa"}}},
		{"right-alt-is-ignored", 0, func(w *devicetest.Wedge) { w.Key(rightAlt, 1); press(w, keyA); w.Key(rightAlt, 0); w.Type("\r") }, []scan.Event{{Text: "a"}}},
		{"other-keys-are-ignored", 0, func(w *devicetest.Wedge) { press(w, keyF1, keyA, 700, keyEnter) }, []scan.Event{{Text: "a"}}},
		{"gs-as-ctrl-bracket", 0, func(w *devicetest.Wedge) {
			w.Type("01")
			w.Key(leftCtrl, 1)
			press(w, rightBracket)
			w.Key(leftCtrl, 0)
			w.Type("10A\r")
		}, []scan.Event{{Text: "01\x1d10A"}}},
		{"gs-by-its-number", 0, func(w *devicetest.Wedge) {
			w.Type("01")
			w.Key(leftAlt, 1)
			press(w, 82, keyKP2, keyKP9)
			w.Key(leftAlt, 0)
			w.Type("10A\r")
		}, []scan.Event{{Text: "01\x1d10A"}}},
		{"a-number-that-is-no-byte", 0, func(w *devicetest.Wedge) {
			w.Key(leftAlt, 1)
			press(w, keyKP9, keyKP9, keyKP9)
			w.Key(leftAlt, 0)
			w.Type("A\r")
		}, []scan.Event{{Text: "A"}}},
		{"gs-by-agreement", '~', func(w *devicetest.Wedge) { w.Type("]C101~10A\r") }, []scan.Event{{AIM: "]C1", Text: "01\x1d10A"}}},
		{"a-dropped-stretch-spoils-its-scan-alone", 0, func(w *devicetest.Wedge) { w.Type("A1\r690123"); w.Drop(); w.Type("4567892\rB2\r") },
			[]scan.Event{{Text: "A1"}, {Bad: scan.Partial}, {Text: "B2"}}},
		{"shift-is-up-after-a-dropped-stretch", 0, func(w *devicetest.Wedge) { w.Key(leftShift, 1); w.Drop(); w.Type("x\ra\r") },
			[]scan.Event{{Bad: scan.Partial}, {Text: "a"}}},
		{"what-comes-before-the-report-of-a-drop-is-nothing", 0, func(w *devicetest.Wedge) {
			w.Raw(append(devicetest.Event(0, 3, 0), devicetest.Event(1, keyA, 1)...))
			w.Raw(devicetest.Event(0, 0, 0))
			w.Type("\ra\r")
		}, []scan.Event{{Bad: scan.Partial}, {Text: "a"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wedge := devicetest.NewWedge(t)
			r := start(t, evdevscan.Options{Path: wedge.Path(), Pipe: true, GS: tt.gs})
			tt.play(wedge)
			r.Want(tt.want...)
		})
	}
}

// The kernel hands out whole events; a pipe may cut them anywhere.
func TestEventsCutAnywhere(t *testing.T) {
	t.Parallel()
	wedge := devicetest.NewWedge(t)
	r := start(t, evdevscan.Options{Path: wedge.Path(), Pipe: true})
	r.Await(scan.Ready)
	var all []byte
	for _, code := range []uint16{key1, key6, keyA, keyEnter} {
		all = append(all, devicetest.Event(1, code, 1)...)
	}
	for i := range all {
		wedge.Raw(all[i : i+1])
	}
	r.Want(scan.Event{Text: "16a"})
}

func TestUnplugInTheMiddleAndComeBack(t *testing.T) {
	t.Parallel()
	wedge := devicetest.NewWedge(t)
	r := start(t, evdevscan.Options{Path: wedge.Path(), Pipe: true})
	wedge.Type("A1\r690123")
	r.Want(scan.Event{Text: "A1"})
	unplugged := time.Now()
	wedge.Unplug()
	r.Want(scan.Event{Bad: scan.Partial})
	status := r.Await(scan.Missing)
	if took := status.Since.Sub(unplugged); took > time.Second {
		t.Errorf("unplugging was noticed after %v, want within a second", took)
	}
	if !strings.Contains(status.Sentence.EN, "unplugged") || !strings.Contains(status.Sentence.ZH, "已断开") {
		t.Errorf("sentence of an unplugged scanner = %+v", status.Sentence)
	}
	wedge.Plug()
	r.Await(scan.Ready)
	wedge.Type("4567892\r")
	r.Want(scan.Event{Text: "4567892"})
}

func TestStatusOfWhatIsNoKeyboard(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, path string
		state      scan.State
		en, zh     string
	}{
		{"missing", file + "-not", scan.Missing, "No keyboard scanner", "找不到"},
		{"a-file", file, scan.Refused, "is no keyboard", "不是键盘"},
		{"dev-null", "/dev/null", scan.Refused, "is no keyboard", "不是键盘"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := start(t, evdevscan.Options{Path: tt.path})
			got := r.Await(tt.state).Sentence
			if !strings.Contains(got.EN, tt.en) || !strings.Contains(got.ZH, tt.zh) || !strings.Contains(got.EN, tt.path) {
				t.Errorf("sentence for %s = %+v, want %q and %q in it", tt.path, got, tt.en, tt.zh)
			}
		})
	}
}

// Three scans in a row that make no sense are no accident: somebody has to look
// at the settings of the scanner. A good one mends it.
func TestGarbledScansAreToldAndMended(t *testing.T) {
	t.Parallel()
	wedge := devicetest.NewWedge(t)
	r := start(t, evdevscan.Options{Path: wedge.Path(), Pipe: true, Framer: scan.Options{Partial: 10 * time.Millisecond}})
	for range scan.GarbledRun {
		wedge.Type("69")
		r.Want(scan.Event{Bad: scan.Partial})
	}
	if got := r.Await(scan.Garbled).Sentence; !strings.Contains(got.EN, "US keyboard") || !strings.Contains(got.ZH, "美式键盘") {
		t.Errorf("sentence of a scanner without suffix = %+v, want what to set", got)
	}
	wedge.Type("A1\r")
	r.Want(scan.Event{Text: "A1"})
	r.Await(scan.Ready)
}
