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
	"github.com/jifen-pos/jifen/terminal/pins"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/webui"
	"github.com/jifen-pos/jifen/terminal/words"
)

// lockAfter is after how long without a touch or a scan a till locks itself (sec
// U6); its basket stays.
const lockAfter = 5 * time.Minute

// lockPINs is how many wrong PINs in a row lock a person at a till (sec U2).
const lockPINs = 10

func newServer(web config.Web, o webui.Options, w World) (*webui.Server, error) {
	o.Listen, o.Say, o.Rand, o.Log = web.Listen, words.In, w.Rand, w.Log.With("part", "web")
	o.Now = func() time.Time { return w.Now().Wall }
	s, err := webui.New(o)
	if err != nil {
		return nil, fmt.Errorf("web server: %w", err)
	}
	return s, nil
}

// tried keeps wrong PINs in a terminal's ledger.
type tried struct{ *till.Till }

// Load reads what is kept; what is damaged is none.
func (k tried) Load() (map[string]webui.Tried, error) {
	list, err := k.TriedPINs()
	if errors.Is(err, pins.ErrDamaged) {
		err = nil
	}
	all := map[string]webui.Tried{}
	for _, t := range list {
		all[t.Person] = webui.Tried{Wrong: int(t.Wrong), Wait: time.Duration(t.WaitMS) * time.Millisecond, Locked: t.Locked}
	}
	return all, err
}

// Save keeps what is known of one person; it is on the disk before a wrong PIN is
// answered.
func (k tried) Save(person string, t webui.Tried) error {
	return k.KeepTried(pins.Tried{Person: person, Wrong: uint32(t.Wrong), WaitMS: t.Wait.Milliseconds(), Locked: t.Locked})
}

// waits is the file of HQ's waits after wrong PINs, in nanoseconds by person.
type waits string

// Load reads the waits; one that cannot be read is none that anybody is spared.
func (f waits) Load() (map[string]webui.Tried, error) {
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
	all := map[string]webui.Tried{}
	for person, wait := range kept {
		all[person] = webui.Tried{Wait: wait}
	}
	return all, nil
}

// Save writes a wait; it is on the disk before a wrong PIN is answered.
func (f waits) Save(person string, t webui.Tried) error {
	all, err := f.Load()
	if err != nil {
		return err
	}
	kept := map[string]time.Duration{}
	for who, t := range all {
		kept[who] = t.Wait
	}
	if kept[person] = t.Wait; t.Wait == 0 {
		delete(kept, person)
	}
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
