package scenario_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// clerk is another till's software at the local API: it sells all day, asks again
// under the same reference until it is told what became of it, and remembers
// what it was told. It is used from one goroutine.
type clerk struct {
	url, token string
	lane       int
	random     *rand.Rand
	http       *http.Client
	session    string

	done     atomic.Int64 // how many
	made     int
	told     []string          // references that were said to be done
	open     map[string]bool   // references of which nothing is known
	refused  map[string]string // and why
	again    int               // answers that came for a reference asked before
	unlooked string            // the newest thing that should not be, "" if none
}

type anything = map[string]any

func newClerk(url, token string, lane int, seed uint64) *clerk {
	return &clerk{
		url: url + "/api/v1", token: token, lane: lane, random: rand.New(rand.NewPCG(seed, uint64(lane))),
		http: &http.Client{Timeout: 20 * time.Second}, open: map[string]bool{}, refused: map[string]string{},
	}
}

// cards are members with points at HQ, and one without.
var cards = []string{"HM10001001V", "HM10001549V", "HM10001686F", lei, "HM100020974"}

// work sells until ctx ends.
func (c *clerk) work(ctx context.Context) {
	for ctx.Err() == nil {
		ref, path, body := c.next()
		c.open[ref] = true
		for ctx.Err() == nil && !c.settle(ctx, ref, path, body) {
			select { // the daemon is away, or has just come back and knows no session
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(c.random.IntN(50)) * time.Millisecond):
		}
	}
}

// next is what somebody wants: mostly goods, now and then a tea set for points.
func (c *clerk) next() (ref, path string, body anything) {
	c.made++
	ref = fmt.Sprintf("soak-%d-%06d", c.lane, c.made)
	card := cards[c.random.IntN(len(cards))]
	if c.random.IntN(12) == 0 {
		return ref, "redemptions", anything{"ref": ref, "member": card, "benefit": "tea-set"}
	}
	order := anything{"lines": []anything{{"code": []string{rice, millet, red, oil}[c.random.IntN(4)], "quantity": 1 + c.random.IntN(2)}}}
	switch c.random.IntN(3) {
	case 0:
		order["member"] = card
	case 1:
		order["member"], order["deduct_max"] = card, true
	}
	return ref, "sales", anything{"ref": ref, "order": order, "tenders": []anything{{"kind": "cash", "fen": 20_000}}}
}

// settle asks once and reports whether it is known what became of it.
func (c *clerk) settle(ctx context.Context, ref, path string, body anything) bool {
	if c.session == "" && !c.signIn(ctx) {
		return false
	}
	status, answer := c.post(ctx, fmt.Sprintf("/lanes/%d/%s", c.lane, path), body)
	switch {
	case status == http.StatusOK:
		if answer["again"] == true {
			c.again++
		}
		c.told = append(c.told, ref)
		c.done.Add(1)
	case status == http.StatusUnprocessableEntity:
		c.refused[ref] = fmt.Sprint(answer["code"])
		if answer["code"] == "bad-request" {
			c.unlooked = fmt.Sprintf("%s %v: %v", path, body, answer)
		}
	case status == http.StatusUnauthorized:
		c.session = ""
		return false
	case status == http.StatusConflict:
		c.unlooked = fmt.Sprintf("%s under its own reference %s is a conflict: %v", path, ref, answer)
		return true
	default:
		return false
	}
	delete(c.open, ref)
	return true
}

// persist asks anew, each time under another reference, until it is done or is
// refused for one of some reasons.
func (c *clerk) persist(t testing.TB, path string, body anything, until ...string) (answer anything, why string) {
	t.Helper()
	for end := time.Now().Add(waitLimit); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if c.session == "" && !c.signIn(t.Context()) {
			continue
		}
		c.made++
		body["ref"] = fmt.Sprintf("persist-%06d", c.made)
		status, answer := c.post(t.Context(), fmt.Sprintf("/lanes/%d/%s", c.lane, path), body)
		if status == http.StatusOK {
			return answer, ""
		}
		if status != http.StatusUnprocessableEntity {
			t.Fatalf("lane %d: %s %v is answered by %d: %v", c.lane, path, body, status, answer)
		}
		if why = fmt.Sprint(answer["code"]); slices.Contains(until, why) {
			return nil, why
		}
	}
	t.Fatalf("lane %d: %s %v is refused for %s with %q", c.lane, path, body, waitLimit, why)
	return nil, ""
}

func (c *clerk) signIn(ctx context.Context) bool {
	status, answer := c.post(ctx, "/sessions", anything{"person": "k1", "pin": pin})
	if status == http.StatusOK {
		c.session = fmt.Sprint(answer["session"])
	}
	return status == http.StatusOK
}

// post asks for something; a status of 0 is no answer.
func (c *clerk) post(ctx context.Context, path string, body anything) (int, anything) {
	raw, err := json.Marshal(body)
	if err != nil {
		return 0, nil
	}
	return c.send(ctx, http.MethodPost, path, raw)
}

func (c *clerk) send(ctx context.Context, method, path string, raw []byte) (int, anything) {
	r, err := http.NewRequestWithContext(context.WithoutCancel(ctx), method, c.url+path, bytes.NewReader(raw))
	if err != nil {
		return 0, nil
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Jifen-Session", c.session)
	resp, err := c.http.Do(r)
	if err != nil {
		return 0, nil
	}
	defer resp.Body.Close()
	var answer anything
	if strings.Contains(resp.Header.Get("Content-Type"), "json") {
		if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
			return 0, nil // cut in the middle of the answer
		}
	}
	return resp.StatusCode, answer
}

// health is how the terminal says it is; nil while it says nothing.
func (c *clerk) health(ctx context.Context) anything {
	status, answer := c.send(ctx, http.MethodGet, "/health", nil)
	if status != http.StatusOK {
		return nil
	}
	return answer
}
