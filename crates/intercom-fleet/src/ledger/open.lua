-- Which window a request belongs to, and the opening of a window.

local SILENT, ABANDONED, OVER, LOOKS_FOR, RESERVE = 2, 4, 250, 1000000, 3
local OK, PROBE, WAIT, STALE, CONFLICT = 0, 1, 2, 3, 4

-- Every member, settled, once they have been read; what to write about other members; whether to forget everything first.
local all, fresh, gone, wipe = nil, {}, {}, false

-- Reads every member. Returns false if one cannot be read.
local function read_all()
  all = {}
  if wipe then return true end
  local list = redis.call('HGETALL', key)
  for index = 1, #list, 2 do
    if list[index] ~= '_' then
      local me = read_member(list[index + 1])
      if not me then return false end
      all[list[index]] = me
    end
  end
  return true
end

local function open(window)
  if not read_all() then return false end
  turn(window)
  for _, name in ipairs(TALLY) do acc.total[name] = 0 end
  acc.reserve = 0
  local promised = 0
  for id, me in pairs(all) do
    if is_gone(me) then
      all[id], gone[#gone + 1] = nil, id
    else
      settle(me)
      if me.fresh then me.seen, me.fresh, fresh[#fresh + 1] = window, false, id end
      add(acc.total, me, 1)
      if me.seen >= window - RESERVE * acc.length then acc.reserve = max(acc.reserve, me.reserve) end
      if me.until_ >= window then promised = promised + me.share end
    end
  end
  if acc.limit > 0 and promised >= acc.limit then acc.quarantine = 0 end
  return true
end

local function is_far(window)
  return 2 * (window - acc.window) > 5 * acc.length
end

local function appoint(now)
  if abs(now - acc.probe_at) <= LOOKS_FOR and acc.probe_at > 0 then return WAIT end
  acc.probe_at = now
  return PROBE
end

-- The window for a newcomer that knows none.
local function window_now(now)
  if is_silent(SILENT, now) then return end
  local known = aged(now)
  local over = (known and now + known or 0) - 1000 * (acc.window + OVER)
  if over < 0 then return acc.window end
  local later = acc.window + acc.length * (1 + floor(over / (1000 * acc.length)))
  return not is_far(later) and later or nil
end

-- Finds the window of a request. Returns its end, or nothing and the status of a request that is not taken in.
local function find_window(ask, now)
  if ask.window == 0 then
    local window = window_now(now)
    if window then return window end
    return nil, appoint(now)
  elseif acc.window ~= 0 and ask.length ~= acc.length then
    if not is_silent(ABANDONED, now) then return nil, CONFLICT end
    acc, wipe = new_account(), true
  elseif acc.window ~= 0 and is_far(ask.window) and not is_silent(SILENT, now) then
    return nil, CONFLICT
  end
  return ask.window
end
