-- wrk's request is the file named after `--`: head lines, an empty line, the body. What stands for `NUMBER` in the body
-- is another number in each request, as no two customers write the same. Prints one JSON line.

local before, behind
local number = 1000000

function init(arguments)
   local file = assert(io.open(arguments[1], "rb"))
   local head, body = file:read("*a"):match("^(.-)\n\n(.*)$")
   file:close()
   for name, value in head:gmatch("([^:\n]+): ([^\n]*)") do
      wrk.headers[name] = value
   end
   wrk.method = "POST"
   before, behind = body:match("^(.-)NUMBER(.*)$")
end

function request()
   number = number + 1
   return wrk.format(nil, nil, nil, before .. number .. behind)
end

function done(summary, latency)
   local errors = summary.errors
   io.write(string.format(
      '{"requests": %d, "seconds": %.6f, "p50_ms": %.3f, "p99_ms": %.3f, "refused": %d, "broken": %d}\n',
      summary.requests, summary.duration / 1e6,
      latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
      errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
