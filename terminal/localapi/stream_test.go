package localapi_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"
	"time"
)

// heard is an open stream.
type heard struct {
	t      *testing.T
	answer *http.Response
	lines  *bufio.Scanner
	id     string // of the newest event
}

// listen opens the stream of lane 2, after an event or from now on.
func (b *bench) listen(after string) *heard {
	b.t.Helper()
	r, err := http.NewRequest("GET", b.url+"/events?lane=2", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if after != "" {
		r.Header.Set("Last-Event-ID", after)
	}
	answer, err := (&http.Client{Timeout: time.Minute}).Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = answer.Body.Close() })
	return &heard{t: b.t, answer: answer, lines: bufio.NewScanner(answer.Body)}
}

// until reads on until a line has something, and returns what it read.
func (h *heard) until(what string) (read string) {
	h.t.Helper()
	for h.lines.Scan() {
		read += h.lines.Text() + "\n"
		if id, ok := strings.CutPrefix(h.lines.Text(), "id: "); ok {
			h.id = id
		}
		if strings.Contains(h.lines.Text(), what) {
			return read
		}
	}
	h.t.Fatalf("the stream ended before it said %q: %v", what, h.lines.Err())
	return ""
}

func TestStreamTellsWhatChanges(t *testing.T) {
	b := newBench(t)
	h := b.listen("")
	h.until("event: health")
	h.until("event: jobs")
	b.want(200, "POST", "/lanes/2/scans", object{"code": rice})
	h.until(`"total_fen":4990`)
	b.want(200, "POST", "/lanes/2/sales", sale("pos-1-0001", order(wang, rice), 4990))
	h.until(`"state":"queued"`)
}

// Another till's software hears what the scanners read: also what they read
// while its stream was broken, and each scan once.
func TestScansAreToldOnceThoughTheStreamBreaks(t *testing.T) {
	b := newBench(t)
	b.api.Scanned(2, "", "before anybody listened")
	h := b.listen("")
	h.until("event: jobs")
	b.api.Scanned(2, "]E0", rice)
	b.hub.Changed()
	if read := h.until(`"code":"` + rice + `"`); strings.Contains(read, "before") {
		t.Errorf("a fresh stream tells of a scan of before: %s", read)
	}
	_ = h.answer.Body.Close()
	b.api.Scanned(2, "", millet)
	b.api.Scanned(3, "", "of another lane")
	again := b.listen(h.id)
	if read := again.until("event: jobs"); strings.Count(read, "event: scan") != 1 || !strings.Contains(read, millet) {
		t.Errorf("the stream goes on after %s with %s, want the millet and no other scan", h.id, read)
	}
	foreign := b.listen("12") // an id of a run before
	if read := foreign.until("event: jobs"); strings.Count(read, "event: scan") != 3 {
		t.Errorf("a stream of a run before goes on with %s, want all three scans of its lane", read)
	}
}

func TestStreamsAreBounded(t *testing.T) {
	b := newBench(t)
	for range 16 {
		b.listen("").until("event: health")
	}
	if p := b.want(503, "GET", "/events", nil); p["code"] != "too-many-callers" || p["zh"] == p["en"] {
		t.Errorf("the seventeenth stream: %v, want too-many-callers", p)
	}
	b.want(200, "POST", "/lanes/1/sales", sale("pos-1-0001", order(wang, rice), 4990))
}
