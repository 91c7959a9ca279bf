package assemble

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/jifen-pos/jifen/cmd/internal/keeper"
	"github.com/jifen-pos/jifen/config"
)

// Exit codes of the daemons.
const (
	exitOK     = 0
	exitFault  = 1 // could not start, or had to stop
	exitUsage  = 2
	readyWords = "ready" // what a daemon writes, with its address, once it serves
)

// daemon is what both daemons can do.
type daemon interface {
	Listen() error
	Addr() string
	Run(context.Context) error
	Close() error
}

// auditCommand is the first argument of a jifend that looks through a copy of
// its ledger, and is no daemon.
const auditCommand = "audit"

// MainTerminal is jifend.
func MainTerminal(args []string, version string, out, errs io.Writer) int {
	if len(args) > 0 && args[0] == auditCommand {
		if err := keeper.Child(args[1:], out, errs); err != nil {
			fmt.Fprintf(errs, "jifend: %v\n", err)
			return exitFault
		}
		return exitOK
	}
	return daemonMain("jifend", args, version, out, errs, func(path string, log *slog.Logger, level *slog.LevelVar) (daemon, error) {
		cfg, err := config.LoadTerminal(path)
		if err != nil {
			return nil, err
		}
		level.Set(cfg.Log.Threshold())
		return NewTerminal(cfg, RealWorld(version, log))
	})
}

// MainHQ is jifenhq.
func MainHQ(args []string, version string, out, errs io.Writer) int {
	return daemonMain("jifenhq", args, version, out, errs, func(path string, log *slog.Logger, level *slog.LevelVar) (daemon, error) {
		cfg, err := config.LoadHQ(path)
		if err != nil {
			return nil, err
		}
		level.Set(cfg.Log.Threshold())
		debug.SetGCPercent(400) // a backlog makes much garbage, and HQ's machine has room: a sixth less work
		return NewHQ(cfg, RealWorld(version, log))
	})
}

func daemonMain(name string, args []string, version string, out, errs io.Writer, open func(string, *slog.Logger, *slog.LevelVar) (daemon, error)) int {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(errs)
	path := flags.String("config", "/etc/jifen/"+name+".toml", "the settings, a TOML `file`")
	showVersion := flags.Bool("version", false, "print the version and end")
	if err := flags.Parse(args); err != nil {
		return exitUsage
	}
	if *showVersion {
		fmt.Fprintln(out, name, version)
		return exitOK
	}
	var level slog.LevelVar
	log := slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: &level}))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	err := serve(ctx, out, func() (daemon, error) { return open(*path, log, &level) })
	if err != nil {
		fmt.Fprintf(errs, "%s: %v\n", name, err)
		return exitFault
	}
	return exitOK
}

func serve(ctx context.Context, out io.Writer, open func() (daemon, error)) error {
	d, err := open()
	if err != nil {
		return err
	}
	if err := d.Listen(); err != nil {
		return errors.Join(err, d.Close())
	}
	fmt.Fprintf(out, "%s http://%s\n", readyWords, d.Addr())
	return errors.Join(d.Run(ctx), d.Close())
}
