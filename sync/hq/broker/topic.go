package broker

import (
	"strconv"
	"strings"
)

// Topics are jifen/v1/<branch>/…: up/<bucket>/<terminal>, down/<terminal>, state/<terminal>.
const (
	root    = "jifen"
	version = "v1"
	up      = "up"
	down    = "down"
	state   = "state"
	buckets = 64
)

// maxName is the longest terminal id, in bytes.
const maxName = 64

// sound says whether an identity can be told apart from every other one by client id and topic level.
func (i Identity) sound() bool {
	switch i.Role {
	case HQ:
		return i.Terminal == ""
	case Terminal:
		return name(i.Terminal) && i.Terminal != "hq"
	}
	return false
}

// owns says whether a client id belongs to the identity: "t1." or "hq." and whatever follows.
func (i Identity) owns(clientID string) bool {
	return strings.HasPrefix(clientID, i.who()+".")
}

// who is the identity as one word.
func (i Identity) who() string {
	if i.Role == HQ {
		return "hq"
	}
	return i.Terminal
}

// mayPublish compares level by level; it never matches patterns.
func (i Identity) mayPublish(topic string) bool {
	branch, rest, ok := split(topic)
	if !ok || !i.sound() {
		return false
	}
	switch {
	case i.Role == HQ:
		return branch == down && len(rest) == 1 && name(rest[0])
	case branch == up:
		return len(rest) == 2 && bucket(rest[0]) && rest[1] == i.Terminal
	case branch == state:
		return len(rest) == 1 && rest[0] == i.Terminal
	}
	return false
}

// mayRead judges a filter that is asked for and, in the same way, a topic that is about to be delivered.
func (i Identity) mayRead(filter string) bool {
	branch, rest, ok := split(filter)
	if !ok || !i.sound() {
		return false
	}
	if i.Role == HQ {
		return (branch == up || branch == state) && len(rest) > 0
	}
	return branch == down && len(rest) == 1 && rest[0] == i.Terminal
}

// split takes a topic apart; false if it is not one of ours.
func split(topic string) (branch string, rest []string, ok bool) {
	levels := strings.Split(topic, "/")
	if len(levels) < 4 || levels[0] != root || levels[1] != version {
		return "", nil, false
	}
	return levels[2], levels[3:], true
}

// bucket says whether s is a number from 0 to 63, written plainly.
func bucket(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n < buckets && strconv.Itoa(n) == s
}

// name says whether s can be a terminal id: lower-case letters, digits and hyphens.
func name(s string) bool {
	if s == "" || len(s) > maxName {
		return false
	}
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}
