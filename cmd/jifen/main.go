// Command jifen is the operator's tool: it starts the demonstration, scans on
// a virtual scanner, and checks ledgers.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/jifen-pos/jifen/terminal/signing"
)

var version = "dev"

// Exit codes.
const (
	exitOK    = 0
	exitFault = 1 // it did not work, or a ledger does not verify
	exitUsage = 2
)

// command is one of the tool's commands.
type command struct {
	name, args, what string
	run              func(args []string, out, errs io.Writer) error
}

var commands = []command{
	{"demo", "", "start HQ and one terminal with sample data; Ctrl-C stops both", demo},
	{"scan", "CODE", "scan a code on a terminal's virtual scanner", scan},
	{"devices", "[COMMAND]", "list scanners and printers, try one, or read a scanner's bytes", devices},
	{"verify", "LEDGER", "fold a ledger from its journal and compare it with its state", verify},
	{"rebuild", "LEDGER", "fold a ledger's state anew from its journal into a new file", rebuild},
	{"backup", "LEDGER TO", "copy a ledger into a file, also while its terminal runs", backup},
	{"compact", "LEDGER", "write a ledger anew without the room that it no longer needs", compact},
	{"archive", "LEDGER UPTO", "seal entries that HQ has in two places, up to one, so that they leave a ledger", archive},
	{"certificate", "verify", "check the code on a receipt that proves what points it awarded", certificate},
	{"api", "check|token", "try the local API of a running terminal with sample data against its contract; make a token for a program that vouches for people", localAPI},
	{"draw", "list|fetch|verify|seal|collect", "at HQ: list the batches of games and fetch one; check a finished one", draw},
	{"enrolled", "", "at HQ: list who joined at the tills, with what was sealed for HQ: a table to be kept safe", enrolled},
	{"history", "MEMBER", "tell everything in a ledger that touched a member", history},
	{"join", "CODE", "hand a board the code with which it enrols at HQ", join},
	{"board", "invite|waiting|admit|end", "at HQ: invite a board, say yes to one, decommission one", board},
	{"authority", "", "at HQ: let a new authority follow on the one that signs certificates", authority},
	{"move", "BOOK TO", "at HQ: move HQ's book into another file or database, while HQ is stopped", moveBook},
	{"newkey", "", "at HQ: let another key follow on the one under which HQ signs what it tells terminals", newKey},
	{"paper", "FILE", "read the bytes of a print job: picture, text, codes, cuts and drawer kicks", readPaper},
	{"pass", "MEMBER", "make a member's pass, as HQ would for the member's phone", pass},
	{"pin", "", "read a PIN and write what stands for it in the settings", pin},
	{"poster", "ACTIVITY", "at HQ: make the sheet whose code checks members in at an activity", activityPoster},
	{"programme", "lint|quote|schema|replay|publish|rollback|adoption", "check a programme document, price a basket under it, run a draft over past sales, publish it at HQ", programmeDocument},
	{"voices", "list|approve|refuse|survey", "at HQ: what members wrote and answered on the page that a receipt opens", voices},
	{"makegood", "list|apply", "at HQ: what members are to have for points that they could not use; give it", makeGood},
	{"stock", "BENEFIT N", "at HQ: add pieces of a limited benefit", stock},
	{"member", "find|match|merge|unmerge|block|unblock|household|adjust|recall", "at HQ: what a person decides of members, and mends of their points", memberOffice},
	{"incident", "NAME", "at HQ: let last longer what ended while members could not use it", incident},
	{"conflicts", "list|choose|settle", "at HQ: what waits for a person, and the exposure; settle it", conflicts},
	{"exposure", "TERMINAL", "at HQ: what the store may lose at a terminal", exposure},
	{"trust", "TERMINAL", "at HQ: let a terminal use more on trust after boots that nothing proves, up to a sum, or no more", trust},
	{"unlock", "TERMINAL PERSON", "at HQ: let somebody who gave ten wrong PINs at a terminal try again", unlock},
	{"settle", "", "what merchants owe each other for points, by month: text or CSV", settle},
	{"sim", "", "lead simulated chains of stores through every harm, or tell the story of a member in one", sim},
	{"version", "", "print the version", func(_ []string, out, _ io.Writer) error {
		_, err := fmt.Fprintln(out, "jifen", version)
		return err
	}},
}

// errUsage says that the command line was wrong; what is wrong has been said.
var errUsage = errors.New("usage")

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, out, errs io.Writer) int {
	if len(args) == 0 {
		usage(errs)
		return exitUsage
	}
	for _, c := range commands {
		if c.name != args[0] {
			continue
		}
		if !signing.Real && c.name != "sim" {
			fmt.Fprintf(errs, "jifen %s: this build only simulates, since its signatures prove nothing: build it without the tag cheapsigning\n", c.name)
			return exitFault
		}
		switch err := c.run(args[1:], out, errs); {
		case err == nil, errors.Is(err, flag.ErrHelp):
			return exitOK
		case errors.Is(err, errUsage):
			return exitUsage
		default:
			fmt.Fprintf(errs, "jifen %s: %v\n", c.name, err)
			return exitFault
		}
	}
	fmt.Fprintf(errs, "jifen: there is no command %q\n", args[0])
	usage(errs)
	return exitUsage
}

func usage(errs io.Writer) {
	fmt.Fprintln(errs, "jifen COMMAND:")
	for _, c := range commands {
		fmt.Fprintf(errs, "  %-8s %-11s %s\n", c.name, c.args, c.what)
	}
	fmt.Fprintln(errs, "Exit codes: 0 done, 1 failed or found wrong, 2 wrong command line.")
}

// some is how many arguments a command takes that takes one or more.
const some = -1

// parse reads a command's flags and its arguments, of which it takes exactly n.
// Flags may also stand behind arguments.
func parse(f *flag.FlagSet, args []string, n int, errs io.Writer) error {
	f.SetOutput(errs)
	var rest []string
	for {
		if err := f.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return err
			}
			return errUsage
		}
		if f.NArg() == 0 {
			break
		}
		rest, args = append(rest, f.Arg(0)), f.Args()[1:]
	}
	if n == some && len(rest) == 0 {
		fmt.Fprintf(errs, "jifen %s takes one argument or more\n", f.Name())
		return errUsage
	}
	if n == some {
		n = len(rest)
	}
	if err := f.Parse(append([]string{"--"}, rest...)); err != nil || f.NArg() != n {
		fmt.Fprintf(errs, "jifen %s takes %d argument(s), not %d\n", f.Name(), n, len(rest))
		return errUsage
	}
	return nil
}
