package boltstore

// MountWarnings is what CheckMount says of a path under mounts like these.
func MountWarnings(mounts, path string) []string { return warnings(under(parseMounts(mounts), path)) }
