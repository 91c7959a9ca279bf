// Package membersite joins the page for members' phones to HQ, its keys and its list
// of members.
package membersite

import (
	"crypto/ed25519"
	"io"
	"path/filepath"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/devices/receipt/qr"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/memberpage"
	"github.com/jifen-pos/jifen/terminal/roll"
	"github.com/jifen-pos/jifen/terminal/webui"
)

// keyFile has what the cookies of the page are made with.
const keyFile = "member.key"

// Site is what is joined.
type Site struct {
	Server   *webui.Server
	HQ       *hq.HQ
	Key      ed25519.PrivateKey // HQ's
	PhoneKey []byte
	Members  *roll.Members
	Data     string // folder
	Rand     io.Reader
	Now      func() time.Time
}

// Mount puts the page on the server.
func Mount(s Site) error {
	secret, err := keyfile.Secret(filepath.Join(s.Data, keyFile), 32, s.Rand)
	if err != nil {
		return err
	}
	return memberpage.Mount(memberpage.Options{
		Server: s.Server, Look: s.HQ.Look, Decide: s.HQ.Decide, Down: s.HQ.Down, Key: s.Key, Secret: secret, PhoneKey: s.PhoneKey,
		Members: func() *roll.Members { return s.Members }, QR: qr.SVG, Now: s.Now,
	})
}
