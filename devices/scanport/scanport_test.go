package scanport_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/devices/scan"
	"github.com/jifen-pos/jifen/devices/scanport"
)

// A read is one look at a line: how long it takes, what it finds, and whether
// more came by the time it ends.
type read struct {
	took  time.Duration
	finds string
	more  bool
}

// script is a line that is read as it says, and then is gone.
type script struct {
	reads []read
	now   time.Duration
	more  bool
}

var errGone = errors.New("gone")

func (s *script) Read(_ context.Context, p []byte) (int, error) {
	if len(s.reads) == 0 {
		return 0, errGone
	}
	r := s.reads[0]
	s.reads, s.now, s.more = s.reads[1:], s.now+r.took, r.more
	return copy(p, r.finds), nil
}

func (s *script) Waiting() bool { return s.more }
func (s *script) Close()        {}

// A board that is busy reads late. What a scanner sent in one go stays one scan,
// and only a line that was seen to be empty has been silent.
func TestBusyBoardSplitsNoScan(t *testing.T) {
	const ms = time.Millisecond
	tests := []struct {
		name  string
		reads []read
		want  []scan.Event
	}{
		{"read-late", []read{{ms, "690123", false}, {900 * ms, "4567892\r", false}}, []scan.Event{{Text: "6901234567892", At: 901 * ms}}},
		{"out-of-time-with-bytes-there", []read{{ms, "690123", false}, {900 * ms, "", true}, {ms, "4567892\r", false}}, []scan.Event{{Text: "6901234567892", At: 902 * ms}}},
		{"silent", []read{{ms, "690123", false}, {500 * ms, "", false}, {ms, "4567892\r", false}}, []scan.Event{{Bad: scan.Partial, At: 501 * ms}, {Text: "4567892", At: 502 * ms}}},
		{"silent-not-long", []read{{ms, "690123", false}, {250 * ms, "", false}, {ms, "4567892\r", false}}, []scan.Event{{Text: "6901234567892", At: 252 * ms}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			line := &script{reads: tt.reads}
			ctx, stop := context.WithCancel(t.Context())
			defer stop()
			opened := false
			s := scanport.New(scanport.Options{
				Open: func(context.Context) (scanport.Line, error) {
					if opened {
						stop()
						return nil, errGone
					}
					opened = true
					return line, nil
				},
				There: func() bool { return false },
				Mono:  func() time.Duration { return line.now },
			})
			var got []scan.Event
			if err := s.Run(ctx, func(e scan.Event) { got = append(got, e) }); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("events (-want +got):\n%s", diff)
			}
		})
	}
}
