package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
)

const (
	model        = "mock-model"
	promptTokens = 42
	maxBody      = 8 << 20
)

// mock answers as an OpenAI engine would whose model takes no time at all. It counts what vLLM counts, so
// that an adapter which watches vLLM's metrics can watch it too.
type mock struct {
	pacer    *pacer
	answer   []byte
	frames   [][]byte
	usage    []byte
	running  atomic.Int64
	requests atomic.Int64
	tokens   atomic.Int64
	steps    atomic.Int64
}

type chatRequest struct {
	Stream        bool `json:"stream"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
}

func serveMock(address string) error {
	m := &mock{pacer: newPacer(), answer: renderAnswer(), frames: renderFrames(), usage: renderUsage()}
	// One for the pacer, which holds its own while it naps, and one for everything else.
	runtime.GOMAXPROCS(2)
	go m.pacer.run()

	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/chat/completions", m.chat)
	mux.HandleFunc("POST /v1/completions", m.complete)
	mux.HandleFunc("GET /v1/models", m.models)
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /metrics", m.metrics)
	server := &http.Server{Addr: address, Handler: mux, ConnContext: widenSendBuffer}
	return server.ListenAndServe()
}

// widenSendBuffer lets a whole answer wait in the kernel, so that one slow reader cannot hold up the pacer.
func widenSendBuffer(ctx context.Context, conn net.Conn) context.Context {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetWriteBuffer(256 << 10)
	}
	return ctx
}

func (m *mock) chat(w http.ResponseWriter, r *http.Request) {
	m.running.Add(1)
	defer m.running.Add(-1)
	m.requests.Add(1)

	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	var request chatRequest
	if err == nil {
		err = json.Unmarshal(body, &request)
	}
	if err != nil {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":{"message":%q,"type":"BadRequestError","param":null,"code":400}}`, err.Error())
		return
	}
	if request.Stream {
		m.stream(w, r, request.StreamOptions.IncludeUsage)
		return
	}
	m.tokens.Add(frameCount)
	m.steps.Add(1)
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", fmt.Sprint(len(m.answer)))
	_, _ = w.Write(m.answer)
}

// complete answers with one token, for those who ask whether the engine can produce any.
func (m *mock) complete(w http.ResponseWriter, r *http.Request) {
	m.requests.Add(1)
	_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, maxBody))
	m.tokens.Add(1)
	m.steps.Add(1)
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"id":"cmpl-bench","object":"text_completion","created":1700000000,"model":%q,`+
		`"choices":[{"index":0,"text":" word","logprobs":null,"finish_reason":"length","stop_reason":null}],`+
		`"usage":{"prompt_tokens":1,"total_tokens":2,"completion_tokens":1}}`, model)
}

func (m *mock) stream(w http.ResponseWriter, r *http.Request, includeUsage bool) {
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	tail := []byte("data: [DONE]\n\n")
	if includeUsage {
		tail = append(append([]byte{}, m.usage...), tail...)
	}
	s := &stream{
		out:    w,
		flush:  http.NewResponseController(w),
		gone:   r.Context(),
		frames: m.frames,
		tail:   tail,
		sent:   func() { m.tokens.Add(1); m.steps.Add(1) },
		done:   make(chan struct{}),
	}
	m.pacer.start(s)
	// The pacer writes from its own goroutine: returning earlier would close the response under it.
	<-s.done
}

func (m *mock) models(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"object":"list","data":[{"id":%q,"object":"model","created":1700000000,`+
		`"owned_by":"vllm","max_model_len":8192}]}`, model)
}

func (m *mock) metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	series := []struct {
		name, kind string
		value      int64
	}{
		{"vllm:num_requests_running", "gauge", m.running.Load()},
		{"vllm:num_requests_waiting", "gauge", 0},
		{"vllm:kv_cache_usage_perc", "gauge", 0},
		{"vllm:prompt_tokens_total", "counter", promptTokens * m.requests.Load()},
		{"vllm:generation_tokens_total", "counter", m.tokens.Load()},
		{"vllm:iteration_tokens_total_sum", "", m.tokens.Load()},
		{"vllm:iteration_tokens_total_count", "", m.steps.Load()},
	}
	for _, s := range series {
		if s.kind != "" {
			fmt.Fprintf(w, "# TYPE %s %s\n", s.name, s.kind)
		} else if strings.HasSuffix(s.name, "_sum") {
			fmt.Fprintf(w, "# TYPE %s histogram\n", strings.TrimSuffix(s.name, "_sum"))
		}
		fmt.Fprintf(w, "%s{engine=\"0\",model_name=%q} %d.0\n", s.name, model, s.value)
	}
}
