// Package agenda is what is going to happen in a simulated world, in order of
// time; what is due at the same time, in the order in which it was put there.
package agenda

import (
	"container/heap"
	"time"
)

// Event is something that is going to happen.
type Event struct {
	At time.Duration
	Do func()

	n uint64 // earlier ones first
}

// Agenda is all that is going to happen. The zero value is empty.
type Agenda struct {
	list list
	n    uint64
}

// Add has something happen at a time.
func (a *Agenda) Add(at time.Duration, fn func()) {
	a.n++
	heap.Push(&a.list, &Event{at, fn, a.n})
}

// Next takes out what happens next, if it is due by a time; else it returns nil.
func (a *Agenda) Next(by time.Duration) *Event {
	if len(a.list) == 0 || a.list[0].At > by {
		return nil
	}
	return heap.Pop(&a.list).(*Event)
}

// Clear lets nothing of it happen.
func (a *Agenda) Clear() { a.list = nil }

type list []*Event

func (l list) Len() int { return len(l) }
func (l list) Less(i, j int) bool {
	return l[i].At < l[j].At || l[i].At == l[j].At && l[i].n < l[j].n
}
func (l list) Swap(i, j int) { l[i], l[j] = l[j], l[i] }

// Push adds an event.
func (l *list) Push(x any) { *l = append(*l, x.(*Event)) }

// Pop takes the last one.
func (l *list) Pop() any {
	last := len(*l) - 1
	x := (*l)[last]
	(*l)[last] = nil
	*l = (*l)[:last]
	return x
}
