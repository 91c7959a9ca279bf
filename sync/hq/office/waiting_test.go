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

// counted is a table that counts who reads it.
type counted struct {
	fold.Memory
	reads int
}

func (c *counted) Get(key []byte) ([]byte, error) {
	c.reads++
	return c.Memory.Get(key)
}

func claimed(n int) office.Open {
	return office.Open{
		Of: lot.Origin{Terminal: 3, Incarnation: 7, Seq: uint64(n + 1)}, Owner: member.ID(1000 + n),
		Sale: lot.Origin{Terminal: 4, Incarnation: 8, Seq: uint64(n + 1)},
	}
}

// Whoever looks which of a thousand claims a batch has cleared reads one record, not a
// thousand.
func TestClaimsThatWaitAreOneRead(t *testing.T) {
	table := &counted{Memory: fold.Memory{}}
	d := office.NewDesk(table)
	var want []office.Open
	for n := range 1000 {
		o := claimed(n)
		if err := d.OpenClaim(o.Of, o.Owner, o.Sale); err != nil {
			t.Fatalf("OpenClaim = %v, want nil", err)
		}
		want = append(want, o)
	}
	if err := d.Flush(table.Memory.Put); err != nil {
		t.Fatalf("Flush = %v, want nil", err)
	}
	table.reads = 0
	got, err := office.NewDesk(table).Waiting()
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("Waiting() error %v (-want +got):\n%s", err, diff)
	}
	if table.reads != 1 {
		t.Errorf("Waiting() read %d records, want 1", table.reads)
	}
}

// origins is the list of claims that wait as earlier builds wrote it.
type origins struct{ claims []lot.Origin }

func (o *origins) Fields(c *codec.Coder) { codec.List(c, 1, &o.claims, 4096) }

func TestClaimsThatWaitInAnEarlierBook(t *testing.T) {
	table := fold.Memory{}
	d := office.NewDesk(table)
	o := claimed(5)
	if err := d.OpenClaim(o.Of, o.Owner, o.Sale); err != nil {
		t.Fatalf("OpenClaim = %v, want nil", err)
	}
	if err := d.Flush(table.Put); err != nil {
		t.Fatalf("Flush = %v, want nil", err)
	}
	if err := table.Put([]byte("o"), codec.Marshal(&origins{[]lot.Origin{o.Of}})); err != nil {
		t.Fatal(err)
	}
	got, err := office.NewDesk(table).Waiting()
	if diff := cmp.Diff([]office.Open{{Of: o.Of}}, got); err != nil || diff != "" {
		t.Errorf("Waiting() error %v (-want +got):\n%s", err, diff)
	}
}

// A claim for which there is no room is a person's, who is told that.
func TestMoreClaimsThanCanWait(t *testing.T) {
	d := office.NewDesk(fold.Memory{})
	for n := range 4097 {
		o := claimed(n)
		if err := d.OpenClaim(o.Of, o.Owner, o.Sale); err != nil {
			t.Fatalf("OpenClaim = %v, want nil", err)
		}
	}
	k, err := d.Claim(claimed(4096).Of)
	if err != nil || k.Status != office.ClaimParked || k.Why != "claim-full" {
		t.Errorf("Claim() = %+v, %v, want one that is parked for claim-full", k, err)
	}
	if _, err := d.Waiting(); err != nil {
		t.Errorf("Waiting() = %v, want nil", err)
	}
}
