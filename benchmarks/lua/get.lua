-- GET of one of many addresses, in an order that looks random but is the same each time.
-- Arguments: file with paths (one a line), value of the Accept header, bearer key or "-".
local directory = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(directory .. "report.lua")

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local requests = {}

function init(args)
  local key = args[3] ~= "-" and string.format("Authorization: Bearer %s\r\n", args[3]) or ""
  for path in io.lines(args[1]) do
    requests[#requests + 1] =
      string.format("GET %s HTTP/1.1\r\nHost: %s\r\nAccept: %s\r\n%s\r\n", path, wrk.host, args[2], key)
  end
  math.randomseed(20170097 + number)
end

function request()
  return requests[math.random(#requests)]
end
