// Package demo holds the documents of the demonstration: a programme, the
// products of four merchants and twenty members. It is data only; nobody in it
// is a real person, and no shop may sell by it.
package demo

import _ "embed"

// The documents, to be read by terminal/programme.
var (
	//go:embed programme.yaml
	Programme []byte
	//go:embed products.csv
	Products []byte
	//go:embed members.csv
	Members []byte
)
