-- Taking in a request.

-- The request, its member, whether the ledger knew it, the sums without it, whether the request is of an older window.
local ask, me, known, others, behind

local function claim_until()
  return min(ask.claim_until, acc.window + ask.keep_max * acc.length)
end

local function take_claim()
  if ask.bye then
    me.share, me.until_ = 0, acc.window
    return
  end
  if claim_until() < acc.window or me.until_ >= acc.window or (known and behind) then return end
  me.share, me.until_ = ask.claim, claim_until()
  if behind then me.hold = me.share end
  if not known then
    local keeps = ask.keep_max * acc.length
    local lost = acc.born + keeps >= acc.window and acc.born or acc.window
    acc.quarantine, acc.renews_only = max(acc.quarantine, lost + keeps), max(acc.renews_only, lost + keeps)
  end
end

local function take_window()
  me.hold = ask.hold
  acc.used = max(acc.used, ask.used)
  learn_hidden(ask.hidden)
  take_place(ask.id, me)
  for _, closed in ipairs(ask.closed) do
    if closed.window > me.reported then
      me.reported = closed.window
      report(closed)
      if is_hungry(me) then owe(me, 1000 * closed.unused) end
    end
  end
  if ask.fallback then
    acc.torn = acc.window
    local known_slots = max(others.holds, others.shares + me.share)
    if 2 * known_slots < quota() then acc.quarantine = max(acc.quarantine, acc.window + acc.length) end
  end
end

local function take_in(now)
  acc.last = now
  learn_clock(ask.server_at_least, now)
  learn_limit(ask.limit, ask.limit_window)
  acc.reserve = max(acc.reserve, ask.reserve)
  me.seq, me.seen, me.fresh = ask.seq, acc.window, false
  take_claim()
  if not behind then take_window() end
  local need = me.need
  needs(me, ask)
  if met(need) ~= met(me.need) then acc.stale = 1 end
end
