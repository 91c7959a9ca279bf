package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
)

// A screen is a cashier at a lane.
type screen struct {
	lane int
	http *http.Client
}

// view is what a lane's screen shows, as far as it is looked at.
type view struct {
	Ref     string
	Message struct {
		Code string
		N    uint64
	}
	Lines []struct {
		GTIN string
		Qty  int64
	}
	Member  *struct{ ID uint64 }
	Quote   struct{ ToPay int64 }
	Jobs    []job
	Devices []device
}

// job is a paper, the newest first.
type job struct {
	ID      uint64
	State   string
	Attempt int64
}

type device struct {
	Kind   string
	OK     bool
	EN, ZH string
}

func (v view) device(kind string) device {
	for _, d := range v.Devices {
		if d.Kind == kind {
			return d
		}
	}
	return device{Kind: kind}
}

// pieces is how many pieces of some goods are in the basket.
func (v view) pieces(gtin13 string) (n int64) {
	for _, l := range v.Lines {
		if l.GTIN == "0"+gtin13 {
			n += l.Qty
		}
	}
	return n
}

func newScreen(lane int) *screen {
	jar, _ := cookiejar.New(nil)
	return &screen{lane: lane, http: &http.Client{Jar: jar, Timeout: patience}}
}

// post sends a command with names and values in turn; it is to be done.
func (s *screen) post(command string, pairs ...string) error {
	fields := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fields[pairs[i]] = pairs[i+1]
	}
	body, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	r, err := s.http.Post(fmt.Sprintf("http://127.0.0.1:8480/lane/%d/%s", s.lane, command), "application/json", bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer r.Body.Close()
	if r.StatusCode != http.StatusNoContent {
		text, _ := io.ReadAll(r.Body)
		return fmt.Errorf("%s is answered with %s: %s", command, r.Status, text)
	}
	return nil
}

func (s *screen) view() (v view, err error) {
	r, err := s.http.Get(fmt.Sprintf("http://127.0.0.1:8480/lane/%d/view.json", s.lane))
	if err != nil {
		return v, err
	}
	defer r.Body.Close()
	return v, json.NewDecoder(r.Body).Decode(&v)
}

// sees waits until the screen shows something.
func (s *screen) sees(what string, ok func(view) bool) (v view, err error) {
	err = soon(fmt.Sprintf("lane %d sees %s", s.lane, what), func() error {
		if v, err = s.view(); err != nil {
			return err
		}
		if !ok(v) {
			return fmt.Errorf("it shows %+v", v)
		}
		return nil
	})
	return v, err
}

func (s *screen) scannerReady() error {
	_, err := s.sees("its scanner", func(v view) bool { return v.device("scanner").OK })
	return err
}
