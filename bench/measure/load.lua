-- Load for wrk: one prepared request, again and again, until a number of them was sent.
-- Arguments: the body's file; the number of requests; the mean pause between two of a connection in milliseconds;
-- how many connections to let finish their last request before the end, 0 for none.
local ffi = require('ffi')
ffi.cdef('int getpid(void); int kill(int, int);')

local prepared, remaining, pause, unfinished
local forever = 1e9

-- wrk sleeps for its whole duration unless it is interrupted.
local function finish() ffi.C.kill(ffi.C.getpid(), 2) end

function init(arguments)
  local file = assert(io.open(arguments[1], 'rb'))
  prepared = wrk.format('POST', nil, nil, file:read('*a'))
  file:close()
  -- wrk asks for one request more than it sends, to look at it.
  remaining = tonumber(arguments[2]) + 1
  pause = tonumber(arguments[3])
  unfinished = tonumber(arguments[4])
  if pause == 0 and unfinished == 0 then delay = nil end
end

-- Called before each request of a connection.
function delay()
  if remaining > 0 or unfinished == 0 then
    return pause == 0 and 0 or math.random(math.floor(pause / 2), math.ceil(pause * 3 / 2))
  end
  unfinished = unfinished - 1
  if unfinished == 0 then finish() end
  return forever
end

function request()
  remaining = remaining - 1
  if remaining == -1 and unfinished == 0 then finish() end
  return prepared
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\nresult {"requests":%d,"seconds":%.6f,"bytes":%d,"failures":%d,"medianLatency":%.1f,"highLatency":%.1f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
