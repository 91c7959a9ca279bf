package mount

// Findings is what Check says of a path under mounts like these.
func Findings(mounts, path string) []Finding { return findings(under(parseMounts(mounts), path)) }
