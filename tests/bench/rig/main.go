// Command rig is the measuring half of the bench: an instant engine and a streaming load, light enough
// to share one core.
//
//	rig mock 127.0.0.1:18000    serve the instant engine
//	rig load < plan.json        run streams, print every arrival as JSON
package main

import (
	"fmt"
	"os"
	"runtime/debug"
)

func main() {
	// A collection in the middle of a measurement would be read as the gateway's fault.
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(256 << 20)

	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "mock":
		err = serveMock(os.Args[2])
	case len(os.Args) == 2 && os.Args[1] == "load":
		err = runLoad(os.Stdin, os.Stdout)
	default:
		err = fmt.Errorf("usage: rig mock HOST:PORT | rig load < plan.json")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "rig:", err)
		os.Exit(2)
	}
}
