package assemble

import (
	"fmt"
	"time"

	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/terminal/webui"
	"github.com/jifen-pos/jifen/terminal/words"
)

func newServer(web config.Web, people []webui.Person, title string, w World) (*webui.Server, error) {
	s, err := webui.New(webui.Options{
		Listen: web.Listen, Title: title, People: people, Say: words.In, Rand: w.Rand, Log: w.Log.With("part", "web"),
		Now: func() time.Time { return w.Now().Wall },
	})
	if err != nil {
		return nil, fmt.Errorf("web server: %w", err)
	}
	return s, nil
}
