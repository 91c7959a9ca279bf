//go:build foreign

package virtual_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jifen-pos/jifen/devices/virtual"
)

// npm receiptio 2.1.2 as a client that is not ours: it asks our printer how it
// is, and believes that a receipt is printed. It knows only port 9100;
// scripts/foreign.sh runs this.
func TestReceiptioBelievesOurPrinter(t *testing.T) {
	program := os.Getenv("JIFEN_RECEIPTIO")
	if program == "" {
		t.Fatal("JIFEN_RECEIPTIO does not name receiptio: run scripts/foreign.sh")
	}
	papers := make(chan virtual.PaperInfo, 10)
	printer, err := virtual.NewPrinter(virtual.PrinterOptions{
		Address: "127.0.0.1:9100", Dir: t.TempDir(), OnPaper: func(p virtual.PaperInfo) { papers <- p },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- printer.Run(ctx) }()
	defer func() { cancel(); <-done }()
	run := func(want string, args ...string) {
		t.Helper()
		limit, stop := context.WithTimeout(t.Context(), time.Minute)
		defer stop()
		command := exec.CommandContext(limit, "node", append([]string{program, "-d", "127.0.0.1"}, args...)...)
		out, err := command.CombinedOutput()
		if got := strings.TrimSpace(string(out)); got != want {
			t.Errorf("receiptio %v = %q, %v, want %q", args, got, err, want)
		}
	}
	file := t.TempDir() + "/r.receipt"
	if err := os.WriteFile(file, []byte("^^^红米好物\n大米 | 59.90\n{c:JF1.V.X;o:qrcode}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	printing := []string{"-l", "zh-hans", "-c", "32", "-t", "10", file}
	run("online", "-q")
	run("success", printing...)
	if p := nextPaper(t, papers); !strings.Contains(p.Text, "红米好物") {
		t.Errorf("the paper says %q", p.Text)
	}
	printer.SetPaperOut(true)
	run("paperempty", "-q")
	run("paperempty", printing...)
	printer.SetPaperOut(false)
	printer.SetCoverOpen(true)
	run("coveropen", "-q")
	printer.SetCoverOpen(false)
	printer.PowerOff()
	run("disconnect", "-q")
	if err := printer.PowerOn(); err != nil {
		t.Fatal(err)
	}
	run("success", printing...)
}
