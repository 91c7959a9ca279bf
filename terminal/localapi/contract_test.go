package localapi_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/terminal/localapi"
	"github.com/jifen-pos/jifen/terminal/localapi/contract"
)

// What an integrator tries from outside is kept here too.
func TestContractIsKept(t *testing.T) {
	b := newBench(t)
	b.give(20_000)
	err := contract.Run(t.Context(), contract.Options{
		URL: strings.TrimSuffix(b.url, localapi.Base), Token: token, Ref: "pos-9", Goods: rice, Other: millet, Member: wang, Benefit: "tea-set",
		Senior: contract.Person{ID: "anna", PIN: pin}, Cashier: contract.Person{ID: "ben", PIN: pin},
	}, func(r contract.Result) {
		for _, w := range r.Wrong {
			t.Errorf("%s: %s", r.Name, w)
		}
		if r.Left != "" {
			t.Errorf("%s was left out: %s", r.Name, r.Left)
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// Where somebody sells nothing is tried: what a basket is in the way of is no
// breach of the contract, and the basket is theirs.
func TestLaneInUseIsSaid(t *testing.T) {
	b := newBench(t)
	for name, code := range map[string]string{"goods": rice, "a-member": wang} {
		b.want(200, "POST", "/lanes/1/scans", object{"code": code})
		var tried []string
		err := contract.Run(t.Context(), contract.Options{
			URL: strings.TrimSuffix(b.url, localapi.Base), Token: token, Ref: "pos-9", Goods: rice, Other: millet,
			Senior: contract.Person{ID: "anna", PIN: pin},
		}, func(r contract.Result) { tried = append(tried, r.Name) })
		if !errors.Is(err, contract.ErrInUse) || errors.Is(err, contract.ErrBroken) || tried[len(tried)-1] != "people" {
			t.Errorf("%s in the basket: %v after %v; want it said that the lane is in use, and no sale tried", name, err, tried)
		}
		if q := b.want(200, "GET", "/lanes/1/basket", nil); len(q["lines"].([]any)) == 0 && q["member"] == nil {
			t.Errorf("%s in the basket: it is empty after the check", name)
		}
		b.want(204, "DELETE", "/lanes/1/basket", nil)
	}
}
