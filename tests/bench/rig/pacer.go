package main

import (
	"context"
	"net/http"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// Due frames are sent together at most this often: fewer wake-ups, and far below what is measured.
const quantum = 200 * time.Microsecond

type stream struct {
	out    http.ResponseWriter
	flush  *http.ResponseController
	gone   context.Context
	frames [][]byte
	tail   []byte
	sent   func()
	next   int
	due    time.Time
	done   chan struct{}
}

// pacer sends every stream's frames on an absolute schedule: frame i at start + i * frameEvery, however late
// an earlier one was. All streams share the one period, so a plain queue stays sorted by due time.
type pacer struct {
	mu    sync.Mutex
	queue []*stream
	woken chan struct{}
}

func newPacer() *pacer {
	return &pacer{woken: make(chan struct{}, 1)}
}

// start sends the first frame at once and queues the rest.
func (p *pacer) start(s *stream) {
	s.due = time.Now()
	if !s.send() {
		return
	}
	p.mu.Lock()
	p.queue = append(p.queue, s)
	p.mu.Unlock()
	select {
	case p.woken <- struct{}{}:
	default:
	}
}

func (p *pacer) run() {
	// The runtime's timers round up to a millisecond when idle; a thread's own nanosleep does not.
	runtime.LockOSThread()
	for {
		batch, wait := p.takeDue(time.Now())
		for _, s := range batch {
			if s.send() {
				p.mu.Lock()
				p.queue = append(p.queue, s)
				p.mu.Unlock()
			}
		}
		switch {
		case len(batch) > 0:
		case wait < 0:
			<-p.woken
		default:
			nap := syscall.NsecToTimespec(int64(max(wait, quantum)))
			_ = syscall.Nanosleep(&nap, nil)
		}
	}
}

// takeDue removes what is due; with nothing due it says how long until something is, or -1 for never.
func (p *pacer) takeDue(now time.Time) ([]*stream, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for n < len(p.queue) && !p.queue[n].due.After(now) {
		n++
	}
	if n > 0 {
		batch := p.queue[:n:n]
		p.queue = p.queue[n:]
		return batch, 0
	}
	if len(p.queue) == 0 {
		return nil, -1
	}
	return nil, p.queue[0].due.Sub(now)
}

// send writes the next frame and reports whether more follow.
func (s *stream) send() bool {
	last := s.next == len(s.frames)-1
	_, err := s.out.Write(s.frames[s.next])
	if last && err == nil {
		_, err = s.out.Write(s.tail)
	}
	if err == nil {
		err = s.flush.Flush()
	}
	if err == nil {
		s.sent()
	}
	if last || err != nil || s.gone.Err() != nil {
		close(s.done)
		return false
	}
	s.next++
	s.due = s.due.Add(frameEvery)
	return true
}
