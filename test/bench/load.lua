-- What wrk sends and how it checks the answers; see load.ts.
-- Arguments: the order, the file of bodies, then what every answer must hold.

local order, bodies, expected, next_body, requests
local chain_prefix
failures, first_failure = 0, ""

local threads = {}
function setup(thread) threads[#threads + 1] = thread end

function init(args)
  order, bodies, expected, requests, next_body = args[1], {}, {}, {}, 1
  for line in io.lines(args[2]) do bodies[#bodies + 1] = line end
  for i = 3, #args do expected[#expected + 1] = args[i] end
  if #bodies == 0 then requests[1] = wrk.format("GET") end
  for i, body in ipairs(bodies) do requests[i] = wrk.format("POST", nil, nil, body) end
  if order == "chain" then chain_prefix = bodies[1]:match("^(.*=)") end
  math.randomseed(os.time())
end

function request()
  if order == "random" then return requests[math.random(#requests)] end
  local taken = requests[next_body]
  requests[next_body] = nil
  next_body = next_body + 1
  return taken or wrk.format("POST", nil, nil, "nothing=left")
end

function response(status, headers, body)
  local right = status == 200
  for i = 1, #expected do right = right and body:find(expected[i], 1, true) ~= nil end
  if not right then
    failures = failures + 1
    if first_failure == "" then first_failure = status .. " " .. body:sub(1, 300) end
  elseif order == "chain" then
    local token = body:match('"refresh_token":"([^"]+)"')
    bodies[#bodies + 1] = true
    requests[#bodies] = wrk.format("POST", nil, nil, chain_prefix .. token)
  end
end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(c) return string.format("\\u%04x", c:byte()) end) .. '"'
end

function done(summary, latency)
  local errors = summary.errors
  local wrong, first = errors.connect + errors.read + errors.write + errors.timeout, ""
  for _, thread in ipairs(threads) do
    wrong = wrong + thread:get("failures")
    if first == "" then first = thread:get("first_failure") end
  end
  local form = '{"requests":%d,"seconds":%f,"failures":%d,"p50Milliseconds":%f,"p99Milliseconds":%f%s}\n'
  local told = first == "" and "" or ',"firstFailure":' .. quoted(first)
  io.write(form:format(summary.requests, summary.duration / 1e6, wrong,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3, told))
end
