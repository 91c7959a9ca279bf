package cashier

import (
	"errors"
	"net/http"
	"slices"

	"github.com/jifen-pos/jifen/terminal/webui"
)

// blamed are the fields that a fault may be about, the likeliest first: its
// sentence stands at the one that the command has.
var blamed = map[string][]string{
	"bad-points": {"points"}, "points-short": {"points"}, "transfer-too-much": {"points"}, "transfer-owes": {"points"},
	"unknown-member": {"to"}, "not-family": {"to"}, "bad-phone": {"phone"}, "phone-taken": {"phone"}, "enrol-how": {"phone"}, "bad-card": {"card"},
	"card-taken": {"card"}, "enrol-consent": {"consent"}, "bad-name": {"name"}, "bad-birthday": {"birthday"}, "enrol-about-consent": {"about", "agreed"}, "enrol-no-seal": {"birthday"}, "enrol-too-long": {"card"}, "reason-missing": {"why", "reason"},
	"bad-quantity": {"qty"}, "bad-line": {"line"}, "return-too-much": {"qty", "sale"}, "return-claimed": {"line"}, "return-here": {"line"},
	"return-unknown": {"sale"}, "return-elsewhere": {"sale"}, "bad-amount": {"points", "amount", "float", "counted", "refund"}, "unknown-code": {"code"},
	"check-digit": {"code"}, "code-too-long": {"code"}, "unknown-product": {"code"}, "in-store-code": {"code"}, "payment-code": {"code"},
	"wrong-pin": {"pin"}, "pin-wait": {"pin"}, "second-person": {"second"}, "may-not-lend": {"second"},
}

// moneyFields are yuan as somebody typed them.
var moneyFields = []string{"amount", "cash", "card", "wallet", "float", "counted", "refund"}

// at says which field of a command a fault is about.
func (c command) at(f map[string]string, err error) error {
	var fault *webui.Fault
	if !errors.As(err, &fault) {
		return err
	}
	names := blamed[fault.Code]
	if fault.Code == "bad-amount" && fault.Status == http.StatusBadRequest {
		names = slices.DeleteFunc(slices.Clone(moneyFields), func(name string) bool {
			_, unread := fenOf(f[name])
			return unread == nil || f[name] == "" && slices.Contains(tenderKinds, name)
		})
	}
	for _, name := range names {
		if slices.Contains(c.fields, name) || slices.Contains(stepUpFields, name) {
			told := *fault
			told.Field = name
			return &told
		}
	}
	return err
}
