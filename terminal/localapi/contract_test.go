package localapi_test

import (
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
