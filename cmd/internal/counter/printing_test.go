package counter_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/counter"
	"github.com/jifen-pos/jifen/devices/escpos"
	"github.com/jifen-pos/jifen/devices/printport"
	"github.com/jifen-pos/jifen/devices/virtual"
	"github.com/jifen-pos/jifen/terminal/boltstore"
	"github.com/jifen-pos/jifen/terminal/clerk"
	"github.com/jifen-pos/jifen/terminal/journal"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/printjob"
	"github.com/jifen-pos/jifen/terminal/slip"
	"github.com/jifen-pos/jifen/terminal/till"
	"github.com/jifen-pos/jifen/terminal/till/tilltest"
)

// bench is a till with a member who has points, and a printer.
type bench struct {
	*tilltest.Bench
	t       *testing.T
	printer *virtual.Printer
	profile escpos.Profile
	runs    *counter.Printing // the daemon's part, once it runs
	papers  chan virtual.PaperInfo
	said    []string // by the papers so far
}

var cashierOne = clerk.By{Lane: 1, Actor: "c1"}

func newBench(t *testing.T, character virtual.Character) *bench {
	t.Helper()
	store, err := boltstore.Open(filepath.Join(t.TempDir(), "ledger.db"), tilltest.Terminal)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	c := &bench{Bench: tilltest.New(t, store), t: t, profile: escpos.Generic80, papers: make(chan virtual.PaperInfo, 100)}
	c.must("SignIn", c.Till.SignIn(cashierOne))
	c.printer, err = virtual.NewPrinter(virtual.PrinterOptions{
		Dir: t.TempDir(), Dots: 576, Idle: 2 * time.Second, OnPaper: func(p virtual.PaperInfo) { c.papers <- p }, Character: character,
	})
	c.must("NewPrinter", err)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- c.printer.Run(ctx) }()
	t.Cleanup(func() { stop(); c.must("Run", <-done) })
	return c
}

func (c *bench) must(what string, err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatalf("%s: %v", what, err)
	}
}

// voucher sells enough rice to the member for a voucher's points, without
// papers, and redeems one.
func (c *bench) voucher() (id uint64) {
	c.t.Helper()
	for _, code := range []string{"HM10001001V", "6900001000112"} {
		c.must("Scan", c.Till.Scan(cashierOne, "", code))
	}
	c.must("SetQty", c.Till.SetQty(cashierOne, 0, 20))
	_, err := c.Till.Pay(cashierOne, till.Payment{Ref: c.view().Ref, Tenders: []ledger.Tender{{Kind: "card", Fen: c.view().Quote.ToPay}}})
	c.must("Pay", err)
	sold, ok, err := c.Till.NextJob()
	if err != nil || !ok {
		c.t.Fatalf("NextJob = %v, %v, want the receipt", ok, err)
	}
	c.must("EndJob", c.Till.EndJob(sold.ID, printjob.Printed, ""))
	c.must("Scan", c.Till.Scan(cashierOne, "", "HM10001001V"))
	_, err = c.Till.Redeem(cashierOne, c.view().Ref, "tea-set")
	c.must("Redeem", err)
	c.must("Clear", c.Till.Clear(cashierOne))
	return c.view().Jobs[0].ID
}

// sale sells a bag of rice and leaves its receipt waiting.
func (c *bench) sale() (id uint64) {
	c.t.Helper()
	c.must("Scan", c.Till.Scan(cashierOne, "", "6900001000112"))
	_, err := c.Till.Pay(cashierOne, till.Payment{Ref: c.view().Ref, Tenders: []ledger.Tender{{Kind: "card", Fen: c.view().Quote.ToPay}}})
	c.must("Pay", err)
	return c.view().Jobs[0].ID
}

func (c *bench) view() till.View {
	c.t.Helper()
	v, err := c.Till.View(1)
	c.must("View", err)
	return v
}

// daemon is the part of the daemon that prints, on a port of its own. It is the
// same until a restart.
func (c *bench) daemon() *counter.Printing {
	c.t.Helper()
	if c.runs != nil {
		return c.runs
	}
	port, err := printport.New(printport.Options{
		Kind: printport.TCP, Address: c.printer.Addr(), Profile: c.profile, Torn: c.Till.Torn(),
		Answer: time.Second, Stall: time.Second, Finish: 300 * time.Millisecond,
	})
	c.must("printport.New", err)
	c.t.Cleanup(func() { _ = port.Close() })
	c.runs = counter.NewPrinting(c.Till, port, c.profile, func() {}, slog.New(slog.DiscardHandler))
	return c.runs
}

// restart ends the daemon and starts the next one.
func (c *bench) restart() {
	c.t.Helper()
	c.must("Close", c.runs.Close())
	c.runs = nil
	c.Restart(c.t)
}

func (c *bench) job(id uint64) printjob.Job {
	c.t.Helper()
	for _, j := range c.view().Jobs {
		if j.ID == id {
			return j
		}
	}
	c.t.Fatalf("job %d is not shown", id)
	return printjob.Job{}
}

// settlePapers takes what came out of the printer until nothing more does.
func (c *bench) settlePapers() []string {
	for {
		select {
		case p := <-c.papers:
			c.said = append(c.said, p.Text)
		case <-time.After(300 * time.Millisecond):
			return c.said
		}
	}
}

// code is the text of the voucher's QR, as the paper has it.
func (c *bench) code(id uint64) string {
	c.t.Helper()
	list, err := c.Till.Jobs()
	c.must("Jobs", err)
	for _, p := range list {
		if p.ID == id {
			return p.Document.Codes()[0]
		}
	}
	c.t.Fatalf("job %d has no paper", id)
	return ""
}

// handOuts tries every paper that came out as a voucher: how many goods does a
// shop hand over for them?
func (c *bench) handOuts(id uint64, papers int) int {
	c.t.Helper()
	n := 0
	for range papers + 1 {
		if err := c.Till.Scan(cashierOne, "", c.code(id)); err != nil {
			continue
		}
		if c.view().Voucher == nil { // that scan proved the paper
			continue
		}
		if _, err := c.Till.UseVoucher(cashierOne, c.view().Ref); err == nil {
			n++
		}
	}
	return n
}

// faults are the parts that can fail on a voucher's way to paper.
var faults = map[string]func(c *bench, stop context.CancelFunc){
	"paper-ends":   func(c *bench, _ context.CancelFunc) { c.printer.SetPaperOut(true) },
	"cover-opens":  func(c *bench, _ context.CancelFunc) { c.printer.SetCoverOpen(true) },
	"power-fails":  func(c *bench, _ context.CancelFunc) { c.printer.PowerOff() },
	"link-fails":   func(c *bench, _ context.CancelFunc) { c.printer.HangUp() },
	"daemon-stops": func(_ *bench, stop context.CancelFunc) { stop() },
	"board-stops":  func(_ *bench, stop context.CancelFunc) { stop() },
}

// points are where they fail: bytes that were printed, from the end of what the
// customer reads if negative. The proof has 11 bytes, and then comes the cut.
var points = []struct {
	name string
	at   int
}{
	{"before", 0}, {"first-byte", 6}, {"in-the-text", 120}, {"in-the-code", 9000},
	{"in-the-last-line", -20}, {"before-the-proof", -1}, {"before-the-cut", 11},
}

// TestVoucherOnPaperWhateverFails lets every part fail at every point of a
// voucher's way to paper, has a cashier do what the screen asks for, and counts:
// the points are spent once, the job is never called printed while the paper is
// not, and whatever papers lie about, one set of tea is handed out. So it is with
// a printer that proves its papers, and with a mute one.
func TestVoucherOnPaperWhateverFails(t *testing.T) {
	mute := escpos.Generic80
	mute.BackChannel, mute.Proof = false, escpos.ProofNone
	for kind, profile := range map[string]escpos.Profile{"": escpos.Generic80, "mute-": mute} {
		for fault, strike := range faults {
			for _, point := range points {
				if fault == "link-fails" && point.name == "before" || kind != "" && point.name == "before-the-cut" {
					continue // no link is there yet; nothing lies between paper and cut
				}
				t.Run(kind+fault+"-"+point.name, func(t *testing.T) {
					t.Parallel()
					c := newBench(t, virtual.Character{})
					c.profile = profile
					if kind != "" {
						c.printer.SetMute(true)
					}
					id := c.voucher()
					ctx, stop := context.WithCancel(t.Context())
					defer stop()
					struck := make(chan struct{})
					fail := func() { strike(c, stop); close(struck) }
					switch {
					case point.name == "before":
						fail()
					case point.at < 0, point.name == "before-the-cut":
						c.printer.AtByte(c.length(id)+point.at, fail)
					default:
						c.printer.AtByte(point.at, fail)
					}
					_, _ = c.daemon().Next(ctx)
					<-struck // a mute printer is not waited for
					if fault == "daemon-stops" || fault == "board-stops" {
						if fault == "board-stops" {
							c.forgetEnd(id)
						}
						c.restart()
					}
					unseen := kind != "" && (fault == "paper-ends" || fault == "cover-opens") // a mute printer takes what it cannot print
					c.afterwards(id, point.name == "before" && !unseen)
				})
			}
		}
	}
}

// length is how many bytes the printer gets for a job, greeting and all.
func (c *bench) length(id uint64) int {
	c.t.Helper()
	list, err := c.Till.Jobs()
	c.must("Jobs", err)
	for _, p := range list {
		if p.ID == id {
			job, err := escpos.NewJob(p.Document, c.profile)
			c.must("NewJob", err)
			return len(escpos.Hello()) + job.Tail
		}
	}
	return 0
}

// forgetEnd is a board that lost its power before it could write down how the
// job ended.
func (c *bench) forgetEnd(id uint64) {
	c.t.Helper()
	if c.job(id).State == printjob.Queued {
		return
	}
	c.must("Update", c.Journal.Update(func(tx journal.Tx) error {
		_, err := printjob.Change(tx, id, func(j *printjob.Job) error { j.State = printjob.Sending; return nil })
		return err
	}))
}

// afterwards mends everything, does what the screen asks for until nothing is
// left to do, and looks at the ledger and at the papers.
func (c *bench) afterwards(id uint64, before bool) {
	t := c.t
	t.Helper()
	state := c.job(id).State
	if before && state != printjob.Queued {
		t.Errorf("after a fault before the first byte the job is %s, want queued", state)
	}
	if !before && state == printjob.Failed {
		t.Errorf("after a fault on the way the job is %s", state)
	}
	c.printer.SetPaperOut(false)
	c.printer.SetCoverOpen(false)
	c.must("PowerOn", c.printer.PowerOn())
	daemon := c.daemon()
	for range 8 {
		_, err := daemon.Next(t.Context())
		c.must("Next", err)
		j := c.job(id)
		whole := c.whole()
		if j.State == printjob.Printed || j.State == printjob.Sent { // then it comes out, soon
			for until := time.Now().Add(5 * time.Second); whole == 0 && time.Now().Before(until); {
				whole = c.whole()
			}
		}
		if j.State == printjob.Printed {
			if whole == 0 {
				t.Fatalf("the job is called printed, and the papers say %q", c.said)
			}
			break
		}
		if j.State.Unproved() && j.Prompt() != "prompt-scan" {
			t.Errorf("a voucher in state %s asks for %q, want prompt-scan", j.State, j.Prompt())
		}
		switch {
		case j.State == printjob.Queued: // by itself
		case whole > 0:
			c.must("Scan", c.Till.Scan(cashierOne, "", c.code(id)))
			if v := c.view(); v.Voucher != nil || v.Message.Code != "voucher-proved" {
				t.Errorf("scanning the doubtful voucher says %q, and shows %v for handing out", v.Message.Code, v.Voucher)
			}
		default:
			c.must("Reprint", c.Till.Reprint(cashierOne, id))
		}
	}
	j := c.job(id)
	if j.State != printjob.Printed || j.Kind != slip.Voucher {
		t.Errorf("in the end the job is %s, want a printed voucher; %d papers: %q", j.State, len(c.said), c.said)
	}
	for n, said := range c.said {
		if again := strings.Contains(said, "补打"); again && j.Attempt < 2 {
			t.Errorf("paper %d is marked as a reprint after %d attempt(s): %q", n, j.Attempt, said)
		}
	}
	if whole := c.whole(); whole > int(j.Attempt) {
		t.Errorf("%d whole vouchers lie about after %d attempt(s)", whole, j.Attempt)
	}
	if n := c.handOuts(id, len(c.said)); n != 1 {
		t.Errorf("%d sets were handed out for %d papers, want one", n, len(c.said))
	}
	if report := c.Verify(t); report.Entries == 0 {
		t.Error("the ledger is empty")
	}
}

// whole counts the papers that show the whole voucher: its code and its last line.
func (c *bench) whole() int {
	n := 0
	for _, said := range c.settlePapers() {
		if strings.Contains(said, "[picture") && strings.Contains(said, "追溯号") {
			n++
		}
	}
	return n
}

// TestPrinterThatCannotTell has every voucher scanned back.
func TestPrinterThatCannotTell(t *testing.T) {
	c := newBench(t, virtual.Character{})
	c.printer.SetMute(true)
	id := c.voucher()
	daemon := c.daemon()
	_, err := daemon.Next(t.Context())
	c.must("Next", err)
	if j := c.job(id); j.State != printjob.Sent || j.Prompt() != "prompt-scan" || c.Till.Doubt().Unproved != 1 {
		t.Errorf("on a mute printer the job is %+v, in doubt are %+v", j, c.Till.Doubt())
	}
	c.must("Scan", c.Till.Scan(cashierOne, "", c.code(id)))
	if j := c.job(id); j.State != printjob.Printed || j.Reason != printjob.Scanned || c.Till.Doubt().Unproved != 0 {
		t.Errorf("after scanning the job is %+v, in doubt are %+v", j, c.Till.Doubt())
	}
}

// TestTwoUnknownsStopTheQueue keeps a printer that eats papers from eating all.
func TestTwoUnknownsStopTheQueue(t *testing.T) {
	c := newBench(t, virtual.Character{NoEcho: true})
	var ids []uint64
	for range 4 {
		ids = append(ids, c.sale())
	}
	daemon := c.daemon()
	for range 6 {
		_, err := daemon.Next(t.Context())
		c.must("Next", err)
	}
	var states []string
	for _, id := range ids {
		states = append(states, string(c.job(id).State))
	}
	if got := fmt.Sprint(states); got != "[unknown unknown queued queued]" || !c.Till.Doubt().Held {
		t.Errorf("the jobs are %s, held %+v, want two unknown, two waiting, and the queue held", got, c.Till.Doubt())
	}
	c.must("Settle", c.Till.Settle(cashierOne, ids[0]))
	if c.Till.Doubt().Held || c.job(ids[0]).Reason != printjob.Seen {
		t.Error("the queue is still held after somebody looked")
	}
	_, err := daemon.Next(t.Context())
	c.must("Next", err)
	if j := c.job(ids[2]); j.State != printjob.Sent {
		t.Errorf("the next job is %s, want sent: by now the printer is known not to tell", j.State)
	}
}

// TestLatePapersWaitForAPerson comes back from a long time without a printer.
func TestLatePapersWaitForAPerson(t *testing.T) {
	c := newBench(t, virtual.Character{})
	id := c.voucher()
	c.printer.SetPaperOut(true)
	daemon := c.daemon()
	_, err := daemon.Next(t.Context())
	c.must("Next", err)
	if j := c.job(id); j.State != printjob.Queued || j.Attempt != 1 {
		t.Errorf("without paper the job is %+v, want it waiting and untouched", j)
	}
	c.Clock.Advance(31 * time.Minute)
	c.printer.SetPaperOut(false)
	_, err = daemon.Next(t.Context())
	c.must("Next", err)
	if j := c.job(id); j.State != printjob.Expired || j.Prompt() != "prompt-print" || len(c.settlePapers()) != 0 {
		t.Errorf("half an hour late the job is %+v and the papers say %q, want it expired and no paper", j, c.said)
	}
	c.must("Reprint", c.Till.Reprint(cashierOne, id))
	_, err = daemon.Next(t.Context())
	c.must("Next", err)
	if j := c.job(id); j.State != printjob.Printed || j.Attempt != 1 || c.whole() != 1 || strings.Contains(c.said[0], "补打") {
		t.Errorf("asked for, the job is %+v and the papers say %q, want the first and only one", j, c.said)
	}
}
