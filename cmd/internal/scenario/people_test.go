package scenario_test

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/till"
)

// What a person at HQ decides of members reaches the till: who joined twice is one,
// and then two again; who is blocked uses nothing; what is corrected is there; and a
// claim that nobody can work out is settled, at HQ's page or by the tool.
func TestWhatAPersonDecidesOfMembersReachesTheTill(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1, 2, false)
	f.enrol()
	f.desk = signInHQ(t, f.hqAt)
	one := f.tills[0]
	at := signIn(t, one.base)
	at.sees("HQ", func(v view) bool { return v.Ledger.Online })

	twin := f.joins(at)
	f.mergesAndParts(at, twin)
	f.blocks(at)
	f.corrects(at)
	f.opensIncidents()
	f.settlesClaims()
	f.close()
	f.owns(1007, 2500+5+30)
}

// office runs a command of the tool as a named person with a reason.
func (f *fleet) office(code int, want string, args ...string) {
	f.t.Helper()
	f.does(code, want, append(args, "-hq", "hq", "-by", "ZHOU", "-reason", "showed both cards")...)
}

// holds waits until a member's consumption points add up, wherever they lie.
func (f *fleet) holds(at screen, when string, want lot.Amount) {
	f.t.Helper()
	eventually(f.t, fmt.Sprintf("%d points %s", want, when), func() (any, bool) {
		at.do("clear") // a till that hears meanwhile leaves on the screen who is there
		at.do("scan", "code", lei)
		var p till.PointsView
		for range 20 { // HQ's answer comes a moment later
			if p = at.view().points(consumption); p.Here+p.HQ+p.Elsewhere == want {
				return p, true
			}
			time.Sleep(50 * time.Millisecond)
		}
		return p, false
	})
	at.do("clear")
}

// joins has somebody who is a member join once more, and buy rice.
func (f *fleet) joins(at screen) (id member.ID) {
	f.t.Helper()
	ref := at.view().Ref
	at.do("join", "ref", ref+"-j", "phone", "13700001234", "consent", "yes")
	v := at.sees("who joined", func(v view) bool { return v.Member != nil })
	id = v.Member.ID
	at.do("scan", "code", rice)
	v = at.view()
	at.do("pay", "ref", v.Ref, "cash", v.Quote.ToPay.String())
	f.calm(waitLimit, f.tills[0])
	return id
}

func (f *fleet) mergesAndParts(at screen, twin member.ID) {
	f.t.Helper()
	f.does(0, "待确认身份 waits to be matched", "member", "find", "-hq", "hq", twin.String())
	f.does(0, "points:consumption  总部 at HQ 2500", "member", "find", "-hq", "hq", "13800001223")
	f.does(1, "nobody on HQ's list", "member", "find", "-hq", "hq", "13999999999")
	f.office(1, "M4711 is no member that HQ knows", "member", "merge", "M1007", "M4711")
	f.office(1, "was not merged into anybody", "member", "unmerge", "M1007")
	f.does(1, "a named person and a reason are needed", "member", "merge", "-hq", "hq", "-by", "ZHOU", "M1007", twin.String())
	f.office(0, "is matched", "member", "match", twin.String())
	_, out, said := tool(f.t, f.dir, "member", "merge", "-hq", "hq", "-by", "ZHOU", "-reason", "showed both cards", twin.String(), "M1007")
	m := regexp.MustCompile(`(M\d+) is (M\d+) from now on: one member`).FindStringSubmatch(out)
	if m == nil || !strings.Contains(out, "总部 at HQ 2500  收银机 at tills 49") || !strings.Contains(out, "Told to t1 with HQ’s journal. A till that is offline hears of it once it is back") {
		f.t.Fatalf("jifen member merge = %s%s; want who is who, what they have, and when tills hear of it", out, said)
	}
	f.office(1, "is merged already", "member", "merge", m[1], "M1009")
	f.holds(at, "of both, once they are one", 2500+49)
	f.office(0, m[1]+" is a member of their own again", "member", "unmerge", m[1])
	f.holds(at, "of one, once they are two", 2500)
}

func (f *fleet) blocks(at screen) {
	f.t.Helper()
	shows := func(what string, blocked bool) (v view) {
		f.t.Helper()
		eventually(f.t, what, func() (any, bool) {
			at.do("clear")
			at.do("scan", "code", lei)
			v = at.view()
			return v.short(), v.Member != nil && v.Member.Blocked == blocked
		})
		return v
	}
	f.office(0, "Told to t1", "member", "block", "M1007")
	f.office(1, "is blocked already", "member", "block", "M1007")
	v := shows("the till to know that the member is blocked", true)
	at.refused("member-blocked", "/lane/1/redeem", "ref", v.Ref, "benefit", "tea-set")
	f.office(0, "can use points again", "member", "unblock", "M1007")
	shows("the till to serve the member again", false)
}

func (f *fleet) corrects(at screen) {
	f.t.Helper()
	f.does(1, "a named person and a reason are needed", "member", "adjust", "-hq", "hq", "-by", "ZHOU", "M1007", "50")
	f.office(1, "are to be taken from M1007, of whom HQ holds", "member", "adjust", "M1007", "-9000")
	f.office(0, "points:consumption corrected by +50", "member", "adjust", "M1007", "50")
	f.holds(at, "after the correction", 2550)
	at.do("scan", "code", rice) // with the next sale the till says that the points came
	v := at.view()
	at.do("pay", "ref", v.Ref, "cash", v.Quote.ToPay.String())
	var why string
	eventually(f.t, "45 to be taken again, once the till has given them back", func() (any, bool) {
		exit, _, said := tool(f.t, f.dir, "member", "adjust", "-hq", "hq", "-by", "ZHOU", "-reason", "counted anew", "M1007", "-45")
		if exit != 0 {
			why = said
			_, _, said = tool(f.t, f.dir, "member", "recall", "-hq", "hq", "-by", "ZHOU", "-reason", "counted anew", "M1007")
		}
		return why + said, exit == 0
	})
	if why != "" && !strings.Contains(why, "jifen member recall asks for these") && !strings.Contains(why, "on the way") {
		f.t.Errorf("what tills hold cannot be taken, and why is said in these words: %s", why)
	}
	f.holds(at, "after it is taken again", 2505)
	long := strings.Repeat("长", 30)
	f.does(1, "is too long for HQ's journal", "member", "adjust", "-hq", "hq", "-by", "ZHOU", "-reason", long, "M1007", "50")
	f.office(0, "M1009  每月供家人使用 for the others a month 20", "member", "household", "M1007=30", "M1009=20")
	f.office(0, "The household is as said", "member", "household", "M1007")
}

func (f *fleet) opensIncidents() {
	f.t.Helper()
	f.office(0, "points that end in it last longer", "incident", "-first", "2027-03-08", "-last", "2027-03-09", "flood")
	f.office(1, "nothing was written", "incident", "-first", "2027-03-08", "-last", "2027-03-09", "-store", "S1", "flood")
}

// settlesClaims takes back goods by a receipt that is none, twice, and settles the one
// at the page as a browser does, the other with something else granted.
func (f *fleet) settlesClaims() {
	f.t.Helper()
	at := screen{newBrowser(f.t, f.tills[1].base)}
	at.must("/lane/1/signin", "person", "k1", "pin", pin)
	at.sees("HQ", func(v view) bool { return v.Ledger.Online })
	none := ledger.Origin(1, f.desk.overview().Terminals[0].Incarnation, 1) // the opening of a life
	for _, line := range []string{"1", "2"} {
		at.do("return/look", "sale", none.String())
		v := at.sees("the receipt to be up", func(v view) bool { return v.Claim != nil })
		at.do("claim", "ref", v.Claim.Ref, "line", line, "qty", "1", "refund", "0", "tender", "cash")
	}
	eventually(f.t, "both claims to wait for a person", func() (any, bool) {
		_, list, said := tool(f.t, f.dir, "conflicts", "list", "-hq", "hq")
		return list + said, strings.Count(list, "claim-no-sale:") == 2
	})
	ref, choice := f.formOf("choice-refuse")
	f.desk.refused("settle-sure", "/settle", "ref", ref, "choice", choice, "reason", "no receipt")
	f.desk.must("/settle", "ref", ref, "choice", choice, "reason", "no receipt", "sure", "yes")
	name := f.waiting("claim-no-sale") // the other one
	ref, choice = f.formOf("choice-refuse")
	settle := []string{"conflicts", "settle", name, "points:consumption=30"}
	f.office(1, "the claim names no member", settle...)
	f.office(0, "points:consumption 30 granted instead", append(settle, "-member", "M1007")...)
	if said := f.desk.refused("settle-gone", "/settle", "ref", ref, "choice", choice, "reason", "no receipt", "sure", "yes"); !strings.Contains(said, "It no longer waits") {
		f.t.Errorf("what the tool has settled is answered at the page with %q", said)
	}
	f.does(0, "nothing waits for a person", "conflicts", "list", "-hq", "hq")
	first := signIn(f.t, f.tills[0].base)
	f.holds(first, "with what the claim brought", 2505+30)
}

// formOf finds the form of a choice on HQ's page.
func (f *fleet) formOf(choice string) (ref, value string) {
	f.t.Helper()
	resp, err := f.desk.http.Get(f.desk.base + "/")
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	m := regexp.MustCompile(`name="ref" value="([0-9a-z]+)"><input type="hidden" name="choice" value="(` + choice + `)">`).FindSubmatch(page)
	if err != nil || resp.StatusCode != http.StatusOK || m == nil {
		f.t.Fatalf("HQ's page = %s, %v, without a form for %s", resp.Status, err, choice)
	}
	return string(m[1]), string(m[2])
}
