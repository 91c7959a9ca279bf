package token

// For the tests of the alphabet, which callers never meet.
var (
	EncodeBase45 = encodeBase45
	DecodeBase45 = decodeBase45
)
