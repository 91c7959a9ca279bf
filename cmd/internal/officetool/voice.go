package officetool

import (
	"context"
	"fmt"
	"io"

	"github.com/jifen-pos/jifen/sync/hq/decision"
	"github.com/jifen-pos/jifen/sync/hq/voice"
	"github.com/jifen-pos/jifen/terminal/lot"
)

// hear does what a request asks about what members told HQ.
func (r *reply) hear(w *decision.Work, q *Request, by decision.By) error {
	switch {
	case q.Survey != "":
		t, err := voice.Results(w, q.Survey)
		r.Survey = &t
		return err
	case q.Judge != "":
		of, err := lot.ParseOrigin(q.Judge)
		if err != nil {
			return fmt.Errorf("%q: %w", q.Judge, voice.ErrReceipt)
		}
		return voice.Judge(w, of, q.Fine, by)
	}
	list, err := voice.Waiting(w)
	r.Voices = list[:min(len(list), shownMax)]
	return err
}

// Voices writes what members wrote and nobody has read.
func Voices(ctx context.Context, data string, out io.Writer) error {
	var r reply
	if err := ask(ctx, data, Request{Voices: true}, &r); err != nil {
		return err
	}
	if len(r.Voices) == 0 {
		_, err := fmt.Fprintln(out, "没有待审的内容\nnothing waits to be read")
		return err
	}
	for _, v := range r.Voices {
		if _, err := fmt.Fprintf(out, "%s  %s  %s %s  小票 receipt %s  %s\n    %s\n", v.Of, v.Day, v.What, v.Subject, v.Receipt, v.Owner, v.Words); err != nil {
			return err
		}
	}
	return nil
}

// Judge approves of what a member wrote, or refuses it.
func Judge(ctx context.Context, data, of string, approve bool, by, reason string, out io.Writer) error {
	if err := ask(ctx, data, Request{Judge: of, Fine: approve, By: by, Reason: reason}, &reply{}); err != nil {
		return err
	}
	said := "未通过 refused"
	if approve {
		said = "已通过 approved"
	}
	_, err := fmt.Fprintf(out, "%s: %s\n", said, of)
	return err
}

// Survey writes what members answered, and says of nobody who they are.
func Survey(ctx context.Context, data, id string, out io.Writer) error {
	var r reply
	if err := ask(ctx, data, Request{Survey: id}, &r); err != nil || r.Survey == nil {
		return err
	}
	t := r.Survey
	if _, err := fmt.Fprintf(out, "%s  权益 benefit %q  答卷 answers %d\n", t.Survey, t.About, t.Answered); err != nil {
		return err
	}
	for n, counts := range t.Counts {
		if _, err := fmt.Fprintf(out, "  %d: %v\n", n+1, counts); err != nil {
			return err
		}
	}
	return nil
}
