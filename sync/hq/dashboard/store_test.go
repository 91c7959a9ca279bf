package dashboard_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/sqlbook/standby"
)

// That the book lies on one server only is said on the page, in red where somebody meant
// it to lie on two; who asks whether HQ is ready hears it too, and that it is.
func TestStoreWithoutItsStandbyIsShown(t *testing.T) {
	const grave, quiet = `class="store grave" role="alert">✕ `, `class="store" role="status">! `
	for state, x := range map[standby.State]struct {
		page, ready string
		status      int
	}{
		standby.Unknown: {`class="store" hidden></p>`, `{"ready":true,"store_sync_standbys":0}`, 200},
		standby.Kept:    {`class="store" hidden></p>`, `{"ready":true,"store":"store-kept","store_sync_standbys":1}`, 200},
		standby.Alone:   {grave + "数据库正在无备库运行", `{"ready":true,"store":"store-alone","store_sync_standbys":0}`, 200},
		standby.Waits:   {grave + "数据库没有同步备库", `{"ready":true,"store":"store-waits","store_sync_standbys":0}`, 200},
		standby.Single:  {quiet + "账本只存在一台数据库服务器上", `{"ready":true,"store":"store-single","store_sync_standbys":0}`, 200},
		standby.Unseen:  {quiet + "总部看不到备库的状态", `{"ready":true,"store":"store-unseen","store_sync_standbys":0}`, 200},
		standby.Away:    {grave + "总部连不上数据库", `{"ready":false,"store":"store-away","store_sync_standbys":0}`, http.StatusServiceUnavailable},
	} {
		t.Run("state="+string(state), func(t *testing.T) {
			b := newBench(t)
			b.store.Store(&standby.Seen{State: state, Standbys: strings.Count(string(state), "kept")})
			if status, text := b.get("/readyz"); status != x.status || strings.TrimSpace(text) != x.ready {
				t.Errorf("GET /readyz = %d %s, want %d %s", status, text, x.status, x.ready)
			}
			if _, page := b.signedIn().get("/"); !strings.Contains(page, x.page) {
				t.Errorf("the page lacks %q:\n%s", x.page, page[:min(len(page), 2000)])
			}
		})
	}
}

// An HQ that has nothing to say is not ready, and says why.
func TestSilentHQIsNotReady(t *testing.T) {
	for why, err := range map[string]error{"fenced": fmt.Errorf("awake: %w", hq.ErrFenced), "grant-log": errors.New("no room on /srv/secret")} {
		b := newBench(t)
		b.store.Store(&standby.Seen{})
		b.silent = err
		want := `{"ready":false,"store_sync_standbys":0,"silent":"` + why + `"}`
		if status, text := b.get("/readyz"); status != http.StatusServiceUnavailable || strings.TrimSpace(text) != want {
			t.Errorf("GET /readyz = %d %s, want 503 %s", status, text, want)
		}
	}
}
