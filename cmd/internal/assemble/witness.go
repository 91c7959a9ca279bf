package assemble

import (
	"crypto/ed25519"
	"errors"

	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/headfile"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/token"
)

// witnesses opens what remembers the ledger's head on another device, and
// returns what it says at the start. A witness that is missing keeps no shop
// closed: then the slip is asked for.
func (t *Terminal) witnesses(cfg config.Witness, id ledger.TerminalID, key ed25519.PrivateKey, data string, w World) []clerk.Named {
	if cfg.HeadFile == "" {
		return nil
	}
	log := w.Log.With("part", "head file")
	seal := func(h ledger.Head) (string, error) {
		minute := uint32(max(w.Now().Wall.Unix()/60, 0))
		return token.SealHead(token.Head{Terminal: id, Head: h, Minute: minute}, key)
	}
	t.headFile = headfile.New(headfile.Options{Path: cfg.HeadFile, Beside: data, Seal: seal, Log: log})
	text, err := t.headFile.Read()
	if err != nil {
		log.Warn("head file says nothing", "error", err)
	}
	if text == "" {
		return nil
	}
	said, err := token.OpenHead(text, token.NewKeys(key.Public().(ed25519.PublicKey)).Find)
	if err == nil && said.Terminal != id {
		err = errors.New("it is another terminal's")
	}
	if err != nil {
		log.Warn("head file is not this terminal's word", "error", err)
		return nil
	}
	return []clerk.Named{{Witness: ledger.FileWitness, Head: said.Head}}
}

// onMove tells the head file which entry moved a right last.
func (t *Terminal) onMove(head ledger.Head) {
	if t.headFile != nil {
		t.headFile.Moved(head)
	}
}
