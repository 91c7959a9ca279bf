package scan_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/scan"
)

const ms = time.Millisecond

// A read is what came from the line at a time; no bytes is a read that timed out.
type read struct {
	at    time.Duration
	bytes string
}

// play feeds the reads and returns what came out, timed-out reads included.
func play(opt scan.Options, reads ...read) []scan.Event {
	f := scan.NewFramer(opt)
	var all []scan.Event
	for _, r := range reads {
		if r.bytes == "" {
			all = append(all, f.Idle(r.at)...)
		} else {
			all = append(all, f.Feed([]byte(r.bytes), r.at)...)
		}
	}
	return all
}

func good(text string, at time.Duration) scan.Event { return scan.Event{Text: text, At: at} }

func bad(why scan.BadReason, at time.Duration) scan.Event { return scan.Event{Bad: why, At: at} }

func TestFramer(t *testing.T) {
	tests := []struct {
		name  string
		opt   scan.Options
		reads []read
		want  []scan.Event
	}{
		{"cr", scan.Options{}, []read{{0, "A1\r"}}, []scan.Event{good("A1", 0)}},
		{"lf", scan.Options{}, []read{{0, "A1\n"}}, []scan.Event{good("A1", 0)}},
		{"tab", scan.Options{}, []read{{0, "A1\t"}}, []scan.Event{good("A1", 0)}},
		{"crlf-is-one-end", scan.Options{}, []read{{0, "A1\r\nB2\r\n"}}, []scan.Event{good("A1", 0), good("B2", 0)}},
		{"crlf-over-two-reads-is-one-end", scan.Options{}, []read{{0, "A1\r"}, {9 * ms, "\nB2\r"}, {20 * ms, "\n"}}, []scan.Event{good("A1", 0), good("B2", 9*ms)}},
		{"empty-frames-are-dropped", scan.Options{}, []read{{0, "\r\r\n\n\t\r"}, {2 * time.Second, ""}}, nil},
		{"split-anywhere", scan.Options{}, []read{{0, "690123"}, {30 * ms, "4567892"}, {60 * ms, "\r"}}, []scan.Event{good("6901234567892", 60*ms)}},
		{"two-glued", scan.Options{}, []read{{0, "A1\rB2\r"}}, []scan.Event{good("A1", 0), good("B2", 0)}},
		{"spaces-stay", scan.Options{}, []read{{0, "  JF1.A B \r"}}, []scan.Event{good("  JF1.A B ", 0)}},
		{"separators-stay", scan.Options{}, []read{{0, "01\x1d10A\x1eB\x04\r"}}, []scan.Event{good("01\x1d10A\x1eB\x04", 0)}},
		{"chinese-stays", scan.Options{}, []read{{0, "积分\r"}}, []scan.Event{good("积分", 0)}},

		{"half-a-scan-then-silence", scan.Options{}, []read{{0, "690123"}, {499 * ms, ""}, {500 * ms, ""}, {1000 * ms, ""}}, []scan.Event{bad(scan.Partial, 500*ms)}},
		{"half-a-scan-is-never-joined", scan.Options{}, []read{{0, "690123"}, {500 * ms, ""}, {500 * ms, "B2\r"}}, []scan.Event{bad(scan.Partial, 500*ms), good("B2", 500*ms)}},
		{"what-a-busy-board-reads-late-is-one-scan", scan.Options{}, []read{{0, "690123"}, {3 * time.Second, "4567892\r"}}, []scan.Event{good("6901234567892", 3*time.Second)}},
		{"a-slow-line-is-no-half-scan", scan.Options{}, []read{{0, "A"}, {400 * ms, "B"}, {800 * ms, "C"}, {1200 * ms, "\r"}}, []scan.Event{good("ABC", 1200*ms)}},
		{"own-partial-time", scan.Options{Partial: 100 * ms}, []read{{0, "A"}, {100 * ms, ""}, {100 * ms, "B\r"}}, []scan.Event{bad(scan.Partial, 100*ms), good("B", 100*ms)}},

		{"longest-frame", scan.Options{MaxFrame: 4}, []read{{0, "ABCD\r"}}, []scan.Event{good("ABCD", 0)}},
		{"overlong-is-one-bad-read", scan.Options{MaxFrame: 4}, []read{{0, "ABCDE"}, {5 * ms, "FGHIJKLMNOP"}, {9 * ms, "Q\rB2\r"}}, []scan.Event{bad(scan.Overlong, 0), good("B2", 9*ms)}},
		{"overlong-then-silence-loses-no-later-scan", scan.Options{MaxFrame: 4}, []read{{0, "ABCDE"}, {500 * ms, ""}, {500 * ms, "B2\r"}}, []scan.Event{bad(scan.Overlong, 0), good("B2", 500*ms)}},
		{"default-limit", scan.Options{}, []read{{0, strings.Repeat("A", 512) + "\r" + strings.Repeat("B", 513) + "\r"}}, []scan.Event{good(strings.Repeat("A", 512), 0), bad(scan.Overlong, 0)}},
		{"limit-is-never-above-the-largest", scan.Options{MaxFrame: 1 << 20}, []read{{0, strings.Repeat("A", 4297) + "\r"}}, []scan.Event{bad(scan.Overlong, 0)}},

		{"noise-is-one-bad-read", scan.Options{}, []read{{0, "69\x00\x01\x0201\r"}, {9 * ms, "B2\r"}}, []scan.Event{bad(scan.Noise, 0), good("B2", 9*ms)}},
		{"delete-is-noise", scan.Options{}, []read{{0, "69\x7f01\r"}}, []scan.Event{bad(scan.Noise, 0)}},
		{"escape-is-noise", scan.Options{}, []read{{0, "\x1b[A\r"}}, []scan.Event{bad(scan.Noise, 0)}},
		{"stx-is-noise-unless-agreed", scan.Options{}, []read{{0, "\x02A1\r"}}, []scan.Event{bad(scan.Noise, 0)}},

		{"stx-and-etx", scan.Options{STX: true}, []read{{0, "\x02A1\x03\x02B2\x03\r\n"}}, []scan.Event{good("A1", 0), good("B2", 0)}},
		{"stx-and-cr", scan.Options{STX: true}, []read{{0, "\x02A1\r\x02B2\r"}}, []scan.Event{good("A1", 0), good("B2", 0)}},
		{"stx-missing", scan.Options{STX: true}, []read{{0, "A1\r\x02B2\r"}}, []scan.Event{bad(scan.Noise, 0), good("B2", 0)}},
		{"stx-inside-begins-anew", scan.Options{STX: true}, []read{{0, "\x0269\x02B2\r"}}, []scan.Event{bad(scan.Partial, 0), good("B2", 0)}},
		{"stx-ends-skipping", scan.Options{STX: true}, []read{{0, "\x0269\x00\x02B2\r"}}, []scan.Event{bad(scan.Noise, 0), good("B2", 0)}},

		{"no-terminator", scan.Options{Idle: 100 * ms}, []read{{0, "A1"}, {50 * ms, "B"}, {149 * ms, ""}, {150 * ms, ""}, {400 * ms, "C2"}, {500 * ms, ""}, {500 * ms, "D3\r"}}, []scan.Event{good("A1B", 150*ms), good("C2", 500*ms), good("D3", 500*ms)}},
		{"no-terminator-and-noise", scan.Options{Idle: 100 * ms}, []read{{0, "A\x001"}, {100 * ms, ""}, {100 * ms, "B2\r"}}, []scan.Event{bad(scan.Noise, 0), good("B2", 100*ms)}},

		{"no-read", scan.Options{}, []read{{0, "NR\rNOREAD\rNRX\r"}}, []scan.Event{bad(scan.NoRead, 0), bad(scan.NoRead, 0), good("NRX", 0)}},
		{"no-read-with-aim", scan.Options{}, []read{{0, "]X0NR\r]E0NR\r"}}, []scan.Event{good("]X0NR", 0), bad(scan.NoRead, 0)}},
		{"own-no-read", scan.Options{NoRead: []string{"?"}}, []read{{0, "?\rNR\r"}}, []scan.Event{bad(scan.NoRead, 0), good("NR", 0)}},
		{"no-no-read", scan.Options{NoRead: []string{}}, []read{{0, "NR\r"}}, []scan.Event{good("NR", 0)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := play(tt.opt, tt.reads...)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("events of %+v (-want +got):\n%s", tt.reads, diff)
			}
		})
	}
}

func TestAIM(t *testing.T) {
	tests := []struct {
		name, in, aim, text string
		mode                scan.AIMMode
	}{
		{"auto-known", "]E06901234567892", "]E0", "6901234567892", scan.AIMAuto},
		{"auto-qr", "]Q1JF1.A B", "]Q1", "JF1.A B", scan.AIMAuto},
		{"auto-gs1-keeps-gs", "]C10112\x1d34", "]C1", "0112\x1d34", scan.AIMAuto},
		{"auto-unknown-letter", "]x0123", "", "]x0123", scan.AIMAuto},
		{"auto-unknown-modifier", "]E9123", "", "]E9123", scan.AIMAuto},
		{"auto-no-prefix", "6901", "", "6901", scan.AIMAuto},
		{"auto-case-matters", "]q1123", "", "]q1123", scan.AIMAuto},
		{"auto-nothing-but-a-prefix", "]E0", "", "]E0", scan.AIMAuto},
		{"on-unknown", "]x0123", "]x0", "123", scan.AIMOn},
		{"on-wrong-form", "]??123", "", "]??123", scan.AIMOn},
		{"on-no-prefix", "6901", "", "6901", scan.AIMOn},
		{"off-known", "]E06901", "", "]E06901", scan.AIMOff},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := play(scan.Options{AIM: tt.mode}, read{0, tt.in + "\r"})
			want := []scan.Event{{Text: tt.text, AIM: tt.aim}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("events of %q (-want +got):\n%s", tt.in, diff)
			}
		})
	}
}

func TestRepeat(t *testing.T) {
	tests := []struct {
		name  string
		opt   scan.Options
		reads []read
		want  []bool
	}{
		{"at-once", scan.Options{}, []read{{0, "A\rA\r"}}, []bool{false, true}},
		{"first-scan-at-time-zero", scan.Options{}, []read{{0, "A\r"}}, []bool{false}},
		{"just-inside", scan.Options{}, []read{{0, "A\r"}, {299 * ms, "A\r"}}, []bool{false, true}},
		{"just-outside-is-a-second-item", scan.Options{}, []read{{0, "A\r"}, {300 * ms, "A\r"}}, []bool{false, false}},
		{"held-before-the-scanner", scan.Options{}, []read{{0, "A\r"}, {200 * ms, "A\r"}, {400 * ms, "A\r"}, {600 * ms, "A\r"}}, []bool{false, true, true, true}},
		{"another-code", scan.Options{}, []read{{0, "A\rB\r"}}, []bool{false, false}},
		{"another-symbology", scan.Options{}, []read{{0, "]E0A\r]Q1A\r"}}, []bool{false, false}},
		{"own-window", scan.Options{Repeat: 3 * time.Second}, []read{{0, "A\r"}, {2999 * ms, "A\r"}}, []bool{false, true}},
		{"window-has-a-limit", scan.Options{Repeat: time.Hour}, []read{{0, "A\r"}, {3000 * ms, "A\r"}}, []bool{false, false}},
		{"a-member-held-before-the-scanner", scan.Options{}, []read{{0, "13800138000\r"}, {2999 * ms, "13800138000\r"}}, []bool{false, true}},
		{"a-voucher", scan.Options{}, []read{{0, "JF1.V.A B\r"}, {2 * time.Second, "JF1.V.A B\r"}}, []bool{false, true}},
		{"a-member-again", scan.Options{}, []read{{0, "13800138000\r"}, {3000 * ms, "13800138000\r"}}, []bool{false, false}},
		{"own-window-of-a-member", scan.Options{RepeatOnce: time.Second}, []read{{0, "13800138000\r"}, {1000 * ms, "13800138000\r"}}, []bool{false, false}},
		{"switched-off", scan.Options{Repeat: -1}, []read{{0, "A\rA\r"}}, []bool{false, false}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []bool
			for _, e := range play(tt.opt, tt.reads...) {
				got = append(got, e.Repeat)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("repeats of %+v (-want +got):\n%s", tt.reads, diff)
			}
		})
	}
}

// The line goes away in the middle of a scan and comes back at once: the two
// halves of two scans are no scan.
func TestCut(t *testing.T) {
	f := scan.NewFramer(scan.Options{})
	got := f.Feed([]byte("690123"), 0)
	got = append(got, f.Cut(1*ms)...)
	got = append(got, f.Cut(2*ms)...)
	got = append(got, f.Feed([]byte("4567892\r"), 3*ms)...)
	want := []scan.Event{bad(scan.Partial, 1*ms), good("4567892", 3*ms)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events around a cut (-want +got):\n%s", diff)
	}
}

// A device that dropped key presses has spoiled the scan around the gap, and no
// other; a scan is never made of what came before and after.
func TestLose(t *testing.T) {
	f := scan.NewFramer(scan.Options{})
	got := f.Feed([]byte("690123"), 0)
	got = append(got, f.Lose(1*ms)...)
	got = append(got, f.Lose(2*ms)...)
	got = append(got, f.Feed([]byte("4567892\rA1\r"), 3*ms)...)
	got = append(got, f.Lose(4*ms)...)
	got = append(got, f.Idle(504*ms)...)
	got = append(got, f.Feed([]byte("B2\r"), 505*ms)...)
	want := []scan.Event{bad(scan.Partial, 1*ms), good("A1", 3*ms), bad(scan.Partial, 4*ms), good("B2", 505*ms)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events around lost bytes (-want +got):\n%s", diff)
	}
}

// The caller's list stays the caller's.
func TestOptionsAreCopied(t *testing.T) {
	words := []string{"?"}
	f := scan.NewFramer(scan.Options{NoRead: words})
	words[0] = "A1"
	if got := f.Feed([]byte("A1\r"), 0); len(got) != 1 || got[0].Bad != scan.NotBad {
		t.Errorf("Feed after the caller changed its list = %+v, want a good scan", got)
	}
}

func TestBadReasonString(t *testing.T) {
	got := []string{scan.NotBad.String(), scan.Partial.String(), scan.NoRead.String(), scan.BadReason(99).String()}
	if diff := cmp.Diff([]string{"", "partial", "no-read", "bad(99)"}, got); diff != "" {
		t.Errorf("String() (-want +got):\n%s", diff)
	}
}

// A line that never ends a frame costs no more than one frame of memory and
// says so once.
func TestEndlessBytesCostNoMemory(t *testing.T) {
	f := scan.NewFramer(scan.Options{})
	chunk := []byte(strings.Repeat("x", 4096))
	events := len(f.Feed(chunk, 0))
	allocs := testing.AllocsPerRun(1000, func() { events += len(f.Feed(chunk, ms)) })
	if allocs != 0 || events != 1 {
		t.Errorf("Feed of 4 MB without an end: %v allocations a read and %d events, want 0 and 1", allocs, events)
	}
}
