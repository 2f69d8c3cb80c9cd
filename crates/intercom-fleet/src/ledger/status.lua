-- Shows the ledger, and writes nothing.

local function number(value)
  return value and 1 or 0
end

-- The time of Redis in microseconds.
local function time_now()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end

-- Numbers of the fleet, and then those of each member. The id is in two halves, because Lua has 53 bits for a whole number.
local function status()
  local list = redis.pcall('HGETALL', key)
  if list.err then return list end
  local members, text = {}, nil
  for index = 1, #list, 2 do
    if list[index] == '_' then text = list[index + 1] else members[#members + 1] = {list[index], list[index + 1]} end
  end
  local unreadable = redis.error_reply('LEDGER the state is not of this version; use the command of the version that wrote it')
  acc = read_account(text)
  if not acc then return unreadable end
  if acc.window == 0 then return {} end
  local ghost = neighbours()
  local now, holds = time_now(), acc.total.holds
  local clock = aged(now)
  local outside = max(acc.used - holds, ghost, 0)
  local reply = {
    acc.window, acc.length, acc.limit, quota(), holds, acc.total.shares, acc.used, max(quota() - holds - outside, 0), ghost,
    number(is_quiet()), acc.reserve, clock and floor((now + clock) / 1000) or 0, floor(max(now - acc.last, 0) / 1000),
  }
  for _, member in ipairs(members) do
    local id, me = member[1], read_member(member[2])
    if not me or #id ~= 16 then return unreadable end
    settle(me)
    for _, value in ipairs({
      tonumber(id:sub(1, 8), 16), tonumber(id:sub(9), 16), me.hold, me.share, max(me.until_, acc.window), me.need,
      number(is_hungry(me)), me.reserve, me.seen, number(me.left),
    }) do reply[#reply + 1] = value end
  end
  return reply
end

return status()
