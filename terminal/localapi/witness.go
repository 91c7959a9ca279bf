package localapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/role"
	"github.com/jifen-pos/jifen/terminal/words"
)

// Verdict is what came of a witness.
type Verdict struct {
	Code string `json:"code" example:"witness-freed"`
	ZH   string `json:"zh"`
	EN   string `json:"en"`
}

type (
	witnessIn struct {
		Lane
		Who
		Body struct {
			Head string `json:"head" minLength:"1" maxLength:"512" doc:"the newest Jifen-Head that the caller was shown"`
		}
	}
	verdictOut struct{ Body Verdict }
)

func (a *API) routeWitness() {
	huma.Register(a.huma, operation("witness", http.MethodPost, "/lanes/{lane}/witnesses", "Bear witness",
		"After the terminal was without power: the newest Jifen-Head that an answer carried proves that nothing is missing, and members' points may be used again."),
		func(_ context.Context, in *witnessIn) (out *verdictOut, err error) {
			err = a.does(in.Lane.Lane, in.Who, role.Sell, func(by clerk.By) error {
				v, _, err := a.o.Till.Testify(by, ledger.TillWitness, in.Body.Head)
				if errors.Is(err, clerk.ErrForeign) {
					return problem(http.StatusUnprocessableEntity, "witness-foreign")
				}
				out = &verdictOut{Verdict{string(v), words.In("zh", string(v)), words.In("en", string(v))}}
				return err
			})
			return out, err
		})
}
