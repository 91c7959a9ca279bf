package dashboard

import (
	"errors"
	"net/http"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/standby"
)

// store is how the book's server keeps what it commits, as it was seen last.
func (d *Dashboard) store() standby.Seen {
	if d.o.Store == nil {
		return standby.Seen{}
	}
	return d.o.Store()
}

// Store says what somebody should know of how the book is kept, or "".
func (sh *sheet) Store() standby.State {
	if s := sh.d.store().State; s != standby.Kept {
		return s
	}
	return ""
}

// ready answers a program that watches HQ. HQ works without a standby too, so that one
// is a detail; without the server it does not. It asks nothing: a stranger may call it.
func (d *Dashboard) ready(w http.ResponseWriter, _ *http.Request) {
	s, silent := d.store(), d.silent()
	ready := s.State != standby.Away && silent == ""
	if !ready {
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	d.o.Server.JSON(w, struct {
		Ready    bool          `json:"ready"`
		Store    standby.State `json:"store,omitempty"`
		Standbys int           `json:"store_sync_standbys"`
		Silent   string        `json:"silent,omitempty"`
	}{ready, s.State, s.Standbys, silent})
}

// silent is why HQ has nothing to say: another one is at work, or its grant log cannot
// be written.
func (d *Dashboard) silent() string {
	if d.o.Silent == nil {
		return ""
	}
	switch err := d.o.Silent(); {
	case err == nil:
		return ""
	case errors.Is(err, hq.ErrFenced):
		return "fenced"
	}
	return "grant-log"
}
