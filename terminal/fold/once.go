package fold

import (
	"slices"

	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

// anyQuota is the asset under which overdrawn quotas are counted.
const anyQuota lot.Asset = "quota:"

// award issues what an entry gives outside a sale, against a quota where it
// may be given once only; a claim issues nothing.
func (s *step) award(owner member.ID, issues []ledger.Issue, once ledger.Once, day lot.Day) error {
	if once.Claim {
		if len(once.Quota) > 0 {
			s.wrong(wrongOnce)
		}
		return s.claim(owner)
	}
	if _, err := s.draw(owner, once.Quota, anyQuota, AccountSpent); err != nil {
		return err
	}
	for n, i := range issues {
		if _, err := s.issue(owner, uint32(n), i, day); err != nil {
			return err
		}
	}
	return nil
}

// mint makes a quota. Only the holder of the member's home may, once for each
// rule and period: anything else is said and issues nothing. Of a member who
// has aliases only the oldest's home counts, since there is one of it.
func (s *step) mint(b *ledger.QuotaMinted) error {
	about, err := s.About(b.Member)
	if err != nil {
		return err
	}
	held, err := s.Usable(b.Member)
	if err != nil {
		return err
	}
	home := slices.ContainsFunc(held, func(h lot.Holding) bool {
		return h.Lot.Asset == lot.Home && h.Lot.Owner == about.Member && h.Amount > 0
	})
	again := slices.ContainsFunc(about.Minted, func(m lot.Minted) bool { return m.Quota == b.Quota.Asset })
	m, err := get[Member](s.State, memberKey(b.Member))
	if err != nil {
		return err
	}
	if s.off.QuotaAtHome {
		home, again = true, false
	}
	if !home || again || !b.Quota.Asset.Quota() || len(m.kept(b.Day)) >= mintedMax {
		s.wrong(wrongMint)
		return nil
	}
	if _, err := s.issue(b.Member, 0, b.Quota, b.Day); err != nil {
		return err
	}
	return s.minted(lot.Minted{Owner: b.Member, Quota: b.Quota.Asset, Expires: b.Quota.Expires}, b.Day)
}

// minted remembers that a quota has been made.
func (s *step) minted(n lot.Minted, today lot.Day) error {
	return s.edit(n.Owner, func(m *Member) {
		m.Minted = slices.DeleteFunc(m.kept(today), func(old lot.Minted) bool { return old.Quota == n.Quota })
		if len(m.Minted) < mintedMax {
			m.Minted = append(m.Minted, n)
		}
	})
}

// kept are the quotas that are remembered on a day: all of them while there is
// room, then without those that nobody can use any more.
func (m *Member) kept(today lot.Day) []lot.Minted {
	kept := slices.Clone(m.Minted)
	if len(kept) < mintedMax {
		return kept
	}
	return slices.DeleteFunc(kept, func(n lot.Minted) bool { return n.Expires != 0 && n.Expires < today-lot.AwayDays })
}

// ClaimStatus says where a claim stands. Stored.
type ClaimStatus uint8

// The states of a claim.
const (
	ClaimUnknown ClaimStatus = iota
	ClaimOpen
	ClaimGranted
	ClaimRefused
)

// Claim is what this terminal knows of a claim that it made.
type Claim struct {
	Status ClaimStatus
	Member member.ID
	Reason string // why it was refused: a word of the catalogue
}

// Fields lists the message's fields.
func (k *Claim) Fields(c *codec.Coder) {
	codec.Uint(c, 1, &k.Status)
	codec.Uint(c, 2, &k.Member)
	codec.String(c, 3, &k.Reason, ledger.TextBytesMax)
}

// Claim returns what is known of the claim that an entry made; one that made
// none has ClaimUnknown.
func (s *State) Claim(of lot.Origin) (Claim, error) {
	k, err := get[Claim](s, claimKey(of))
	if err != nil {
		return Claim{}, err
	}
	return *k, nil
}

func (s *step) claim(who member.ID) error {
	k, err := get[Claim](s.State, claimKey(s.Origin))
	if err != nil {
		return err
	}
	s.Claims = true
	*k = Claim{Status: ClaimOpen, Member: who}
	s.touch(claimKey(s.Origin))
	return nil
}

// settled takes in what HQ decided of a claim, once.
func (s *step) settled(b *ledger.Settled) error {
	k, err := get[Claim](s.State, claimKey(b.Of))
	if err != nil {
		return err
	}
	if k.Status != ClaimOpen {
		s.wrong(wrongClaim)
		return nil
	}
	k.Status, k.Reason = ClaimRefused, b.Reason
	if b.Granted {
		k.Status = ClaimGranted
	}
	s.touch(claimKey(b.Of))
	return nil
}
