-- Loans: slots of this window.

local FEW_WAITING, FEW_HUNGRY, LATE_PHASE, TURN, OLD_SIGHT, LATE_LOOK = 8, 8, 650, 700, 100, 800
local NONE, LATE, NOW = 0, 1, 2

local function ceil_div(dividend, divisor)
  return floor((dividend + divisor - 1) / divisor)
end

local function phase()
  return behind and 0 or ask.phase
end

local function reserve(at)
  local slots, rest = quota(), 1000 - at
  local few = others.hungry + (is_hungry(me) and 1 or 0) <= FEW_HUNGRY
  local base = few and max(floor(slots / 64), 1) or 0
  local usual = floor(acc.small_usual * rest / 1000)
  return min(floor((usual + floor(math.sqrt(4000 * usual)) + base * rest) / 1000), floor(slots / 2))
end

-- How many slots members with a reserve leave to those without.
local function kept()
  return floor(quota() * acc.reserve / 1000)
end

local function cap()
  local needing = others.needing + (me.need > 0 and 1 or 0)
  return clamp(floor(quota() / (2 * max(needing, 1))), 2, floor(quota() / 16) + 2)
end

-- What is free and not kept for others, what of it the member may have, and what it can be sure of.
local function offer(ghost, small)
  local slots, at = quota(), phase()
  local holds = others.holds + me.hold
  local neighbours = max(acc.used - holds, 0)
  local lags = 10000 * neighbours < 7 * ghost * at
  local stays = lags and min(4 * (1000 - at), 1000) or 1000
  local free = slots - holds - neighbours - ceil_div(max(ghost - neighbours, 0) * stays, 1000)
  local kept = me.reserve > 0 and kept() or 0
  local reserved = max(kept, reserve(at))
  local some = small and min(free - kept, small - me.hold) or 0
  local sees = ghost == 0 or at - ask.used_phase < OLD_SIGHT
  local seen = sees and SLOTS or slots - holds - max(ghost, neighbours) - (small and kept or reserved)
  return free - kept, max(free - reserved, some, 0), seen
end

local function has_its_turn()
  return not is_scarce() or not is_hungry(me) or target(me) > 0 or phase() >= TURN
end

local function may_look()
  local name = ask.phase < LATE_LOOK and 'looked_early' or 'looked_late'
  local looked = acc[name] == 1
  acc[name] = 1
  return not looked
end

local function part(open)
  local waiting = 1 + others.unsatisfied
  local generous = waiting <= FEW_WAITING or phase() > LATE_PHASE
  return min(max(ceil_div(open, waiting), generous and ceil_div(open, 4) or 0), open)
end

-- Lends what the member wants. Returns what is left for it, whether it got one slot to look, and when to ask again.
local function lend(ghost)
  local small = cap()
  small = not is_hungry(me) and me.hold < small and small
  local free, open, seen = offer(ghost, small)
  local want = (behind or ask.bye) and 0 or ask.want
  if is_quiet() or not has_its_turn() then open = 0 end
  local look = want > 0 and open > 0 and seen < 1 and may_look()
  open = min(open, max(seen, 0))
  local grant = look and 1 or min(want, part(open))
  if small and not me.asked then acc.small = min(acc.small + min(want, small), quota()) end
  if not behind then
    me.asked, me.unsatisfied, me.hold = me.asked or want > 0, grant < want, me.hold + grant
  end
  local left = max(open - grant, 0)
  if (left > 0 or look) and not is_quiet() then return left, look, NOW end
  local later = others.idle > 0 or reserve(phase()) > 0 or ghost > 0 or free - grant > 0 or is_quiet()
  return left, look, later and LATE or NONE
end
