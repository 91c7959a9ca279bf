package contract

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// answerMax is how much of an answer is read.
const answerMax = 4 << 20

// object is a value of JSON with names.
type object = map[string]any

// suite is one run.
type suite struct {
	o       Options
	ctx     context.Context
	base    string
	spec    *spec
	n       int    // references drawn
	session string // of who acts
	faults  []string

	sold object // the newest sale
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    []byte
	body   object // nil where it is none
}

func (a answer) String() string {
	text := string(a.raw)
	if len(text) > 400 {
		text = text[:400] + " …"
	}
	return fmt.Sprintf("%d %s", a.status, text)
}

func (a answer) number(name string) int64 {
	n, _ := a.body[name].(json.Number)
	v, _ := n.Int64()
	return v
}

func (a answer) text(name string) string {
	text, _ := a.body[name].(string)
	return text
}

func (a answer) list(name string) []any {
	list, _ := a.body[name].([]any)
	return list
}

// send asks for something as it is given, with change as the last word.
func (s *suite) send(method, path string, body []byte, change func(*http.Request)) answer {
	r, err := http.NewRequestWithContext(s.ctx, method, s.base+path, bytes.NewReader(body))
	if err != nil {
		s.broken("%s %s: %v", method, path, err)
	}
	if s.o.Token != "" {
		r.Header.Set("Authorization", "Bearer "+s.o.Token)
	}
	if s.session != "" {
		r.Header.Set("Jifen-Session", s.session)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if change != nil {
		change(r)
	}
	resp, err := s.o.Client.Do(r)
	if err != nil {
		s.broken("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, header: resp.Header}
	if a.raw, err = io.ReadAll(io.LimitReader(resp.Body, answerMax)); err != nil {
		s.broken("%s %s: %v", method, path, err)
	}
	d := json.NewDecoder(bytes.NewReader(a.raw))
	d.UseNumber()
	if strings.Contains(resp.Header.Get("Content-Type"), "json") {
		_ = d.Decode(&a.body) // a list has none
	}
	return a
}

// call asks for something, and compares the answer with the description and a
// problem with what is promised of all of them.
func (s *suite) call(method, path string, body any) answer {
	var sent []byte
	if body != nil {
		var err error
		if sent, err = json.Marshal(body); err != nil {
			s.broken("%s %s: %v", method, path, err)
		}
	}
	a := s.send(method, path, sent, nil)
	if err := s.spec.fits(method, path, a); err != nil {
		s.wrong("%s %s: the answer is not as described: %v", method, path, err)
	}
	if a.status >= http.StatusBadRequest {
		s.problem(method+" "+path, a)
	}
	return a
}

// want is call for an answer that must have a status.
func (s *suite) want(status int, method, path string, body any) answer {
	a := s.call(method, path, body)
	if a.status != status {
		s.broken("%s %s %v: %v; want status %d", method, path, body, a, status)
	}
	return a
}

// refused is want for a problem with a code.
func (s *suite) refused(status int, code, method, path string, body any) {
	if a := s.call(method, path, body); a.status != status || a.text("code") != code {
		s.wrong("%s %s %v: %v; want %d and %s", method, path, body, a, status, code)
	}
}

// problem checks what every problem promises (RFC 9457): its kind, a code that is
// in its type, and a sentence in each language.
func (s *suite) problem(what string, a answer) {
	code := a.text("code")
	switch {
	case a.header.Get("Content-Type") != "application/problem+json":
		s.wrong("%s: a problem comes as %q, want application/problem+json", what, a.header.Get("Content-Type"))
	case code == "" || a.text("type") != "urn:jifen:problem:"+code || a.number("status") != int64(a.status):
		s.wrong("%s: %v; want a code, its type and the status", what, a)
	case !inBoth(a.body):
		s.wrong("%s: %v; want a sentence in Chinese and one in English", what, a)
	}
}

// inBoth reports whether something has a sentence in each language.
func inBoth(o object) bool {
	zh, _ := o["zh"].(string)
	en, _ := o["en"].(string)
	code, _ := o["code"].(string)
	return zh != "" && en != "" && zh != en && zh != code && en != code
}

// lane is a path at the lane that is tried.
func (s *suite) lane(path string) string { return fmt.Sprintf("/lanes/%d/%s", s.o.Lane, path) }

// ref draws a reference.
func (s *suite) ref() string {
	s.n++
	return fmt.Sprintf("%s-%04d", s.o.Ref, s.n)
}

// act is an action under a fresh reference.
func (s *suite) act(rest object) object {
	rest["ref"] = s.ref()
	return rest
}

// order is an order of goods, one of each.
func order(member string, codes ...string) object {
	lines := []object{}
	for _, c := range codes {
		lines = append(lines, object{"code": c, "quantity": 1})
	}
	o := object{"lines": lines}
	if member != "" {
		o["member"] = member
	}
	return o
}

// sale is a sale of an order for cash.
func (s *suite) sale(o object, fen int64) object {
	return s.act(object{"order": o, "tenders": []object{{"kind": "cash", "fen": fen}}})
}

// price is what an order comes to.
func (s *suite) price(o object) answer { return s.want(http.StatusOK, "POST", s.lane("quotes"), o) }
