// Package signing makes and checks the signatures of everything that is signed
// here: entries, messages, HQ's journal, papers. They are Ed25519 in every program.
// Built with the tag cheapsigning, as the simulation's long runs are, they are a hash
// instead, which anybody can make who knows the public key, and which costs a hundredth:
// with it a simulated world does the same, step by step, in half the time; the daemons
// cannot be built so, and the tool then only simulates. It never keeps a key.
package signing

import "crypto/ed25519"

// Size is how long a signature is.
const Size = ed25519.SignatureSize
