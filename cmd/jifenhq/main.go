//go:build !cheapsigning

// Command jifenhq is headquarters: the book of all terminals, the broker they
// meet at, and the dashboard.
package main

import (
	"os"

	"github.com/jifen-pos/jifen/cmd/internal/assemble"
)

var version = "dev"

func main() { os.Exit(assemble.MainHQ(os.Args[1:], version, os.Stdout, os.Stderr)) }
