package webui

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
)

// Fault is an answer that is not what was asked for: a status, and a code of
// the catalogue with what is filled in.
type Fault struct {
	Status int
	Code   string
	Args   []string
	Field  string // of the command, that it is about; "" is none
}

func (f *Fault) Error() string { return fmt.Sprintf("%d %s", f.Status, f.Code) }

// answer is a fault as a page gets it.
type answer struct {
	Code     string `json:"code"`
	Sentence string `json:"sentence"`
	Field    string `json:"field,omitempty"`
}

// Reply answers a command: 204 for nil, the fault's status with its code and
// sentence, or 500 for any other error, which is logged.
func (s *Server) Reply(w http.ResponseWriter, r *http.Request, err error) {
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	var fault *Fault
	if !errors.As(err, &fault) {
		s.o.Log.Error("request failed", "path", r.URL.Path, "error", err)
		fault = &Fault{Status: http.StatusInternalServerError, Code: "internal-fault"}
	}
	s.send(w, fault.Status, answer{fault.Code, s.o.Say(s.Lang(r), fault.Code, fault.Args...), fault.Field})
}

// JSON answers with a value.
func (s *Server) JSON(w http.ResponseWriter, value any) { s.send(w, http.StatusOK, value) }

func (s *Server) send(w http.ResponseWriter, status int, value any) {
	b, err := json.Marshal(value)
	if err != nil {
		s.o.Log.Error("answer cannot be written as JSON", "error", err)
		status, b = http.StatusInternalServerError, []byte(`{"code":"internal-fault"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
}

// HTML answers with a page.
func (s *Server) HTML(w http.ResponseWriter, page []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(page)
}

// Fields reads a command's body: one flat JSON object whose values are texts
// or numbers, with no names but those given and none of them twice (sec W5).
// What is absent is "". The content type keeps out forms of other sites.
func Fields(r *http.Request, names ...string) (map[string]string, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &Fault{Status: http.StatusUnsupportedMediaType, Code: "json-only"}
	}
	body, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return nil, &Fault{Status: http.StatusRequestEntityTooLarge, Code: "body-too-large"}
	case err != nil:
		return nil, badRequest
	case len(bytes.TrimSpace(body)) == 0:
		return map[string]string{}, nil
	}
	fields, ok := readObject(body, names)
	if !ok {
		return nil, badRequest
	}
	return fields, nil
}

var badRequest = &Fault{Status: http.StatusBadRequest, Code: "bad-request"}

func readObject(body []byte, names []string) (map[string]string, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	fields := map[string]string{}
	for d.More() {
		key, err := d.Token()
		name, ok := key.(string)
		if _, double := fields[name]; err != nil || !ok || double || !slices.Contains(names, name) {
			return nil, false
		}
		value, err := d.Token()
		if err != nil {
			return nil, false
		}
		switch v := value.(type) {
		case string:
			fields[name] = v
		case json.Number:
			fields[name] = v.String()
		default:
			return nil, false
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return fields, errors.Is(err, io.EOF)
}
