//go:build !cheapsigning

// Command jifend is the terminal of a store: one ledger, its lanes and
// devices, and the link to headquarters.
package main

import (
	"os"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
)

var version = "dev"

func main() { os.Exit(assemble.MainTerminal(os.Args[1:], version, os.Stdout, os.Stderr)) }
