package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// plan is what to load: `streams` at once, each worker running `repeats` of them back to back.
type plan struct {
	URL        string            `json:"url"`
	Headers    map[string]string `json:"headers"`
	Body       string            `json:"body"`
	Streams    int               `json:"streams"`
	Repeats    int               `json:"repeats"`
	RampMS     int               `json:"ramp_ms"`
	DeadlineMS int               `json:"deadline_ms"`
}

// record is one stream as it was seen. Times are microseconds after the request was sent.
type record struct {
	Status   int     `json:"status"`
	Error    string  `json:"error,omitempty"`
	Done     bool    `json:"done"`
	Sequence []int   `json:"sequence"`
	AtMicros []int64 `json:"at_us"`
}

func runLoad(in io.Reader, out io.Writer) error {
	var p plan
	if err := json.NewDecoder(in).Decode(&p); err != nil {
		return fmt.Errorf("plan: %w", err)
	}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: p.Streams, DisableCompression: true}}
	records := make([]record, p.Streams*p.Repeats)
	begin := time.Now()
	var group sync.WaitGroup
	for worker := 0; worker < p.Streams; worker++ {
		group.Add(1)
		go func() {
			defer group.Done()
			// Spread the starts over the ramp, or all frames of a period would fall due in one instant.
			offset := time.Duration(worker) * time.Duration(p.RampMS) * time.Millisecond / time.Duration(p.Streams)
			time.Sleep(time.Until(begin.Add(offset)))
			for i := 0; i < p.Repeats; i++ {
				records[worker*p.Repeats+i] = readStream(client, &p)
			}
		}()
	}
	group.Wait()
	return json.NewEncoder(out).Encode(records)
}

func readStream(client *http.Client, p *plan) record {
	seen := record{Sequence: make([]int, 0, frameCount), AtMicros: make([]int64, 0, frameCount)}
	ctx, cancel := context.WithTimeout(context.Background(), time.Duration(p.DeadlineMS)*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.URL, bytes.NewReader([]byte(p.Body)))
	if err != nil {
		seen.Error = err.Error()
		return seen
	}
	for name, value := range p.Headers {
		request.Header.Set(name, value)
	}
	begin := time.Now()
	response, err := client.Do(request)
	if err != nil {
		seen.Error = err.Error()
		return seen
	}
	defer response.Body.Close()
	seen.Status = response.StatusCode
	if err := seen.read(response.Body, begin); err != nil {
		seen.Error = err.Error()
	}
	return seen
}

const (
	doneMark  = "[DONE]"
	tagLength = 5 // '#' and four digits
)

// read notes each numbered delta with the time of the read that brought it, down to the end of the body, so
// that the connection can serve the next stream.
func (r *record) read(body io.Reader, begin time.Time) error {
	buffer := make([]byte, 16<<10)
	kept := 0
	for {
		n, err := body.Read(buffer[kept:])
		at := time.Since(begin).Microseconds()
		chunk := buffer[:kept+n]
		rest := r.scan(chunk, at)
		r.Done = r.Done || bytes.Contains(chunk, []byte(doneMark))
		kept = copy(buffer, chunk[rest:])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// scan notes the complete tags of a chunk and says where the part begins that the next read may complete.
func (r *record) scan(chunk []byte, at int64) int {
	from := 0
	for {
		i := bytes.IndexByte(chunk[from:], sequenceTag)
		if i < 0 {
			return max(from, len(chunk)-len(doneMark)+1, 0)
		}
		tag := from + i
		if tag+tagLength > len(chunk) {
			return tag
		}
		r.Sequence = append(r.Sequence, number(chunk[tag+1:tag+tagLength]))
		r.AtMicros = append(r.AtMicros, at)
		from = tag + tagLength
	}
}

// number reads four digits, or -1 for anything else.
func number(digits []byte) int {
	value := 0
	for _, d := range digits {
		if d < '0' || d > '9' {
			return -1
		}
		value = value*10 + int(d-'0')
	}
	return value
}
