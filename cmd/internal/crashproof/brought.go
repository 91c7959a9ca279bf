package crashproof

import (
	"crypto/ed25519"
	"errors"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
	"github.com/jifen-pos/jifen/terminal/token"
)

// Steps of what people bring in their hand.

// Receipt shows the receipt of a terminal that is lost: what it says is claimed.
func (s *Script) Receipt() error {
	s.refs++
	c := token.Certificate{
		Entry: lot.Origin{Terminal: 9, Incarnation: 9, Seq: uint64(s.refs)}, Member: stranger,
		Awards: []token.Awarded{{Issue: ledger.Issue{Asset: "points:green", Amount: gift}}},
	}
	codes, err := token.SealCertificates(c, ed25519.NewKeyFromSeed([]byte("the key of a terminal that went ")))
	return errors.Join(err, s.scan(codes...))
}

// ByHand shows a note of HQ's on a phone, which HQ's journal brings afterwards.
func (s *Script) ByHand() error {
	if err := s.bench.Till.SettleBoot(); err != nil {
		return err
	}
	st, err := s.bench.Till.Progress()
	if err != nil {
		return err
	}
	origin := lot.Origin{Incarnation: 1, Seq: uint64(s.down) + 1}
	l := lot.Lot{ID: lot.ID{Origin: origin}, Owner: giver, Asset: "points:green", Amount: gift, Terms: s.bench.Programme.Version()}
	note := &lot.Note{
		ID: origin, Terminal: uint32(tilltest.Terminal), Incarnation: uint64(st.Ledger.Head.Incarnation), Ask: 7, Holdings: []lot.Holding{{Lot: l, Amount: gift}},
	}
	raw := ledger.SignDown(ledger.Down{Terminal: tilltest.Terminal, Epoch: 1, Seq: s.down + 1, Note: note}, s.bench.HQKey)
	codes, err := token.Carry(raw)
	if err := errors.Join(err, s.scan(codes...)); err != nil {
		return err
	}
	return errors.Join(s.bench.Till.Clear(by), s.fromHQ(ledger.Down{Note: note}))
}
