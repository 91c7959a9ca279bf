package localapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/webui"
	"github.com/jifen-pos/jifen/terminal/words"
)

// Problem is an answer that is not what was asked for (RFC 9457), with a code
// that never changes its meaning and a sentence for the person at the till in
// both languages.
type Problem struct {
	Type   string  `json:"type" doc:"urn:jifen:problem: and the code" example:"urn:jifen:problem:points-short"`
	Title  string  `json:"title" doc:"the sentence in English"`
	Status int     `json:"status" minimum:"400" maximum:"599"`
	Code   string  `json:"code" doc:"stable: a word of the catalogue" example:"points-short"`
	ZH     string  `json:"zh" doc:"the sentence in Chinese"`
	EN     string  `json:"en" doc:"the sentence in English"`
	Errors []Wrong `json:"errors,omitempty" doc:"what of the request is wrong, all of it"`
}

func (p *Problem) Error() string { return fmt.Sprintf("%d %s", p.Status, p.Code) }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is that of a problem, whatever kind of JSON was asked for.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// problem is the answer of a code, with values filled in.
func problem(status int, code string, values ...programme.Text) *Problem {
	p := &Problem{Type: "urn:jifen:problem:" + code, Status: status, Code: code}
	zh, en := make([]string, len(values)), make([]string, len(values))
	for i, v := range values {
		zh[i], en[i] = v.In("zh"), v.In("en")
	}
	p.ZH, p.EN = words.In("zh", code, zh...), words.In("en", code, en...)
	p.Title = p.EN
	return p
}

// fault gives an error its answer: 422 for what the till refuses, 409 for a
// reference that was used for something else, 503 where the result of writing is
// not known (bolt R9), 507 for a full disk. Anything else is a fault of ours, and
// is logged.
func (a *API) fault(err error) error {
	var known *Problem
	var refusal *till.Refusal
	var declined *clerk.Declined
	var fault *webui.Fault
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return known
	case errors.As(err, &refusal):
		return problem(http.StatusUnprocessableEntity, refusal.Code, refusal.Args...)
	case errors.As(err, &declined):
		return problem(http.StatusUnprocessableEntity, declined.Code, number(declined.Want), number(declined.Has))
	case errors.As(err, &fault):
		return ofFault(fault)
	case errors.Is(err, clerk.ErrReference):
		return problem(http.StatusConflict, "reference-used")
	case errors.Is(err, clerk.ErrUnknownReference):
		return problem(http.StatusNotFound, "reference-unknown")
	case errors.Is(err, clerk.ErrStopped):
		return problem(http.StatusServiceUnavailable, "stopped")
	case errors.Is(err, journal.ErrFull):
		return problem(http.StatusInsufficientStorage, "ledger-full")
	case errors.Is(err, journal.ErrUnknownResult):
		return problem(http.StatusServiceUnavailable, "result-unknown")
	}
	a.o.Log.Error("local API: request failed", "error", err)
	return problem(http.StatusInternalServerError, "internal-fault")
}

// ofFault is a fault of signing in; how long is to be waited goes along with it.
func ofFault(f *webui.Fault) error {
	args := make([]programme.Text, len(f.Args))
	for n, s := range f.Args {
		args[n] = plain(s)
	}
	p := problem(f.Status, f.Code, args...)
	if f.Status != http.StatusTooManyRequests || len(f.Args) == 0 {
		return p
	}
	return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {f.Args[0]}})
}

func number[N ~int64](n N) programme.Text {
	s := fmt.Sprint(int64(n))
	return programme.Text{ZH: s, EN: s}
}

// statusCodes name what is wrong with a request before the till sees it.
var statusCodes = map[int]string{
	http.StatusUnsupportedMediaType: "json-only", http.StatusRequestEntityTooLarge: "body-too-large",
	http.StatusNotFound: "no-such-thing", http.StatusInternalServerError: "internal-fault", http.StatusServiceUnavailable: "too-many-callers",
	http.StatusRequestTimeout: "body-too-slow",
}

// unread is the answer to a request that does not have the form it should. The
// library makes every answer of its own with it.
func unread(status int, _ string, faults ...error) huma.StatusError {
	code, ok := statusCodes[status]
	if !ok {
		code = "bad-request"
	}
	p := problem(status, code)
	for _, err := range faults {
		if err != nil {
			p.Errors = append(p.Errors, wrongOf(err))
		}
	}
	return p
}

// writeProblem answers with a problem outside the library.
func writeProblem(w http.ResponseWriter, p *Problem) {
	b, err := json.Marshal(p)
	if err != nil {
		http.Error(w, p.Code, p.Status)
		return
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(b, '\n'))
}
