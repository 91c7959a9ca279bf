package broker

import (
	"errors"
	"slices"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/packets"
)

// listenerID names our own listener to the server.
const listenerID = "jifen"

var (
	errVersion   = errors.New("it does not speak MQTT 3.1.1")
	errKeepAlive = errors.New("it asks for no keep-alive, or too long a one")
	errSession   = errors.New("it asks for a session that is kept")
	errUnknown   = errors.New("its certificate, or its user name and password, belong to nobody")
	errForeignID = errors.New("its client id belongs to somebody else")
	errWill      = errors.New("its will is for a topic that it may not publish")
	errTopic     = errors.New("it may not publish this topic")
	errFilter    = errors.New("it may not read this topic")
	errQoS       = errors.New("it publishes with QoS 2")
)

// hook is what the server asks. An error from most hooks is ignored for MQTT 3.1.1 clients; only
// packets.ErrRejectPacket means something, so no other is returned where that matters.
type hook struct {
	mqtt.HookBase
	b *Broker
}

var hooks = []byte{
	mqtt.OnConnect, mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPacketRead, mqtt.OnPublish,
	mqtt.OnSubscribe, mqtt.OnPublishDropped,
}

func (h *hook) ID() string           { return "jifen" }
func (h *hook) Provides(b byte) bool { return slices.Contains(hooks, b) }

// OnConnect lets a client in or refuses it with the code that tells it why. The server checks no will, so it is done
// here.
func (h *hook) OnConnect(cl *mqtt.Client, pk packets.Packet) error {
	d := behind(cl)
	why := speaks(pk)
	if why == nil {
		why = h.recognise(d, pk)
	}
	if why == nil {
		return nil
	}
	h.b.refuse("broker refused a client", d, why,
		"user", clip(string(pk.Connect.Username)), "id", clip(pk.Connect.ClientIdentifier))
	_ = h.b.server.SendConnack(cl, code(why), false, nil)
	return why
}

// OnConnectAuthenticate has nothing left to ask.
func (h *hook) OnConnectAuthenticate(cl *mqtt.Client, _ packets.Packet) bool {
	return behind(cl).clientID != ""
}

// speaks says what in a CONNECT is not ours to serve, before anybody is asked who it is.
func speaks(pk packets.Packet) error {
	switch {
	case pk.ProtocolVersion != 4:
		return errVersion
	case pk.Connect.Keepalive == 0 || pk.Connect.Keepalive > MaxKeepAlive:
		return errKeepAlive
	case !pk.Connect.Clean:
		return errSession
	}
	return nil
}

// recognise asks who it is, and whether client id and will are its own.
func (h *hook) recognise(d *door, pk packets.Packet) error {
	c := pk.Connect
	who, ok := h.identify(d, c)
	switch {
	case !ok || !who.sound():
		return errUnknown
	case !who.owns(c.ClientIdentifier):
		return errForeignID
	case c.WillFlag && !(who.mayPublish(c.WillTopic) && keepable(c.WillTopic, c.WillPayload)):
		return errWill
	}
	return h.b.doors.introduce(d, who, c.ClientIdentifier)
}

// identify goes by the certificate where there is one, and else by the password.
func (h *hook) identify(d *door, c packets.ConnectParams) (Identity, bool) {
	if len(d.shown) > 0 && h.b.o.Certified != nil {
		return h.b.o.Certified(d.shown)
	}
	return h.b.o.Authenticate(string(c.Username), c.Password)
}

// code is what MQTT calls the reason.
func code(why error) packets.Code {
	switch why {
	case errVersion:
		return packets.ErrUnsupportedProtocolVersion
	case errUnknown:
		return packets.ErrBadUsernameOrPassword
	case errForeignID:
		return packets.ErrClientIdentifierNotValid
	}
	return packets.ErrServerUnavailable
}

// OnACLCheck guards subscribing, publishing (write), and once more each delivery.
func (h *hook) OnACLCheck(cl *mqtt.Client, topic string, write bool) bool {
	d := behind(cl)
	if write {
		return h.allow(d, d.identity.mayPublish(topic), errTopic, topic)
	}
	return h.allow(d, d.identity.mayRead(topic), errFilter, topic)
}

// allow reports what is refused: a client that tries and is cut off for it will come back and try again.
func (h *hook) allow(d *door, ok bool, why error, topic string) bool {
	if !ok {
		h.b.refuse("broker refused a topic", d, why, "topic", clip(topic))
	}
	return ok
}

// OnPacketRead ends the connection of a client that publishes what it may not. The server itself would drop a forged
// message silently with QoS 0, and answer QoS 2 wrongly.
func (h *hook) OnPacketRead(cl *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	if pk.FixedHeader.Type != packets.Publish {
		return pk, nil
	}
	d := behind(cl)
	if pk.FixedHeader.Qos > 1 {
		h.b.refuse("broker refused a packet", d, errQoS)
		return pk, packets.ErrRejectPacket
	}
	if !h.allow(d, d.identity.mayPublish(pk.TopicName), errTopic, pk.TopicName) {
		return pk, packets.ErrRejectPacket
	}
	return pk, nil
}

// OnPublish keeps nothing but a small last word on a state topic.
func (h *hook) OnPublish(_ *mqtt.Client, pk packets.Packet) (packets.Packet, error) {
	if pk.FixedHeader.Retain && !keepable(pk.TopicName, pk.Payload) {
		pk.FixedHeader.Retain = false
	}
	return pk, nil
}

func keepable(topic string, payload []byte) bool {
	branch, _, ok := split(topic)
	return ok && branch == state && len(payload) <= MaxRetained
}

// OnSubscribe gives terminals QoS 0 whatever they ask for: with QoS 1 a terminal that reads slowly would hold up
// HQ's own connection, because the server counts packets under the lock that it writes under.
func (h *hook) OnSubscribe(cl *mqtt.Client, pk packets.Packet) packets.Packet {
	if behind(cl).identity.Role == HQ {
		return pk
	}
	pk.Filters = slices.Clone(pk.Filters)
	for i := range pk.Filters {
		pk.Filters[i].Qos = 0
	}
	return pk
}

// OnPublishDropped counts what a client did not read fast enough.
func (h *hook) OnPublishDropped(*mqtt.Client, packets.Packet) { h.b.dropped.Add(1) }

// behind is the connection of a client; all of them are ours.
func behind(cl *mqtt.Client) *door { return cl.Net.Conn.(*door) }

// clip shortens what a stranger wrote before it goes into a log.
func clip(s string) string { return s[:min(len(s), maxName)] }
