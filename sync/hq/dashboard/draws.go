package dashboard

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/jifen-pos/jifen/sync/hq/dealing"
	"github.com/jifen-pos/jifen/terminal/game"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// Draws is what anybody may ask HQ of the games (law L10): no sign-in.
type Draws interface {
	Draws() ([]dealing.Draw, error)
	Draw(game, batch string) (game.Archive, error)
}

var _ Draws = dealing.Public{}

func (d *Dashboard) mountDraws() {
	if d.o.Draws == nil {
		return
	}
	d.o.Server.Open("GET /draws.json", func(w http.ResponseWriter, r *http.Request) {
		list, err := d.o.Draws.Draws()
		if err != nil {
			d.o.Server.Reply(w, r, fmt.Errorf("list draws: %w", err))
			return
		}
		d.o.Server.JSON(w, list)
	})
	d.o.Server.Open("GET /draws/{game}/{batch}", func(w http.ResponseWriter, r *http.Request) {
		a, err := d.o.Draws.Draw(r.PathValue("game"), r.PathValue("batch"))
		switch {
		case errors.Is(err, dealing.ErrNone):
			d.o.Server.Reply(w, r, &webui.Fault{Status: http.StatusNotFound, Code: "no-draw"})
		case err != nil:
			d.o.Server.Reply(w, r, fmt.Errorf("show draw: %w", err))
		default:
			d.o.Server.JSON(w, a)
		}
	})
}
