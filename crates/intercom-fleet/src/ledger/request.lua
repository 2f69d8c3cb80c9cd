-- The request, and what all parts need.

local floor, min, max, abs = math.floor, math.min, math.max, math.abs
local key = KEYS[1]

-- More slots than any limit has, a time in the year 2096, more requests than a member makes, the most windows of a share.
local SLOTS, MILLIS, SEQ, KEEP = 10000000, 4000000000000, 10000000000000, 5

local function clamp(value, least, most)
  return min(max(value, least), most)
end

local next_argument, malformed = 1, false

-- The next argument, moved into a range.
local function argument(least, most)
  next_argument = next_argument + 1
  local text = ARGV[next_argument]
  if text and #text <= 20 and text:find('^%-?%d+$') then return clamp(tonumber(text), least, most) end
  malformed = true
  return least
end

local function slots()
  return argument(0, SLOTS)
end

local function millis()
  return argument(0, MILLIS)
end

local function flag()
  return argument(0, 1) == 1
end

-- The request and the time, or nothing if an argument is missing or not a number. The fields are evaluated in this order.
local function read_request()
  local id = ARGV[1]
  if not id or #id ~= 16 or id:find('[^0-9a-f]') then return end
  local ask = {
    id = id, seq = argument(0, SEQ), window = millis(), length = argument(100, 86400000), limit = slots(), limit_window = millis(),
    hold = slots(), want = slots(), need = slots(), hungry = flag(), claim = slots(), claim_until = millis(), fallback = flag(),
    used = slots(), used_phase = argument(0, 1000), phase = argument(0, 1000), server_at_least = argument(0, 1000 * MILLIS),
    hidden = slots(), reserve = argument(0, 1000), bye = flag(), keep_max = argument(1, KEEP), closed = {},
  }
  for index = 1, argument(0, 4) do
    ask.closed[index] = {window = millis(), unused = slots(), used = slots()}
  end
  local now
  if next_argument < #ARGV then
    now = argument(1, 1000 * MILLIS)
  else
    local time = redis.call('TIME')
    now = clamp(time[1] * 1000000 + time[2], 1, 1000 * MILLIS)
  end
  if not malformed and next_argument == #ARGV then return ask, now end
end
