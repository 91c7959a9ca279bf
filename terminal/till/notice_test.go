package till_test

import (
	"testing"

	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/slip"
)

// TestNoticeIsPrintedAndMovesNothing queues what the shop puts up: it waits its
// turn, is printed again on demand without a mark, and the journal stays as it was.
func TestNoticeIsPrintedAndMovesNothing(t *testing.T) {
	b := newBench(t)
	scan(t, b, wang, rice)
	pay(t, b)
	before := b.Verify(t).Entries
	must(t, b.Till.Notice(by, ""))
	if j := view(t, b).Jobs[0]; j.Kind != slip.Rules || j.State != printjob.Queued {
		t.Errorf("the newest paper is %+v, want the rules waiting", j)
	}
	_, _ = next(t, b) // the receipt
	for range 2 {
		job, text := next(t, b)
		says(t, text, "积分规则公示", "100 积分抵 1 元", "主办方：红米好物", "50%")
		must(t, b.Till.EndJob(job.ID, printjob.Printed, ""))
		if marked := job.Marked(); marked.Lines[0].Left != job.Document.Lines[0].Left {
			t.Errorf("the notice begins with %q, want no mark of a reprint", marked.Lines[0].Left)
		}
		b.Clock.Advance(3600e9) // it is never too late
		must(t, b.Till.Reprint(by, job.ID))
	}
	job, _ := next(t, b)
	must(t, b.Till.EndJob(job.ID, printjob.Unknown, "1"))
	must(t, b.Till.Settle(by, job.ID))
	if n := b.Verify(t).Entries; n != before {
		t.Errorf("the journal has %d entries, want %d as before the notice", n, before)
	}
	refused(t, "Notice of a game that is not there", b.Till.Notice(by, "wheel-of-nothing"), "no-game")
}

// TestCertificateOnTheReceiptLeadsToItsSale scans the code of a receipt: at a lane
// it is verified, and a return finds the sale by it.
func TestCertificateOnTheReceiptLeadsToItsSale(t *testing.T) {
	b := newBench(t)
	scan(t, b, wang, rice)
	done := pay(t, b)
	job, _ := next(t, b)
	code := job.Document.Codes()[0]
	scan(t, b, code)
	if m := view(t, b).Message; m.Code != "certificate-good" || m.Args[0].ZH != done.Origin.String() {
		t.Errorf("the scan says %+v, want a good certificate of %s", m, done.Origin)
	}
	if got, err := b.Till.Sale(code); err != nil || got != done.Origin {
		t.Errorf("Sale(certificate) = %v, %v; want %v", got, err, done.Origin)
	}
	refused(t, "Sale of a forged certificate", second(b.Till.Sale(code[:len(code)-1]+"0")), "return-unknown")
}

func second[T any](_ T, err error) error { return err }
