package assemble

import (
	"context"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"path/filepath"

	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/terminal/localapi"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/words"
)

// apiTokenBytes is how much chance is in the token of the local API.
const apiTokenBytes = 32

// api is the local API and where it is served.
type api struct {
	*localapi.API
	listen localapi.Listen
}

func (a *api) run(ctx context.Context) error { return a.Run(ctx, a.listen) }

// newAPI makes the local API. Over TCP callers show the token that is kept in
// the data folder; over the socket its mode decides.
func (t *Terminal) newAPI(cfg config.Terminal, w World) (*api, error) {
	token, err := keyfile.Secret(filepath.Join(cfg.Data, "api.token"), apiTokenBytes, w.Rand)
	if err != nil {
		return nil, err
	}
	listen := localapi.Listen{Socket: cfg.API.Socket, Addr: cfg.API.Listen}
	if cfg.API.Cert != "" {
		pair, err := tls.LoadX509KeyPair(cfg.API.Cert, cfg.API.Key)
		if err != nil {
			return nil, fmt.Errorf("read the local API's certificate: %w", err)
		}
		listen.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	}
	return &api{
		API: localapi.New(localapi.Options{
			Till: t.till, Desk: t.desk, Lanes: till.LanesMax, Devices: t.apiDevices, Changes: t.hub, Zone: t.zone, Software: w.Version,
			Token: hex.EncodeToString(token), Hosts: cfg.API.Hosts, Log: w.Log,
		}),
		listen: listen,
	}, nil
}

// apiDevices are the devices of a lane, as the cashier's screen shows them; the
// printer is shared and is told at the first.
func (t *Terminal) apiDevices(lane uint32) (list []localapi.Device) {
	if lane > t.lanes() {
		return nil
	}
	for _, d := range t.Devices(lane) {
		if d.ZH == "" && d.EN == "" { // the screen says nothing of what is well; a program is told
			d.ZH, d.EN = words.In("zh", "device-well"), words.In("en", "device-well")
		}
		list = append(list, localapi.Device{Kind: d.Kind, Name: d.Name, OK: d.OK, ZH: d.ZH, EN: d.EN})
	}
	return list
}
