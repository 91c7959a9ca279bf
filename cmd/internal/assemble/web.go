package assemble

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/terminal/webui"
	"github.com/jifen-pos/jifen/terminal/words"
)

// lockAfter is after how long without a touch or a scan a till locks itself (sec
// U6); its basket stays.
const lockAfter = 5 * time.Minute

func newServer(web config.Web, people []webui.Person, title string, idle time.Duration, w World) (*webui.Server, error) {
	s, err := webui.New(webui.Options{
		Listen: web.Listen, Title: title, People: people, Say: words.In, Rand: w.Rand, Idle: idle, Log: w.Log.With("part", "web"),
		Now: func() time.Time { return w.Now().Wall },
	})
	if err != nil {
		return nil, fmt.Errorf("web server: %w", err)
	}
	return s, nil
}

// pictureKinds are the pictures of benefits that a folder may hold.
var pictureKinds = map[string]string{".png": "image/png", ".jpg": "image/jpeg", ".webp": "image/webp", ".svg": "image/svg+xml"}

// pictureFrom finds the picture of a benefit in a folder; its id is a plain name
// that the programme knows.
func pictureFrom(dir string) func(benefit string) (kind string, body []byte) {
	return func(benefit string) (string, []byte) {
		for end, kind := range pictureKinds {
			if body, err := os.ReadFile(filepath.Join(dir, benefit+end)); dir != "" && err == nil {
				return kind, body
			}
		}
		return "", nil
	}
}
