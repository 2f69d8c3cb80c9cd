-- Shares: slots of every window.

local LASTING, ROTATION = 20, 60

local function room(ghost)
  return quota() - ghost - max(reserve(0), kept())
end

local function fresh_share(ghost)
  local share = target(me)
  if renews_only() and not ask.fallback then share = is_hungry(me) and me.share or min(share, me.share) end
  return max(min(share, room(ghost) - others.shares), 0)
end

local function lasts(share)
  local most = min(ask.keep_max, 1 + floor(ask.keep_max * acc.height / 1000))
  local longest = clamp(ceil_div(LASTING, share), 1, most)
  if me.share > 0 then return longest end
  local rotation = acc.rotation
  if longest > 1 then acc.rotation = (rotation + 1) % ROTATION end
  return 1 + rotation % longest
end

local function renew(ghost)
  local promised, until_ = 0, 0
  if not ask.bye and ask.claim > 0 and claim_until() > acc.window then promised, until_ = ask.claim, claim_until() end
  local share = fresh_share(ghost)
  if max(share, promised) == 0 then
    me.until_ = acc.window
  elseif promised > 0 then
    me.until_ = until_
  else
    me.until_ = acc.window + lasts(share) * acc.length
  end
  me.share = max(share, promised)
end
