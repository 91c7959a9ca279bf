package fold_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

const (
	birthday lot.Asset = "quota:birthday:2027"
	pack     lot.Asset = "coupon:birthday"

	wrongMint  = "quota minted without its right, or twice"
	wrongClaim = "settlement of no open claim"
	wrongOnce  = "claim of what a quota allows"
)

// says holds what an entry did against what it should have been called.
func says(t *testing.T, call string, effects fold.Effects, wrong string, risk lot.Amount) {
	t.Helper()
	if effects.Wrong != wrong || effects.Risk != risk {
		t.Errorf("%s: wrong %q, risk %d, want %q, %d", call, effects.Wrong, effects.Risk, wrong, risk)
	}
}

// nothing says that an entry moved nothing.
func nothing(t *testing.T, call string, effects fold.Effects) {
	t.Helper()
	if len(effects.Postings)+len(effects.Issued) > 0 {
		t.Errorf("%s: postings %+v, want none", call, effects.Postings)
	}
}

func TestQuotaIsMintedByTheHomeAndOnce(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(b *bench)
		body    *ledger.QuotaMinted
		wrong   string
	}{
		{"home-is-here", func(b *bench) { b.home(wang) }, quota(wang, string(birthday), 20400), ""},
		{"home-is-elsewhere", func(*bench) {}, quota(wang, string(birthday), 20400), wrongMint},
		{"home-of-another", func(b *bench) { b.home(zhang) }, quota(wang, string(birthday), 20400), wrongMint},
		{"home-was-given-back", func(b *bench) {
			b.home(wang)
			b.add(&ledger.NoteGiven{Member: wang, Draws: b.all(wang)})
		}, quota(wang, string(birthday), 20400), wrongMint},
		{"home-is-frozen", func(b *bench) {
			b.home(wang)
			b.open(second, ledger.NoWitness)
		}, quota(wang, string(birthday), 20400), wrongMint},
		{"minted-here-before", func(b *bench) {
			b.home(wang)
			b.add(quota(wang, string(birthday), 20400))
		}, quota(wang, string(birthday), 20400), wrongMint},
		{"minted-here-before-and-used-up", func(b *bench) {
			b.home(wang)
			minted := b.add(quota(wang, string(birthday), 20400)).Issued[0].ID
			b.add(&ledger.Grant{Member: wang, Once: ledger.Once{Quota: draw(minted, 1)}})
		}, quota(wang, string(birthday), 20400), wrongMint},
		{"minted-for-the-year-before", func(b *bench) {
			b.home(wang)
			b.add(quota(wang, "quota:birthday:2026", 20035))
		}, quota(wang, string(birthday), 20400), ""},
		{"minted-for-another-member", func(b *bench) {
			b.home(wang)
			b.home(zhang)
			b.add(quota(zhang, string(birthday), 20400))
		}, quota(wang, string(birthday), 20400), ""},
		{"minted-elsewhere-as-the-note-says", func(b *bench) {
			b.home(wang)
			n := note(1, first, 0, 1)
			n.Minted = []lot.Minted{{Owner: wang, Quota: birthday, Expires: 20400}}
			b.down(n)
		}, quota(wang, string(birthday), 20400), wrongMint},
		{"minted-elsewhere-says-a-note-that-is-not-for-here", func(b *bench) {
			b.home(wang)
			n := note(1, second, 0, 1)
			n.Minted = []lot.Minted{{Owner: wang, Quota: birthday, Expires: 20400}}
			b.down(n)
		}, quota(wang, string(birthday), 20400), ""},
		{"not-a-quota", func(b *bench) { b.home(wang) }, quota(wang, string(points), 20400), wrongMint},
		{"minted-for-an-alias", func(b *bench) {
			b.home(wang)
			b.home(zhang)
			b.add(quota(zhang, string(birthday), 20400))
			b.alias(ledger.Alias{From: zhang, To: wang})
		}, quota(wang, string(birthday), 20400), wrongMint},
		// Two homes of one person would make two quotas: only the older's counts.
		{"home-of-an-alias-only", func(b *bench) {
			b.home(zhang)
			b.alias(ledger.Alias{From: zhang, To: wang})
		}, quota(wang, string(birthday), 20400), wrongMint},
		{"home-of-the-older-for-an-alias", func(b *bench) {
			b.home(wang)
			b.alias(ledger.Alias{From: zhang, To: wang})
		}, quota(zhang, string(birthday), 20400), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := opened(t)
			c.prepare(b)
			effects := b.add(c.body)
			says(t, "QuotaMinted", effects, c.wrong, 0)
			if c.wrong != "" {
				nothing(t, "QuotaMinted", effects)
				return
			}
			l := lot.Lot{ID: lot.ID{Origin: effects.Origin}, Owner: c.body.Member, Asset: birthday, Amount: 1, Earned: 20400, Expires: 20400, Terms: version}
			want(t, "Issued", []lot.Lot{l}, effects.Issued)
		})
	}
}

// all draws on everything that a member may use here.
func (b *bench) all(id member.ID) []lot.Draw {
	b.t.Helper()
	list, err := b.state.Usable(id)
	if err != nil {
		b.t.Fatalf("Usable(%s) = %v, want nil", id, err)
	}
	var out []lot.Draw
	for _, h := range list {
		out = append(out, lot.Draw{Lot: h.Lot.ID, Amount: h.Amount})
	}
	return out
}

// TestDailyQuotasGoOnForYears: a quota of each day fills what is remembered of
// a member long before a year is over.
func TestDailyQuotasGoOnForYears(t *testing.T) {
	b := opened(t)
	b.home(wang)
	b.add(quota(wang, "quota:welcome:ever", 0))
	for day := lot.Day(20000); day < 20600; day++ {
		name := fmt.Sprintf("quota:draw:%d", day)
		if effects := b.add(quota(wang, name, day)); effects.Wrong != "" {
			t.Fatalf("QuotaMinted(%s): wrong %q, want none", name, effects.Wrong)
		}
		says(t, "the same again", b.add(quota(wang, name, day)), wrongMint, 0)
		b.add(&ledger.NoteGiven{Member: wang, Draws: b.quotas(wang)})
	}
	// What has no last day is remembered for ever, and the last weeks too.
	for _, again := range []*ledger.QuotaMinted{quota(wang, "quota:welcome:ever", 0), quota(wang, "quota:draw:20570", 20570)} {
		says(t, string(again.Quota.Asset), b.add(again), wrongMint, 0)
	}
}

// quotas draws on the quotas that a member has here.
func (b *bench) quotas(id member.ID) []lot.Draw {
	b.t.Helper()
	var out []lot.Draw
	for _, d := range b.all(id) {
		if strings.HasPrefix(string(b.holding(id, d.Lot).Lot.Asset), "quota:") {
			out = append(out, d)
		}
	}
	return out
}

// TestWhatIsGivenOnce shows it for every kind of entry that gives once.
func TestWhatIsGivenOnce(t *testing.T) {
	gift := []ledger.Issue{{Asset: pack, Amount: 2, Expires: 20060}}
	for name, body := range map[string]func(ledger.Once) ledger.Body{
		"grant": func(o ledger.Once) ledger.Body { return &ledger.Grant{Member: wang, Issues: gift, Day: 20000, Once: o} },
		"check-in": func(o ledger.Once) ledger.Body {
			return &ledger.CheckIn{Member: wang, Activity: "lecture", Issues: gift, Day: 20000, Once: o}
		},
		"answer": func(o ledger.Once) ledger.Body {
			return &ledger.Answer{Member: wang, Survey: "tea", Issues: gift, Day: 20000, Once: o}
		},
	} {
		t.Run(name+"-by-quota", func(t *testing.T) {
			b := opened(t)
			b.home(wang)
			minted := b.add(quota(wang, string(birthday), 20400)).Issued[0].ID
			use := body(ledger.Once{Quota: draw(minted, 1)})
			effects := b.add(use)
			says(t, "with a quota", effects, "", 0)
			given := lot.ID{Origin: effects.Origin}
			l := lot.Lot{ID: given, Owner: wang, Asset: pack, Amount: 2, Earned: 20000, Expires: 20060, Terms: version}
			want(t, "Issued", []lot.Lot{l}, effects.Issued)
			if got := b.usable(wang); got[minted] != 0 || got[given] != 2 {
				t.Errorf("Usable() = %v, want nothing of the quota and 2 of the gift", got)
			}
			// The quota is used up: what is given all the same is the store's loss.
			says(t, "with the quota again", b.add(use), "", 1)
			want(t, "total of quotas", fold.Total{Asset: "quota", Born: 1, Spent: 1, Risk: 1}, b.total("quota"))
		})
		t.Run(name+"-as-a-claim", func(t *testing.T) {
			b := opened(t)
			effects := b.add(body(ledger.Once{Claim: true}))
			says(t, "as a claim", effects, "", 0)
			nothing(t, "as a claim", effects)
			if !effects.Claims {
				t.Error("Claims = false, want true")
			}
			b.claimed(effects.Origin, fold.Claim{Status: fold.ClaimOpen, Member: wang})
		})
		t.Run(name+"-claims-what-a-quota-allows", func(t *testing.T) {
			b := opened(t)
			b.home(wang)
			minted := b.add(quota(wang, string(birthday), 20400)).Issued[0].ID
			effects := b.add(body(ledger.Once{Quota: draw(minted, 1), Claim: true}))
			says(t, "claim with a quota", effects, wrongOnce, 0)
			nothing(t, "claim with a quota", effects)
		})
	}
}

func (b *bench) claimed(of lot.Origin, want fold.Claim) {
	b.t.Helper()
	if got, err := b.state.Claim(of); err != nil || got != want {
		b.t.Errorf("Claim(%s) = %+v, %v, want %+v", of, got, err, want)
	}
}

func TestClaimIsSettledOnce(t *testing.T) {
	for _, granted := range []bool{true, false} {
		t.Run(fmt.Sprintf("granted-%v", granted), func(t *testing.T) {
			b := opened(t)
			of := b.add(&ledger.ReturnClaim{Member: wang, Refund: 5}).Origin
			want := fold.Claim{Status: fold.ClaimRefused, Member: wang, Reason: "given-elsewhere"}
			if granted {
				want.Status = fold.ClaimGranted
			}
			settled := ledger.Down{Settled: &ledger.Settled{Of: of, Granted: granted, Reason: want.Reason}}
			says(t, "Settled", b.hq(settled), "", 0)
			b.claimed(of, want)
			for _, again := range []bool{true, false} {
				says(t, "Settled again", b.hq(ledger.Down{Settled: &ledger.Settled{Of: of, Granted: again, Reason: "other"}}), wrongClaim, 0)
				b.claimed(of, want)
			}
		})
	}
	t.Run("of-no-claim", func(t *testing.T) {
		b := opened(t)
		sold := b.add(&ledger.Sale{Member: wang}).Origin
		for _, of := range []lot.Origin{sold, {}, {Terminal: 99, Incarnation: uint64(first), Seq: 1}} {
			says(t, "Settled", b.hq(ledger.Down{Settled: &ledger.Settled{Of: of, Granted: true}}), wrongClaim, 0)
			b.claimed(of, fold.Claim{})
		}
	})
}

func TestQuotasOfAllRulesAndPeriodsAreCountedTogether(t *testing.T) {
	b := opened(t)
	b.home(wang)
	b.home(zhang)
	one := b.add(quota(wang, "quota:birthday:2026", 20000)).Issued[0].ID
	b.add(quota(wang, "quota:birthday:2027", 20400))
	b.add(quota(zhang, "quota:draw:20001", 20001))
	b.add(&ledger.Grant{Member: wang, Once: ledger.Once{Quota: draw(one, 1)}})
	b.add(&ledger.NoteGiven{Member: zhang, Draws: b.quotas(zhang)})
	want(t, "total of quotas", fold.Total{Asset: "quota", Born: 3, Spent: 1, Out: 1}, b.total("quota"))
	for _, total := range b.totals() {
		if strings.HasPrefix(string(total.Asset), "quota:") {
			t.Errorf("there is a total of %s by itself", total.Asset)
		}
	}
}
