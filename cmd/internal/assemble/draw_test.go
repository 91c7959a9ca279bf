package assemble_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/cmd/internal/drawtool"
	"github.com/jifen-pos/jifen/cmd/internal/shelf"
	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/hq/book"
	"github.com/jifen-pos/jifen/sync/hq/dealing"
	"github.com/jifen-pos/jifen/sync/hq/library"
	"github.com/jifen-pos/jifen/terminal/ledger"
	"github.com/jifen-pos/jifen/terminal/lot"
)

const wheel = `games:
  - id: spring
    name: {zh: 新春转盘, en: Spring wheel}
    kind: wheel
    funder: m1
    stake: {asset: points:consumption, points: 1}
    batch: 20
    prizes:
      - {id: tea, name: {zh: 茶, en: Tea}, weight: 100000, worth_fen: 600, benefit: tea-set, in_all: 4}
      - {id: points, name: {zh: 20 积分, en: 20 points}, weight: 300000, worth_fen: 20, asset: points:consumption, points: 20}
      - {id: none, name: {zh: 谢谢参与, en: No prize}, weight: 600000, nothing: true}
`

// otherGames is the demonstration's programme with one game instead of its own.
func otherGames(t *testing.T) []byte {
	t.Helper()
	own := regexp.MustCompile(`(?m)^games:\n(?:[ #-].*\n)*`)
	if !own.Match(demo.Programme) {
		t.Fatal("the demonstration has no games")
	}
	return own.ReplaceAllLiteral(demo.Programme, []byte(wheel))
}

// newShelved is a pair whose documents come over the line.
func newShelved(t *testing.T, rules []byte) *pair {
	t.Helper()
	p := newPairUnder(t, 7, rules)
	dir := t.TempDir()
	paths := config.Documents{Programme: filepath.Join(dir, "programme.yaml"), Products: filepath.Join(dir, "products.csv"), Members: filepath.Join(dir, "members.csv")}
	for path, text := range map[string][]byte{paths.Programme: rules, paths.Products: demo.Products, paths.Members: demo.Members} {
		p.must("WriteFile", os.WriteFile(path, text, 0o600))
	}
	docs, err := shelf.Load(paths, []byte("a key that hides phone numbers"))
	p.must("Load", err)
	p.must("Publish", shelf.Publish(p.hq, docs))
	p.shelf, _, err = shelf.New(filepath.Join(dir, "terminal"), docs, p.bench.Key, p.now)
	p.must("New", err)
	p.restart()
	return p
}

// wait lets so much time pass with the line up; what HQ published comes into force.
func (p *pair) wait(d time.Duration) {
	p.t.Helper()
	if !p.term.Online() {
		p.connect()
	}
	for range d / (500 * time.Millisecond) {
		p.step(500 * time.Millisecond)
		p.must("Due", p.shelf.Due(p.bench.Till.Use))
	}
}

// HQ seals the batches, the till plays them, and when one is finished anybody can
// see that it was as published; a prize that is used up ends the game (caps G1
// and G2, rule S20).
func TestGameIsPlayedFromSealToReveal(t *testing.T) {
	p := newShelved(t, otherGames(t))
	p.wait(2 * time.Minute)
	draws, err := p.public().Draws()
	p.must("Draws", err)
	if len(draws) != 1 || draws[0].Tickets != 20 || draws[0].Revealed != 0 {
		t.Fatalf("HQ dealt %+v, want one batch of 20 tickets", draws)
	}
	before := p.published(draws[0])
	p.nothingTold(before)

	won := map[string]lot.Amount{}
	for range 40 { // of both batches that there are pieces for
		p.must("Scan", p.bench.Till.Scan(by, "", "HM10001138Y"))
		p.wait(5 * time.Second) // for points out of HQ's hand
		v, err := p.bench.Till.View(1)
		p.must("View", err)
		done, err := p.bench.Till.Play(by, v.Ref, "spring")
		p.must("Play", err)
		won[done.Entry.Body.(*ledger.Play).Stake.Prize]++
		p.must("Clear", p.bench.Till.Clear(by))
		p.wait(time.Minute)
	}
	if won["tea"] != 4 || won["points"] != 12 || won[""] != 24 {
		t.Errorf("won %v, want 4, 12 and 24: twice what the table says of twenty", won)
	}
	p.must("Scan", p.bench.Till.Scan(by, "", "HM10001138Y"))
	v, err := p.bench.Till.View(1)
	p.must("View", err)
	if _, err := p.bench.Till.Play(by, v.Ref, "spring"); err == nil || !strings.Contains(err.Error(), "no-batch") {
		t.Errorf("Play after the prizes ran out = %v, want no-batch", err)
	}
	p.must("Clear", p.bench.Till.Clear(by))
	p.wait(2 * time.Minute)
	p.settle()
	if draws, err = p.public().Draws(); err != nil || len(draws) != 2 {
		t.Fatalf("Draws = %+v, %v; want two", draws, err)
	}
	for _, d := range draws {
		if d.Played != 20 || d.Revealed == 0 {
			t.Errorf("batch %s: %d played, revealed on day %d; want 20, and its seed published", d.Batch, d.Played, d.Revealed)
		}
		path := p.published(d)
		var out bytes.Buffer
		if err := drawtool.Verify(path, &out); err != nil || !strings.Contains(out.String(), "all 20 tickets are as published") {
			t.Errorf("jifen draw verify: %v\n%s", err, out.String())
		}
		text, err := os.ReadFile(path)
		p.must("ReadFile", err)
		p.must("WriteFile", os.WriteFile(path, bytes.Replace(text, []byte(`"prize": "tea"`), []byte(`"prize": "points"`), 2), 0o600))
		if err := drawtool.Verify(path, &out); !errors.Is(err, drawtool.ErrDraw) {
			t.Errorf("a batch with another result: got %v, want ErrDraw", err)
		}
	}
	overview, err := p.hq.Overview()
	p.must("Overview", err)
	if len(overview.Alarms) != 1 || overview.Alarms[0].Code != "alarm-prize-out" {
		t.Errorf("alarms %+v, want that a prize is used up, once", overview.Alarms)
	}
	p.must("Check", p.hq.Check())
	p.bench.Verify(t)
}

func (p *pair) public() dealing.Public { return dealing.Public{Book: p.book} }

// published is the file of a batch as anybody may have it.
func (p *pair) published(d dealing.Draw) string {
	p.t.Helper()
	a, err := p.public().Draw(d.Game, d.Batch)
	p.must("Draw", err)
	text, err := a.Encode()
	p.must("Encode", err)
	path := filepath.Join(p.t.TempDir(), d.Batch+".json")
	p.must("WriteFile", os.WriteFile(path, text, 0o600))
	return path
}

// nothingTold looks for the seed in all that whoever reads along can have.
func (p *pair) nothingTold(path string) {
	p.t.Helper()
	text, err := os.ReadFile(path)
	p.must("ReadFile", err)
	if bytes.Contains(text, []byte(`"seed"`)) {
		p.t.Error("the seed is published before the batch is finished")
	}
	p.must("View", p.book.View(func(tx book.Tx) error {
		t, err := tx.Terminal(1)
		if err != nil {
			return err
		}
		b, err := library.DealsOf(tx, t.ID)
		if err != nil || len(b) == 0 {
			p.t.Errorf("HQ has no deals for the terminal: %v", err)
		}
		if bytes.Contains(b, []byte("spring")) {
			p.t.Error("the deals go out in the clear")
		}
		return nil
	}))
}
