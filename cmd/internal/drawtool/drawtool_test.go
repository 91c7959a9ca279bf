package drawtool_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/drawtool"
	"github.com/jifen-pos/jifen/terminal/game"
)

const document = `programme: spring
version: 1
name: {zh: 春, en: Spring}
zone: Asia/Shanghai
business_day_cut: "04:00"
points: [{asset: points:consumption, name: {zh: 积分, en: Points}, worth: {points: 100, fen: 100}, expires: {months: 12, at: month-end}}]
merchants: [{id: m1, name: {zh: 超市, en: Market}, unit_cost: 1000}]
earn: [{id: base, asset: points:consumption, rate: {points: 1, fen: 100}}]
deduct: {asset: points:consumption, step_fen: 1, max_share_bp: 5000, min_points: 100, max_fen: 20000}
benefits: []
allotment: {keep_fen: 5000, ask_fen: 20000}
games:
  - id: wheel
    name: {zh: 转盘, en: Wheel}
    kind: wheel
    stake: {asset: points:consumption, points: 10}
    batch: 10
    prizes:
      - {id: ten, name: {zh: 10 积分, en: 10 points}, weight: 300000, worth_fen: 10, asset: points:consumption, points: 10}
      - {id: none, name: {zh: 谢谢参与, en: No prize}, weight: 700000, nothing: true}
`

func TestABatchIsSealedAndChecked(t *testing.T) {
	dir := t.TempDir()
	rules, batch := filepath.Join(dir, "programme.yaml"), filepath.Join(dir, "wheel.json")
	write(t, rules, document)
	if err := drawtool.Seal(rules, "wheel", "b1", "t1", batch, strings.NewReader(strings.Repeat("s", 32))); err != nil {
		t.Fatalf("Seal: %v", err)
	}
	if err := drawtool.Seal(rules, "wheel", "b1", "t1", batch, strings.NewReader(strings.Repeat("x", 32))); !errors.Is(err, os.ErrExist) {
		t.Errorf("Seal again: got %v, want that nothing is written over", err)
	}
	if info, err := os.Stat(batch + drawtool.SeedEnding); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the seed's file: got %v, %v; want one that nobody else reads", info, err)
	}
	text, err := os.ReadFile(batch)
	if err != nil || bytes.Contains(text, []byte(strings.Repeat("73", 32))) {
		t.Fatalf("the batch tells its seed, or %v", err)
	}
	var said bytes.Buffer
	if err := drawtool.Verify(batch, &said); !errors.Is(err, drawtool.ErrDraw) || !strings.Contains(said.String(), "not published yet") {
		t.Errorf("Verify before the seed is published: got %v, %s", err, said.String())
	}

	a, err := game.ReadArchive(text)
	if err != nil {
		t.Fatal(err)
	}
	a.Reveal(game.Seed([]byte(strings.Repeat("s", 32))))
	open, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	write(t, batch, string(open))
	said.Reset()
	if err := drawtool.Verify(batch, &said); err != nil || !strings.Contains(said.String(), "还剩 10 张") {
		t.Errorf("Verify of a batch that nobody played: got %v, %s", err, said.String())
	}
	write(t, batch, strings.Replace(string(open), `"count": 3`, `"count": 4`, 1))
	if err := drawtool.Verify(batch, &said); !errors.Is(err, drawtool.ErrDraw) {
		t.Errorf("Verify of a changed table: got %v, want ErrDraw", err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
