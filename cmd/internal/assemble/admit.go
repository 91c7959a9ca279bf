package assemble

import (
	"context"
	"crypto/ed25519"
	"crypto/subtle"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/control"
	"github.com/jifen-pos/jifen/cmd/internal/drawtool"
	"github.com/jifen-pos/jifen/cmd/internal/keyfile"
	"github.com/jifen-pos/jifen/cmd/internal/officetool"
	"github.com/jifen-pos/jifen/sync/hq"
	"github.com/jifen-pos/jifen/sync/hq/admission"
	"github.com/jifen-pos/jifen/sync/hq/broker"
	"github.com/jifen-pos/jifen/sync/identity"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Names in HQ's folder of its authority. The key of one that is to follow has a
// name of its own until its certificate is in place, so that a power cut leaves
// the one or the other.
const (
	authorityDir  = "authority"
	authorityKey  = "key"
	authorityNext = "key.next"
	authorityList = "certificates"
)

// openAuthority opens HQ's authority, made at the first start.
func openAuthority(data string, w World) (*identity.Authority, error) {
	dir, err := folder(data, authorityDir)
	if err != nil {
		return nil, err
	}
	now := func() time.Time { return w.Now().Wall }
	kept, err := os.ReadFile(filepath.Join(dir, authorityList))
	if err == nil {
		for _, name := range []string{authorityKey, authorityNext} {
			key, err := keyfile.Existing(filepath.Join(dir, name))
			if err != nil {
				continue
			}
			if a, err := identity.Open(key, kept, w.Rand, now); err == nil {
				return a, nil
			}
		}
		return nil, fmt.Errorf("%s does not belong to the certificates beside it", filepath.Join(dir, authorityKey))
	}
	if !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("read the authority: %w", err)
	}
	key, err := keyfile.Signing(filepath.Join(dir, authorityKey), w.Rand)
	if err != nil {
		return nil, err
	}
	a, err := identity.Make(key, w.Rand, now)
	if err != nil {
		return nil, err
	}
	return a, keyfile.Write(filepath.Join(dir, authorityList), a.Kept())
}

// RotateAuthority gives HQ a new authority, which the one before it vouches for;
// with alone, that one is believed no more. HQ must not run.
func RotateAuthority(data string, alone bool) error {
	w := RealWorld("", nil)
	if err := control.Ask(context.Background(), data, hqAsked{Board: &hqRequest{}}, nil); !errors.Is(err, control.ErrNobody) {
		return errors.New("HQ runs: stop it first, since it holds the authority")
	}
	a, err := openAuthority(data, w)
	if err != nil {
		return err
	}
	dir := filepath.Join(data, authorityDir)
	if alone {
		return keyfile.Write(filepath.Join(dir, authorityList), a.Alone().Kept())
	}
	if a.Rotating() {
		return errors.New("two authorities are believed already: end that with -alone first")
	}
	key, err := keyfile.Signing(filepath.Join(dir, authorityNext), w.Rand)
	if err != nil {
		return err
	}
	next, err := a.Next(key)
	if err != nil {
		return err
	}
	if err := keyfile.Write(filepath.Join(dir, authorityList), next.Kept()); err != nil {
		return err
	}
	return os.Rename(filepath.Join(dir, authorityNext), filepath.Join(dir, authorityKey))
}

// CertifyBroker writes into a folder what a broker of another make needs: its
// certificate with what vouches for it (broker.pem), its key (broker.key), and by
// what it knows terminals (authority.pem).
func CertifyBroker(data, to string) error {
	a, err := openAuthority(data, RealWorld("", nil))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	own, key, authorities, err := a.PEM()
	return errors.Join(err, keyfile.Write(filepath.Join(to, "broker.pem"), own),
		keyfile.Write(filepath.Join(to, "broker.key"), key), keyfile.Write(filepath.Join(to, "authority.pem"), authorities))
}

// certify signs for terminals whose key HQ has.
func (h *HQ) certify(id ledger.TerminalID, key ed25519.PublicKey) (*wire.Certificate, error) {
	own, err := h.authority.Certify(id.String(), key)
	return &wire.Certificate{Own: own, Authority: h.authority.Believed()}, err
}

// certified knows a terminal by its certificate, if that is of the key that HQ
// has of it, and HQ's own link.
func (h *HQ) certified(shown []*x509.Certificate) (broker.Identity, bool) {
	name, key, err := h.authority.Recognise(shown)
	if err != nil {
		h.log.Warn("certificate refused", "error", err)
		return broker.Identity{}, false
	}
	if name == identity.HQName {
		return broker.Identity{Role: broker.HQ}, true
	}
	id, err := ledger.ParseTerminalID(name)
	if err != nil {
		return broker.Identity{}, false
	}
	known, err := h.hq.Certified(id)
	if err == nil && known == nil {
		known, err = key, h.hq.Vouched(id, key)
	}
	if err != nil || known == nil || !known.Equal(key) {
		h.log.Warn("certificate refused", "terminal", name, "error", err)
		return broker.Identity{}, false
	}
	return broker.Identity{Role: broker.Terminal, Terminal: name}, true
}

// authenticate knows a terminal that has no certificate yet by the code that is
// open for it.
func (h *HQ) authenticate(username string, password []byte) (broker.Identity, bool) {
	id, err := ledger.ParseTerminalID(username)
	if err != nil {
		return broker.Identity{}, false
	}
	code, err := h.hq.InviteCode(id)
	if err != nil || code == "" || subtle.ConstantTimeCompare([]byte(wire.Password(code, id)), password) != 1 {
		return broker.Identity{}, false
	}
	return broker.Identity{Role: broker.Terminal, Terminal: username}, true
}

// hqAsked is a request at HQ's control socket that is about boards, draws or the
// office; what is none of it is about programmes. An empty hqRequest asks for nothing.
type (
	hqAsked struct {
		Board  *hqRequest          `json:"board"`
		Draw   *drawtool.Request   `json:"draw,omitempty"`
		Office *officetool.Request `json:"office,omitempty"`
	}
	hqRequest struct {
		Invite   uint32 `json:"invite,omitempty"`   // a terminal
		Approved bool   `json:"approved,omitempty"` // with it
		Admit    uint32 `json:"admit,omitempty"`
		Refuse   uint32 `json:"refuse,omitempty"`
		Hear     uint32 `json:"hear,omitempty"` // a decommissioned terminal
		End      uint32 `json:"end,omitempty"`  // decommission
		Reason   string `json:"reason,omitempty"`
		Waiting  bool   `json:"waiting,omitempty"` // list the boards that wait
	}
	hqReply struct {
		Code    string      `json:"code,omitempty"`
		Until   time.Time   `json:"until,omitzero"`
		Waiting []Applicant `json:"waiting,omitempty"`
	}
)

// Applicant is a board that waits for a person.
type Applicant struct {
	Terminal    string    `json:"terminal"`
	Fingerprint string    `json:"fingerprint"`
	Software    string    `json:"software"`
	Until       time.Time `json:"until"`
}

// work does what the operator's tool asks for.
func (h *HQ) work(ctx context.Context, raw json.RawMessage) (any, error) {
	var asked hqAsked
	if err := json.Unmarshal(raw, &asked); err != nil {
		return nil, err
	}
	if asked.Draw != nil {
		return h.draws.Do(asked.Draw)
	}
	if asked.Office != nil {
		return h.office.Do(asked.Office)
	}
	if asked.Board == nil {
		return h.publish.Do(ctx, raw)
	}
	r := *asked.Board
	by := hq.By{Actor: "operator", Reason: r.Reason}
	var out hqReply
	var err error
	switch {
	case r.Invite != 0:
		if out.Code, err = identity.NewCode(h.authority.Pin(), h.random); err == nil {
			out.Until, err = h.hq.Invite(ledger.TerminalID(r.Invite), out.Code, r.Approved, by)
		}
	case r.Hear != 0:
		var code string // of no use: the board has its key
		if code, err = identity.NewCode(h.authority.Pin(), h.random); err == nil {
			out.Until, err = h.hq.Hear(ledger.TerminalID(r.Hear), code, by)
		}
	case r.Admit != 0:
		err = h.hq.Admit(ledger.TerminalID(r.Admit), true, by)
	case r.Refuse != 0:
		err = h.hq.Admit(ledger.TerminalID(r.Refuse), false, by)
	case r.End != 0:
		err = h.hq.Decommission(ledger.TerminalID(r.End), by)
	case r.Waiting:
		var list []admission.Applicant
		list, err = h.hq.Applicants()
		for _, a := range list {
			out.Waiting = append(out.Waiting, Applicant{a.Terminal.String(), identity.Fingerprint(a.Key), a.Software, a.Until})
		}
	}
	h.log.Info("work at HQ", "invite", r.Invite, "approved", r.Approved, "admit", r.Admit, "refuse", r.Refuse, "decommission", r.End, "hear", r.Hear, "error", err)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Invite asks HQ for an enrolment code.
func Invite(ctx context.Context, data string, terminal uint32, approved bool) (code string, until time.Time, err error) {
	var out hqReply
	err = askHQ(ctx, data, hqRequest{Invite: terminal, Approved: approved}, &out)
	return out.Code, out.Until, err
}

// Hear has HQ let a decommissioned terminal in for a while.
func Hear(ctx context.Context, data string, terminal uint32) (until time.Time, err error) {
	var out hqReply
	err = askHQ(ctx, data, hqRequest{Hear: terminal}, &out)
	return out.Until, err
}

// Waiting lists the boards that wait at HQ.
func Waiting(ctx context.Context, data string) ([]Applicant, error) {
	var out hqReply
	err := askHQ(ctx, data, hqRequest{Waiting: true}, &out)
	return out.Waiting, err
}

// Admit answers a board that waits at HQ.
func Admit(ctx context.Context, data string, terminal uint32, admitted bool) error {
	r := hqRequest{Admit: terminal}
	if !admitted {
		r = hqRequest{Refuse: terminal}
	}
	return askHQ(ctx, data, r, nil)
}

// Decommission has HQ end a terminal for good.
func Decommission(ctx context.Context, data string, terminal uint32, reason string) error {
	return askHQ(ctx, data, hqRequest{End: terminal, Reason: reason}, nil)
}

func askHQ(ctx context.Context, data string, r hqRequest, out *hqReply) error {
	err := control.Ask(ctx, data, hqAsked{Board: &r}, out)
	if errors.Is(err, control.ErrNobody) {
		return fmt.Errorf("HQ does not run on %s", data)
	}
	return err
}
