package control_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"github.com/jifen-pos/jifen/cmd/internal/control"
)

// A fault over one request is told to who made it, and the next is served.
func TestAFaultEndsOneRequest(t *testing.T) {
	dir, log := t.TempDir(), new(strings.Builder)
	c, err := control.New(dir, func(_ context.Context, request json.RawMessage) (any, error) {
		var n []int
		if err := json.Unmarshal(request, &n); err != nil {
			return nil, err
		}
		return n[1], nil
	}, slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Run(ctx)
	}()
	var got int
	if err := control.Ask(ctx, dir, []int{1}, &got); err == nil || !strings.Contains(err.Error(), control.ErrBroke.Error()) {
		t.Errorf("Ask() for what breaks = %v, want a word of the fault", err)
	}
	if err := control.Ask(ctx, dir, []int{1, 2}, &got); err != nil || got != 2 {
		t.Errorf("Ask() after it = %d, %v; want 2", got, err)
	}
	stop()
	<-done
	if !strings.Contains(log.String(), "control_test.go") {
		t.Errorf("the log does not say where it broke: %s", log)
	}
}
