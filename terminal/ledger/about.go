package ledger

import "github.com/jifen-pos/jifen/terminal/member"

// MembersOf are whom an entry is about: whose rights it makes, uses, moves or
// takes back. 0 stands for the programme's own, or for nobody.
func MembersOf(b Body) []member.ID {
	switch b := b.(type) {
	case *Sale:
		return b.members()
	case *Redeem:
		return append(owners(b.Pool), b.Member)
	case *Transfer:
		return []member.ID{b.From, b.To}
	case *Return:
		if b.Sale != nil {
			return append(b.Sale.members(), b.Member)
		}
		return []member.ID{b.Member}
	case *ReturnClaim:
		return []member.ID{b.Member}
	case *VoucherUse:
		return []member.ID{b.Member}
	case *VoucherBack:
		return []member.ID{b.Member}
	case *NoteGiven:
		return []member.ID{b.Member}
	case *Play:
		return []member.ID{b.Member}
	}
	return given(b)
}

// given are whom an entry gives something that is no sale's.
func given(b Body) []member.ID {
	switch b := b.(type) {
	case *Grant:
		return []member.ID{b.Member}
	case *CheckIn:
		return []member.ID{b.Member}
	case *Answer:
		return []member.ID{b.Member}
	case *WriteOff:
		return []member.ID{b.Member}
	case *QuotaMinted:
		return []member.ID{b.Member}
	case *Enrol:
		return []member.ID{b.Member}
	case *PaperClaim:
		return []member.ID{b.Member}
	case *NoteByHand:
		return b.owners()
	}
	return nil
}

func (s *Sale) members() []member.ID {
	out := []member.ID{s.Member}
	if s.Deduction != nil {
		out = append(out, owners(s.Deduction.Pool)...)
	}
	for _, r := range s.Redemptions {
		out = append(out, owners(r.Pool)...)
	}
	return out
}

func owners(parts []PoolPart) (out []member.ID) {
	for _, p := range parts {
		out = append(out, p.Owner)
	}
	return out
}
