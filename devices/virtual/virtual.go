// Package virtual holds working imitations of devices for the demo and for
// tests: a scanner behind a pseudo terminal and a printer behind a TCP port.
// Each does what the real device does on the wire, so the drivers that serve
// real devices serve these unchanged.
//
// It never stands in for a driver, never decides what a scan or a receipt
// means, and knows nothing of sales or members.
package virtual
