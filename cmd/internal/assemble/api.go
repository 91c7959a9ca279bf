package assemble

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/terminal/door"
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
	if listen.TLS, err = apiTLS(cfg, w); err != nil {
		return nil, err
	}
	return &api{
		API: localapi.New(localapi.Options{
			Till: t.till, Desk: t.desk, Lanes: till.LanesMax, Devices: t.apiDevices, Changes: t.hub, Zone: t.zone, Software: w.Version,
			Token: hex.EncodeToString(token), Hosts: cfg.API.Hosts, Log: w.Log, People: t.web, Callers: callersOf(cfg.API.Callers),
			Now: func() time.Time { return w.Now().Wall }, Rand: w.Rand,
		}),
		listen: listen,
	}, nil
}

// callersOf are the programs that vouch for people; the settings have been checked.
func callersOf(list []config.Caller) (out []localapi.Caller) {
	for _, c := range list {
		if sum, err := hex.DecodeString(c.Token); err == nil && len(sum) == sha256.Size {
			out = append(out, localapi.Caller{Name: c.Name, Token: [sha256.Size]byte(sum), People: c.People})
		}
	}
	return out
}

// apiTLS is with what other machines reach the local API: the certificate of the
// settings, or one that the terminal makes for itself and keeps; nil is none.
func apiTLS(cfg config.Terminal, w World) (*tls.Config, error) {
	var pair tls.Certificate
	var err error
	switch {
	case cfg.API.Cert != "":
		if pair, err = tls.LoadX509KeyPair(cfg.API.Cert, cfg.API.Key); err != nil {
			return nil, fmt.Errorf("read the local API's certificate: %w", err)
		}
	case cfg.API.SelfSigned:
		cert, fingerprint := filepath.Join(cfg.Data, "api.crt"), ""
		if pair, fingerprint, err = keyfile.Certificate(cert, filepath.Join(cfg.Data, "api.key"), apiNames(cfg.API), w.Rand); err != nil {
			return nil, err
		}
		w.Log.Info("certificate of the local API: callers trust this one", "file", cert, "sha256", fingerprint)
	default:
		return nil, nil
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// apiNames are the names and addresses under which callers reach this machine.
func apiNames(a config.API) []string {
	names := []string{"localhost", "127.0.0.1", "::1"}
	for _, name := range append([]string{a.Listen}, a.Hosts...) {
		if host, _, err := net.SplitHostPort(name); err == nil {
			name = host
		}
		names = append(names, name)
	}
	if host, err := os.Hostname(); err == nil {
		names = append(names, host)
	}
	names = append(names, door.Addresses()...)
	slices.Sort(names)
	return slices.Compact(names)
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
