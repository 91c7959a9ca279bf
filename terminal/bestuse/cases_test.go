package bestuse_test

import "flag"

// Each property is tried on so many baskets; -rapid.checks asks for more.
func init() {
	if err := flag.Set("rapid.checks", "1000"); err != nil {
		panic(err)
	}
}
