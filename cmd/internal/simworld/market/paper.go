package market

import (
	"crypto/ed25519"
	"encoding/json"
	"math/rand/v2"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/simworld/engine"
	"github.com/jifen-pos/jifen/sync/sealed"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
	"github.com/jifen-pos/jifen/terminal/token"
)

// VoucherText is what a voucher's paper says.
func VoucherText(w *engine.Engine, id lot.ID, i *ledger.Issue, key ed25519.PrivateKey) string {
	text, err := token.SealVoucher(token.Voucher{Lot: id, Benefit: i.Asset.Benefit(), Expires: i.Expires, Units: 1}, key)
	w.Must("read the voucher's paper", err)
	return text
}

// Birthday is a birthday within days of today, for HQ alone to read.
func Birthday(w *engine.Engine, key ed25519.PublicKey, today time.Time) []byte {
	day := today.AddDate(-30, 0, w.Random.IntN(6)-1)
	plain, err := json.Marshal(member.Known{Birthday: day.Format(time.DateOnly)})
	w.Must("write a birthday", err)
	var seed [32]byte
	seed[0], seed[1] = byte(w.Random.IntN(256)), byte(w.Random.IntN(256))
	text, err := sealed.For(key, plain, rand.NewChaCha8(seed))
	w.Must("seal a birthday", err)
	return text
}
