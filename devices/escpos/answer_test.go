package escpos_test

import (
	"bytes"
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/escpos"
)

// unraw leaves the bytes of a frame out of a comparison.
var unraw = cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Raw" }, cmp.Ignore())

func TestAnswers(t *testing.T) {
	ready := escpos.Answer{Kind: escpos.AnswerStatus, Status: escpos.Status{DrawerPin: true}}
	noPaper := escpos.Answer{Kind: escpos.AnswerStatus, Status: escpos.Status{Offline: true, PaperEnd: true, DrawerPin: true}}
	echo := escpos.Answer{Kind: escpos.AnswerFence, Token: "AB12"}
	noise := escpos.Answer{Kind: escpos.AnswerNoise}
	tests := []struct {
		name, in string
		want     []escpos.Answer
	}{
		{"nothing", "", nil},
		{"status", "\x14\x00\x00\x0f", []escpos.Answer{ready}},
		{"no-paper", "\x1c\x00\x0c\x0f", []escpos.Answer{noPaper}},
		{"cover", "\x3c\x00\x00\x0f", []escpos.Answer{{Kind: escpos.AnswerStatus, Status: escpos.Status{Offline: true, CoverOpen: true, DrawerPin: true}}}},
		{"cutter", "\x18\x08\x00\x0f", []escpos.Answer{{Kind: escpos.AnswerStatus, Status: escpos.Status{Offline: true, Fault: true, Cutter: true}}}},
		{"near-end", "\x10\x00\x03\x0f", []escpos.Answer{{Kind: escpos.AnswerStatus, Status: escpos.Status{PaperLow: true}}}},
		{"half-a-status", "\x14\x00\x00", nil},
		{"real-time", "\x12", []escpos.Answer{{Kind: escpos.AnswerRealTime, Byte: 0x12}}},
		{"echo", "\x37\x22AB12\x00", []escpos.Answer{echo}},
		{"echo-between", "\x14\x00\x00\x0f\x37\x22AB12\x00\x1c\x00\x0c\x0f", []escpos.Answer{ready, echo, noPaper}},
		{"flow-control-inside", "\x14\x11\x00\x13\x00\x0f", []escpos.Answer{ready}},
		{"short-echo", "\x37\x22AB\x00", []escpos.Answer{{Kind: escpos.AnswerOther}}},
		{"long-echo", "\x37\x22AB123\x00", []escpos.Answer{{Kind: escpos.AnswerOther}}},
		{"name", "_EPSON\x00", []escpos.Answer{{Kind: escpos.AnswerOther}}},
		{"broken-status-then-echo", "\x14\x37\x22AB12\x00", []escpos.Answer{noise, echo}},
		{"queued", "\x0c", []escpos.Answer{{Kind: escpos.AnswerQueued, Byte: 0x0C}}},
		{"queued-byte-inside-a-status", "\x14\x00\x00\x0f\x00", []escpos.Answer{ready, {Kind: escpos.AnswerQueued}}},
		{"noise", "\xff\x80", []escpos.Answer{noise, noise}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var whole, split escpos.Answers
			if diff := cmp.Diff(tt.want, whole.Feed([]byte(tt.in)), unraw); diff != "" {
				t.Errorf("Feed(%q): -want +got\n%s", tt.in, diff)
			}
			var got []escpos.Answer
			for i := range len(tt.in) {
				got = append(got, split.Feed([]byte(tt.in[i:i+1]))...)
			}
			if diff := cmp.Diff(tt.want, got, unraw); diff != "" {
				t.Errorf("Feed(%q) byte by byte: -want +got\n%s", tt.in, diff)
			}
		})
	}
}

func TestRealTimeStatus(t *testing.T) {
	tests := []struct {
		n    int
		b    byte
		want escpos.Status
	}{
		{escpos.AskPaper, 0x12, escpos.Status{}},
		{escpos.AskPaper, 0x1E, escpos.Status{PaperLow: true}},
		{escpos.AskPaper, 0x72, escpos.Status{PaperEnd: true}},
		{escpos.AskOffline, 0x16, escpos.Status{CoverOpen: true}},
		{escpos.AskOffline, 0x32, escpos.Status{PaperEnd: true}},
		{escpos.AskOffline, 0x52, escpos.Status{Fault: true}},
		{escpos.AskPrinter, 0x1E, escpos.Status{Offline: true, DrawerPin: true}},
		{escpos.AskFault, 0x1A, escpos.Status{Fault: true, Cutter: true}},
		{escpos.AskFault, 0x32, escpos.Status{Fault: true}},
	}
	for _, tt := range tests {
		if got := escpos.RealTimeStatus(tt.n, tt.b); got != tt.want {
			t.Errorf("RealTimeStatus(%d, %02X) = %+v, want %+v", tt.n, tt.b, got, tt.want)
		}
	}
}

func TestQueuedStatus(t *testing.T) {
	tests := []struct {
		n    int
		b    byte
		want escpos.Status
	}{
		{escpos.AskQueuedPaper, 0x00, escpos.Status{}},
		{escpos.AskQueuedPaper, 0x03, escpos.Status{PaperLow: true}},
		{escpos.AskQueuedPaper, 0x0C, escpos.Status{PaperEnd: true}},
		{escpos.AskQueuedDrawer, 0x01, escpos.Status{DrawerPin: true}},
	}
	for _, tt := range tests {
		if got := escpos.QueuedStatus(tt.n, tt.b); got != tt.want {
			t.Errorf("QueuedStatus(%d, %02X) = %+v, want %+v", tt.n, tt.b, got, tt.want)
		}
	}
}

func TestFence(t *testing.T) {
	got, err := escpos.Fence("AB12")
	if err != nil || string(got) != "\x1d(H\x06\x0000AB12" {
		t.Errorf("Fence(AB12) = %q, %v", got, err)
	}
	for _, bad := range []string{"", "ABC", "ABCDE", "AB\x10\x04", "中a"} {
		if _, err := escpos.Fence(bad); !errors.Is(err, escpos.ErrToken) {
			t.Errorf("Fence(%q) = %v, want ErrToken", bad, err)
		}
	}
}

func FuzzAnswers(f *testing.F) {
	f.Add([]byte("\x14\x00\x00\x0f\x37\x22AB12\x00\x12\xff"))
	f.Fuzz(func(t *testing.T, in []byte) {
		in = in[:min(len(in), 1<<10)] // many times the longest frame
		var whole, split escpos.Answers
		want := whole.Feed(in)
		var got []escpos.Answer
		for i := range in {
			got = append(got, split.Feed(in[i:i+1])...)
		}
		if !reflect.DeepEqual(want, got) {
			t.Errorf("Feed(%q) at once and byte by byte differ: -once +split\n%s", in, cmp.Diff(want, got))
		}
		var raw []byte
		for _, a := range want {
			raw = append(raw, a.Raw...)
		}
		plain := bytes.ReplaceAll(bytes.ReplaceAll(in, []byte{0x11}, nil), []byte{0x13}, nil)
		if !bytes.HasPrefix(plain, raw) || len(plain)-len(raw) > 80 {
			t.Errorf("Feed(%q) = frames of %q: bytes are lost, or held for ever", in, raw)
		}
	})
}

// A line that answers without end costs no more than one block of memory.
func TestEndlessAnswersCostNoMemory(t *testing.T) {
	for name, pattern := range map[string]string{
		"noise": "\xff\x81", "blocks-without-end": "\x5fABCDEFGH", "statuses": "\x14\x00\x00\x0f", "first-bytes-only": "\x37\x37\x22", "flow-control": "\x11\x13",
	} {
		t.Run(name, func(t *testing.T) {
			var answers escpos.Answers
			piece := bytes.Repeat([]byte(pattern), 512)
			most := 0
			for range 200 {
				answers.Feed(piece)
				most = max(most, len(answers.Held()))
			}
			if most > 80 {
				t.Errorf("%d bytes are held of answers that never end, want those of one block", most)
			}
		})
	}
}
