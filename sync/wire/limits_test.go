package wire_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/mqttlink"
	"github.com/jifen-pos/jifen/sync/wire"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// limits are those by which this end reads and writes, in the protocol's order, but for
// the batches on their way, which are a terminal's to keep.
var limits = []int64{
	wire.MessageBytesMax, mqttlink.MaxPacket,
	wire.BatchEntriesMax, wire.BatchBytesMax, 4, wire.StreamsMax,
	wire.WantsMax, wire.DownEntriesMax, wire.ChunkBytesMax, ledger.DocumentBytesMax, wire.CertificateBytesMax,
	wire.FaultsMax, wire.FaultBytesMax, wire.PaperBytesMax, ledger.ByHandBytesMax,
	ledger.EntryBytesMax, ledger.DownBytesMax, ledger.SignedDownBytesMax,
	ledger.RefBytesMax, ledger.TextBytesMax, lot.AssetBytesMax, lot.NameBytesMax, int64(lot.AmountMax), int64(lot.FenMax),
	ledger.LinesMax, ledger.TendersMax, ledger.PromotionsMax, ledger.PrizesMax,
	lot.HoldingsMax, lot.MemberLotsMax, ledger.PoolMax, ledger.BoundsMax, ledger.AnswersMax, ledger.SealedBytesMax,
	ledger.CodesMax, ledger.FiguresMax, ledger.LastsMax, ledger.GiftsMax, ledger.OwedMax, ledger.HouseholdMax,
}

var limitRow = regexp.MustCompile(`(?m)^\| [^|]+ \| (\d+) \|$`)

// Whoever writes another implementation reads the limits in the protocol.
func TestTheProtocolSaysTheLimits(t *testing.T) {
	text, err := os.ReadFile("../PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	_, part, _ := strings.Cut(string(text), "\n## Limits\n")
	part, _, _ = strings.Cut(part, "\n## ")
	var said []int64
	for _, row := range limitRow.FindAllStringSubmatch(part, -1) {
		n, err := strconv.ParseInt(row[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, n)
	}
	if diff := cmp.Diff(limits, said); diff != "" {
		t.Errorf("PROTOCOL.md's limits (-here +there):\n%s", diff)
	}
	for name, same := range map[string][]int{
		"coupons, redemptions and plays of a sale": {ledger.TendersMax, ledger.CouponsMax, ledger.RedemptionsMax, ledger.PlaysMax},
		"short texts": {ledger.TextBytesMax, lot.TextBytesMax},
	} {
		for _, n := range same {
			if n != same[0] {
				t.Errorf("the limits of %s are %v, and the protocol says one", name, same)
			}
		}
	}
}
