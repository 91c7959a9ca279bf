package assemble_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
	"github.com/jifen-pos/jifen/cmd/internal/publishtool"
	"github.com/jifen-pos/jifen/config"
	"github.com/jifen-pos/jifen/config/demo"
	"github.com/jifen-pos/jifen/sync/hq/keeping"
)

// newHQ is the real HQ with the demo's documents, in a folder of its own.
func newHQ(t *testing.T) (h *assemble.HQ, data string) {
	t.Helper()
	dir := t.TempDir()
	data = filepath.Join(dir, "hq")
	for name, b := range map[string][]byte{"programme": demo.Programme, "products": demo.Products, "members": demo.Members} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h, err := assemble.NewHQ(config.HQ{
		Data: data, Broker: config.Broker{Embedded: true, Listen: "127.0.0.1:0"}, Dashboard: config.Web{Listen: "127.0.0.1:0"},
		Terminals: []config.Station{{ID: 1, Name: "one", Store: "S001"}},
		Documents: config.Documents{
			Programme: filepath.Join(dir, "programme"), Products: filepath.Join(dir, "products"), Members: filepath.Join(dir, "members"),
		},
	}, assemble.RealWorld("test", slog.New(slog.DiscardHandler)))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Listen(); err != nil {
		t.Fatal(err)
	}
	return h, data
}

// HQ whose grant log cannot be written ends and says why, so that it is started anew.
func TestHQEndsWhenItsGrantLogCannotBeWritten(t *testing.T) {
	h, _ := newHQ(t)
	ended := make(chan error, 1)
	go func() { ended <- h.Run(t.Context()) }()
	if err := h.LoseGrants(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, keeping.ErrBroken) {
		t.Errorf("Run() = %v, want why it ended", err)
	}
	_ = h.Close()
}

// Boards and programmes are asked about at one socket of HQ.
func TestHQIsAskedAboutBoardsAndProgrammes(t *testing.T) {
	h, data := newHQ(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	}()

	code, _, err := assemble.Invite(ctx, data, 1, false)
	if err != nil || code == "" {
		t.Errorf("invite: code %q, %v", code, err)
	}
	if _, _, err := assemble.Invite(ctx, data, 2, false); err == nil {
		t.Error("a terminal that HQ does not know was invited")
	}
	if list, err := assemble.Waiting(ctx, data); err != nil || len(list) != 0 {
		t.Errorf("waiting: %v, %v", list, err)
	}
	again, err := publishtool.RollBack(ctx, publishtool.Asked{Data: data, By: "p1", Reason: "why"})
	if err == nil {
		t.Errorf("a programme with none before it was taken back: %+v", again)
	}
	if _, err := publishtool.Adoption(ctx, data); err != nil {
		t.Errorf("adoption: %v", err)
	}
	if err := assemble.RotateAuthority(data, false); err == nil {
		t.Error("the authority was turned over while HQ holds it")
	}
}
