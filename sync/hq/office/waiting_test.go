package office_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/jifen-pos/jifen/sync/hq/office"
	"github.com/jifen-pos/jifen/terminal/codec"
	"github.com/jifen-pos/jifen/terminal/fold"
	"github.com/jifen-pos/jifen/terminal/lot"
	"github.com/jifen-pos/jifen/terminal/member"
)

func claimed(n int) office.Open {
	return office.Open{
		Of: lot.Origin{Terminal: 3, Incarnation: 7, Seq: uint64(n + 1)}, Owner: member.ID(1000 + n),
		Sale: lot.Origin{Terminal: 4, Incarnation: 8, Seq: uint64(n + 1)},
	}
}

// opened is a desk with so many claims that wait, as it is written down.
func opened(t *testing.T, n int) (want []office.Open, table fold.Memory) {
	t.Helper()
	d := office.NewDesk(fold.Memory{})
	for k := range n {
		want = append(want, claimed(k))
		if err := d.OpenClaim(want[k].Of, want[k].Owner, want[k].Sale); err != nil {
			t.Fatalf("OpenClaim = %v, want nil", err)
		}
	}
	table = fold.Memory{}
	if err := d.Flush(table.Put); err != nil {
		t.Fatalf("Flush = %v, want nil", err)
	}
	return want, table
}

func wantWaiting(t *testing.T, table fold.Memory, want []office.Open) {
	t.Helper()
	got, err := office.NewDesk(table).Waiting()
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Waiting() error %v (-want +got):\n%s", err, diff)
	}
}

// Whoever looks which of a thousand claims a batch has cleared reads one record, and
// none of theirs.
func TestClaimsThatWaitAreOneRecord(t *testing.T) {
	want, table := opened(t, 1000)
	wantWaiting(t, fold.Memory{"o": table["o"]}, want)
}

// origins is the list of claims that wait as earlier builds wrote it.
type origins struct{ claims []lot.Origin }

func (o *origins) Fields(c *codec.Coder) { codec.List(c, 1, &o.claims, 4096) }

func TestClaimsThatWaitInAnEarlierBook(t *testing.T) {
	of := claimed(5).Of
	wantWaiting(t, fold.Memory{"o": codec.Marshal(&origins{[]lot.Origin{of}})}, []office.Open{{Of: of}})
}

// A claim for which there is no room is a person's, who is told that.
func TestMoreClaimsThanCanWait(t *testing.T) {
	want, table := opened(t, 4097)
	wantWaiting(t, table, want[:4096])
	k, err := office.NewDesk(table).Claim(want[4096].Of)
	if err != nil || k.Status != office.ClaimParked || k.Why != "claim-full" {
		t.Errorf("Claim() = %+v, %v, want one that is parked for claim-full", k, err)
	}
}
