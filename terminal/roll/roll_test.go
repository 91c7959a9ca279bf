package roll_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/terminal/document"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/programme"
	"github.com/jifen-pos/jifen/terminal/roll"
)

const members = `id,name,card,phone,opening_consumption,opening_green
M1001,王小明,HM10001001V,13800001001,120,0
M1002,,HM10001138Y,,0,35
M1003,李伟,,13900001038,0,0
`

var key = []byte("a key for phone numbers in tests")

func TestMembersAreFoundAndMasked(t *testing.T) {
	list, err := roll.Parse([]byte(members), key)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	want := roll.Person{
		ID: 1001, Name: "王**", Card: "HM10001001V", Phone: "138****1001", PhoneHash: roll.PhoneHash(key, "13800001001"),
		Opening: []programme.Cost{{Asset: "points:consumption", Amount: 120}},
	}
	byID, _ := list.ByID(1001)
	byCard, _ := list.ByCard("HM10001001V")
	byPhone, _ := list.ByPhone(want.PhoneHash)
	for how, got := range map[string]roll.Person{"ByID": byID, "ByCard": byCard, "ByPhone": byPhone} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", how, diff)
		}
	}
	if p, ok := list.ByID(1002); !ok || p.PhoneHash != "" || p.Name != "" || p.Opening[0].Asset != "points:green" {
		t.Errorf("ByID(1002): got %+v, %v; want a card without name and phone, with green points", p, ok)
	}
	for how, found := range map[string]bool{
		"ByID(0)": second(list.ByID(0)), `ByCard("")`: second(list.ByCard("")), `ByPhone("")`: second(list.ByPhone("")),
		"ByPhone in clear": second(list.ByPhone("13800001001")), "ByID(9)": second(list.ByID(9)),
	} {
		if found {
			t.Errorf("%s: got a member, want none", how)
		}
	}
	rules := &programme.Programme{ID: "green", Points: []programme.Points{{Asset: lot.Consumption}, {Asset: lot.Green}}}
	if err := list.Check(rules); err != nil {
		t.Errorf("Check: %v", err)
	}
	other := &programme.Programme{ID: "green", Points: rules.Points[:1]}
	checkFaults(t, list.Check(other), []string{`member M1002: "points:green" is not a kind of points of programme green`})
}

// What a till holds must not give a phone number or a full name away (sec E1).
func TestMembersHoldNoNumberInClear(t *testing.T) {
	list, err := roll.Parse([]byte(members), key)
	if err != nil {
		t.Fatalf("Parse: %v", err)
	}
	held := fmt.Sprintf("%+v", list)
	for _, secret := range []string{"13800001001", "13900001038", "小明", "李伟"} {
		if strings.Contains(held, secret) {
			t.Errorf("Parse: got %q kept in clear", secret)
		}
	}
	if roll.PhoneHash(key, "13800001001") == roll.PhoneHash([]byte("another key of a good length"), "13800001001") {
		t.Error("PhoneHash under two keys: got the same hash")
	}
}

// RFC 4231, test case 2, so that HQ and terminals in any language agree.
func TestPhoneHashIsHMACSHA256(t *testing.T) {
	got := roll.PhoneHash([]byte("Jefe"), "what do ya want for nothing?")
	want := "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
	if got != want {
		t.Errorf("PhoneHash(RFC 4231 case 2): got %s, want %s", got, want)
	}
}

func TestFaultyMembersAreAllReported(t *testing.T) {
	tests := map[string]struct {
		edit []string
		want []string
	}{
		"id-without-m":     {[]string{"M1001", "1001"}, []string{"line 2:1: id must be M and a number, such as M1017"}},
		"id-zero":          {[]string{"M1001", "M0"}, []string{"line 2:1: id must be M and a number, such as M1017"}},
		"id-twice":         {[]string{"M1002", "M1001"}, []string{"line 3:1: id stands in an earlier row too"}},
		"card-twice":       {[]string{"HM10001138Y", "HM10001001V"}, []string{"line 3:8: card stands in an earlier row too"}},
		"card-shape":       {[]string{"HM10001138Y", "HM1000113Y"}, []string{"line 3:8: card must be HM, eight digits and a check character"}},
		"phone-twice":      {[]string{"13900001038", "13800001001"}, []string{"line 4:15: phone stands in an earlier row too"}},
		"phone-of-a-desk":  {[]string{"13900001038", "01062345678"}, []string{"line 4:15: phone must be a mobile number of 11 digits"}},
		"phone-with-dash":  {[]string{"13900001038", "139-0000-1038"}, []string{"line 4:15: phone must be a mobile number of 11 digits"}},
		"neither":          {[]string{"李伟,,13900001038", "李伟,,"}, []string{"line 4:14: a member needs a card or a phone number"}},
		"opening-negative": {[]string{"120,0", "-120,0"}, []string{"line 2:41: opening_consumption must be a whole number from 0 to 1000000000"}},
		"opening-empty":    {[]string{"120,0", ",0"}, []string{"line 2:41: opening_consumption must be a whole number from 0 to 1000000000"}},
		"control-in-name":  {[]string{"李伟", "李\x1b@伟"}, []string{"line 4:7: name holds a control character or an invisible one"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := roll.Parse([]byte(edited(t, members, test.edit)), key)
			checkFaults(t, err, test.want)
			if strings.ContainsFunc(err.Error(), func(r rune) bool { return unicode.Is(unicode.Han, r) }) || strings.Contains(err.Error(), "139") {
				t.Errorf("Parse: the fault quotes a name or number: %v", err)
			}
		})
	}
	_, err := roll.Parse([]byte(members), key[:15])
	checkFaults(t, err, []string{"the key that hides phone numbers must have at least 16 bytes"})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(members))
	f.Fuzz(func(t *testing.T, text []byte) {
		if list, err := roll.Parse(text, key); err == nil {
			for _, p := range list.All() {
				if got, ok := list.ByID(p.ID); !ok || !cmp.Equal(got, p) {
					t.Fatalf("ByID(%s): got %v, %v; want %v", p.ID, got, ok, p)
				}
			}
		}
	})
}

// edited replaces each old text by the new one that follows it.
func edited(t *testing.T, text string, edit []string) string {
	t.Helper()
	for i := 0; i < len(edit); i += 2 {
		if strings.Count(text, edit[i]) != 1 {
			t.Fatalf("edit %q: stands %d times in the text, want once", edit[i], strings.Count(text, edit[i]))
		}
		text = strings.Replace(text, edit[i], edit[i+1], 1)
	}
	return text
}

// checkFaults compares the faults with those wanted; nil wants any at all.
func checkFaults(t *testing.T, err error, want []string) {
	t.Helper()
	if !errors.Is(err, document.ErrFaulty) {
		t.Fatalf("error: got %v, want one that matches ErrFaulty", err)
	}
	if want == nil {
		return
	}
	if diff := cmp.Diff(want, strings.Split(err.Error(), "\n")); diff != "" {
		t.Errorf("faults: -want +got\n%s", diff)
	}
}

func second(_ roll.Person, ok bool) bool { return ok }
