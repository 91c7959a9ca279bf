// Package devicetest holds devices that a test plugs in, plays with and pulls
// out: a scanner on a pseudo terminal whose bytes, gaps and unplugging the test
// decides.
//
// It is imported by tests only and never checks anything itself; what a test
// wants to see, the test asserts.
package devicetest
