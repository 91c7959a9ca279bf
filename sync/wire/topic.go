package wire

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/jifen-pos/jifen/terminal/ledger"
)

// Buckets is into how many parts terminals are divided, so that several HQ
// processes can share the work.
const Buckets = 64

// Topic filters that HQ subscribes to.
const (
	AllUp    = "jifen/v1/up/+/+"
	AllState = "jifen/v1/state/+"
)

// Bucket is the part a terminal belongs to, for ever.
func Bucket(t ledger.TerminalID) uint32 {
	h := fnv.New32a()
	h.Write([]byte(t.String()))
	return h.Sum32() % Buckets
}

// UpTopic is where a terminal publishes.
func UpTopic(t ledger.TerminalID) string { return fmt.Sprintf("jifen/v1/up/%d/%s", Bucket(t), t) }

// DownTopic is where a terminal listens.
func DownTopic(t ledger.TerminalID) string { return "jifen/v1/down/" + t.String() }

// StateTopic is where a terminal's presence stands: a hint, retained.
func StateTopic(t ledger.TerminalID) string { return "jifen/v1/state/" + t.String() }

// The payloads of a state topic.
const (
	StateOnline  = "online"
	StateOffline = "offline"
)

// TopicOf reads a topic that HQ receives on: whose it is, and whether it
// carries messages or presence.
func TopicOf(topic string) (t ledger.TerminalID, up bool, err error) {
	parts := strings.Split(topic, "/")
	t, err = ledger.ParseTerminalID(parts[len(parts)-1])
	switch {
	case err != nil:
		return 0, false, err
	case topic == UpTopic(t):
		return t, true, nil
	case topic == StateTopic(t):
		return t, false, nil
	}
	return 0, false, fmt.Errorf("topic %q is not of %s", topic, t)
}
