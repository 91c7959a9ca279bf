package assemble

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/terminal/webui"
	"github.com/jifen-pos/jifen/terminal/words"
)

// lockAfter is after how long without a touch or a scan a till locks itself (sec
// U6); its basket stays.
const lockAfter = 5 * time.Minute

func newServer(web config.Web, people []webui.Person, title string, idle time.Duration, data string, w World) (*webui.Server, error) {
	s, err := webui.New(webui.Options{
		Waits:  waits(filepath.Join(data, "pin-waits.json")),
		Listen: web.Listen, Title: title, People: people, Say: words.In, Rand: w.Rand, Idle: idle, Log: w.Log.With("part", "web"),
		Now: func() time.Time { return w.Now().Wall },
	})
	if err != nil {
		return nil, fmt.Errorf("web server: %w", err)
	}
	return s, nil
}

// waits is the file of the waits after wrong PINs, in nanoseconds by person.
type waits string

// Load reads the waits; one that cannot be read is none that anybody is spared.
func (f waits) Load() (map[string]time.Duration, error) {
	raw, err := os.ReadFile(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var kept map[string]time.Duration
	if err == nil {
		err = json.Unmarshal(raw, &kept)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w; remove it to sign in without waiting", string(f), err)
	}
	return kept, nil
}

// Save writes the waits; they are on the disk before a wrong PIN is answered.
func (f waits) Save(kept map[string]time.Duration) error {
	raw, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	return keyfile.Write(string(f), append(raw, '\n'))
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
