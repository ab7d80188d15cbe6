-- PUT or POST of a submission with a key of its own each time.
-- Arguments: template file, prefix of the keys, bearer key, file with subjects (one a line, may be empty).
local directory = debug.getinfo(1, "S").source:match("^@(.*/)") or "./"
dofile(directory .. "report.lua")

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local pieces, keys, fractions, subjects_at = {}, {}, {}, {}
local subjects = {}
local head, count, prefix = "", 0, ""

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("*a")
  file:close()
  return text
end

function init(args)
  local template = read(args[1])
  prefix = string.format("%s-%d-", args[2], number)
  for subject in read(args[4]):gmatch("[^\n]+") do subjects[#subjects + 1] = subject end
  local places = { KEY = keys, FRACTION = fractions, SUBJECT = subjects_at }
  local from = 1
  while true do
    local start, stop, name = template:find("@(%u+)@", from)
    if not start then break end
    pieces[#pieces + 1] = template:sub(from, start - 1)
    pieces[#pieces + 1] = ""
    table.insert(places[name], #pieces)
    from = stop + 1
  end
  pieces[#pieces + 1] = template:sub(from)
  head = string.format(
    "Host: %s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: ",
    wrk.host, args[3]
  )
end

function request()
  count = count + 1
  local key = string.format("%s%09d", prefix, count)
  for _, at in ipairs(keys) do pieces[at] = key end
  local fraction = string.format("%06d", count % 1000000)
  for _, at in ipairs(fractions) do pieces[at] = fraction end
  if #subjects > 0 then
    -- The threads go through the subjects from different ends of the list.
    local subject = subjects[(count + number * 7919) % #subjects + 1]
    for _, at in ipairs(subjects_at) do pieces[at] = subject end
  end
  local body = table.concat(pieces)
  return string.format("PUT %s/%s HTTP/1.1\r\n%s%d\r\n\r\n", wrk.path, key, head, #body) .. body
end
