package main

import (
	"fmt"
	"time"
)

const (
	frameCount  = 64
	frameEvery  = 20 * time.Millisecond
	sequenceTag = '#' // starts the four digits that number a delta; occurs nowhere else in a frame
)

func renderAnswer() []byte {
	return []byte(fmt.Sprintf(`{"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":%q,`+
		`"choices":[{"index":0,"message":{"role":"assistant","content":"Your router lost its link to the exchange at 09:14 `+
		`and has been back since 09:31. The line is stable now: no errors in the last two hours. If the light on the left `+
		`turns red again, please unplug the power for ten seconds and plug it back in.","refusal":null,"tool_calls":[]},`+
		`"logprobs":null,"finish_reason":"stop","stop_reason":null}],"usage":{"prompt_tokens":%d,"total_tokens":%d,`+
		`"completion_tokens":%d,"prompt_tokens_details":null}}`, model, promptTokens, promptTokens+frameCount, frameCount))
}

// renderFrames numbers each delta inside its text, the one place that every gateway hands on unchanged.
func renderFrames() [][]byte {
	frames := make([][]byte, frameCount)
	for i := range frames {
		role, finish := "", "null"
		if i == 0 {
			role = `"role":"assistant",`
		}
		if i == frameCount-1 {
			finish = `"stop"`
		}
		frames[i] = []byte(fmt.Sprintf(`data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,`+
			`"model":%q,"choices":[{"index":0,"delta":{%s"content":" word%c%04d"},"logprobs":null,"finish_reason":%s}]}`+"\n\n",
			model, role, sequenceTag, i, finish))
	}
	return frames
}

func renderUsage() []byte {
	return []byte(fmt.Sprintf(`data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1700000000,"model":%q,`+
		`"choices":[],"usage":{"prompt_tokens":%d,"total_tokens":%d,"completion_tokens":%d}}`+"\n\n",
		model, promptTokens, promptTokens+frameCount, frameCount))
}
