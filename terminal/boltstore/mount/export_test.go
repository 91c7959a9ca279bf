package mount

// Warnings is what Check says of a path under mounts like these.
func Warnings(mounts, path string) []string { return warnings(under(parseMounts(mounts), path)) }
