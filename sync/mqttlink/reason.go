package mqttlink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

var (
	errGranted = errors.New("a subscription was refused")
	errStalled = errors.New("the session makes no progress")
	errUnacked = errors.New("no publish was acknowledged in time")
	errSilent  = errors.New("the MQTT client gave the connection up")
	errCrowded = errors.New("too many old connections are still closing")
)

// sentences says what people read for what programs return, first match wins. %s stands for the broker.
var sentences = []struct {
	err  error
	text string
}{
	{packets.ErrorRefusedBadUsernameOrPassword, "The broker %s does not know this terminal: it wants a certificate, or an enrolment code that is open."},
	{packets.ErrorRefusedNotAuthorised, "The broker %s does not know this terminal: it wants a certificate, or an enrolment code that is open."},
	{packets.ErrorRefusedIDRejected, "The broker %s refuses the client id."},
	{packets.ErrorRefusedServerUnavailable, "The broker %s takes no more connections now."},
	{packets.ErrorRefusedBadProtocolVersion, "The broker %s does not speak MQTT 3.1.1."},
	{errStalled, "The connection to the broker %s was open but nothing was answered any more."},
	{errUnacked, "The broker %s took messages but acknowledged none."},
	{errCrowded, "Too many old connections to the broker %s are still closing."},
	{errTooLarge, "The broker %s sent a packet that is too large."},
	{errUnexpected, "The broker %s sent something that is not MQTT 3.1.1."},
	{errEnded, "The broker %s closed the connection."},
	{errSilent, "The connection to the broker %s was lost."},
	{syscall.ECONNREFUSED, "No broker answers at %s."},
	{syscall.ECONNRESET, "The broker %s closed the connection."},
	{syscall.EPIPE, "The broker %s closed the connection."},
	{io.EOF, "The broker %s closed the connection."},
	{io.ErrUnexpectedEOF, "The broker %s closed the connection."},
	{net.ErrClosed, "The connection to the broker %s was closed."},
	{context.DeadlineExceeded, "The broker %s did not answer in time."},
	{os.ErrDeadlineExceeded, "The broker %s did not answer in time."},
	{syscall.ETIMEDOUT, "The broker %s did not answer in time."},
}

// sentence tells a person why an attempt or a connection ended.
func sentence(err error, broker string) string {
	err = bare(err)
	if errors.Is(err, errAddress) || errors.Is(err, errGranted) {
		return fmt.Sprintf("The broker %s cannot be used: %v.", broker, err)
	}
	for _, s := range sentences {
		if errors.Is(err, s.err) {
			return fmt.Sprintf(s.text, broker)
		}
	}
	var name *net.DNSError
	if errors.As(err, &name) {
		return fmt.Sprintf("The name of the broker %s cannot be resolved.", broker)
	}
	return fmt.Sprintf("The connection to the broker %s broke: %v.", broker, err)
}

// bare takes off what the client puts in front of every error of the network.
func bare(err error) error {
	both, ok := err.(interface{ Unwrap() []error })
	if !ok || !errors.Is(err, packets.ErrorNetworkError) {
		return err
	}
	parts := both.Unwrap()
	return parts[len(parts)-1]
}
