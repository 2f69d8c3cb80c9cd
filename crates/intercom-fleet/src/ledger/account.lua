-- The fleet as a whole.

local BELOW_HIDDEN, HIDDEN_GROWS = 97, 2
local DRIFT, JUMP = 2000, 2000000

local function quota()
  return acc.hidden > 0 and min(acc.limit, acc.hidden) or acc.limit
end

local function is_silent(windows, now)
  return acc.window == 0 or abs(now - acc.last) > 1000 * windows * acc.length
end

local function is_quiet()
  return acc.window <= acc.quarantine
end

local function renews_only()
  return acc.window <= min(acc.renews_only, acc.quarantine)
end

-- How far the server's clock is ahead at least.
local function aged(now)
  return acc.ahead_at > 0 and acc.ahead - floor(max(now - acc.ahead_at, 0) / DRIFT)
end

local function learn_clock(server_at_least, now)
  if server_at_least == 0 then return end
  local ahead, known = server_at_least - now, aged(now)
  if not (known and ahead <= known and known <= ahead + JUMP) then acc.ahead, acc.ahead_at = ahead, now end
end

local function learn_limit(limit, window)
  window = min(window, acc.window)
  if limit > 0 and window >= acc.limit_window then acc.limit, acc.limit_window = limit, window end
end

local function learn_hidden(accepted)
  if accepted == 0 then return end
  local most = max(floor(accepted * BELOW_HIDDEN / 100), 1)
  local again = acc.hidden_window == acc.window
  acc.hidden = again and max(acc.hidden, most) or most
  acc.hidden_window = acc.window
end

local function raise_hidden()
  if acc.hidden > 0 and acc.hidden_window < acc.window then
    acc.hidden = acc.hidden + max(floor(acc.limit * HIDDEN_GROWS / 100), 1)
  end
  if acc.hidden >= acc.limit then acc.hidden = 0 end
end

local function turn(window)
  if acc.window > 0 then
    local follows = window == acc.window + acc.length
    local known = not is_quiet() and acc.born ~= acc.window and acc.torn ~= acc.window
    table.remove(acc.history)
    table.insert(acc.history, 1, {
      window = acc.window, holds = acc.total.holds, unused = 0, used = acc.used, whole = known and follows and 1 or 0,
    })
    if not follows then acc.torn = window end
    raise_hidden()
  end
  acc.last_height = acc.height
  acc.small_usual = floor((acc.small_usual + 1000 * acc.small) / 2)
  acc.small, acc.used, acc.looked_early, acc.looked_late, acc.window = 0, 0, 0, 0, window
end
