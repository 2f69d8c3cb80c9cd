-- One member.

local FORGOTTEN, GRACE, NEEDS, COUNTS = 6, 4, 2, 2
local CREDIT, PLACES = 4000, 1099511627776

local function is_hungry(me)
  return me.hungry and me.need > 0
end

local function owe(me, credit)
  me.credit = clamp(me.credit + credit, -CREDIT, CREDIT)
end

local function charge(me)
  local windows = clamp(floor((acc.window - me.seen) / acc.length), 1, FORGOTTEN)
  local shares = clamp(floor((me.until_ - me.seen) / acc.length), 0, windows - 1)
  owe(me, windows * min(1000 * me.need, acc.last_height) - 1000 * (me.hold + shares * me.share))
end

-- The member in the ledger's window. Changes it, so it is done once to each that was read.
local function settle(me)
  if me.seen == acc.window then return me end
  local silent = acc.window - me.seen
  local grace = me.hungry and me.until_ >= acc.window - acc.length and silent <= GRACE * acc.length
  if is_hungry(me) and not me.fresh then charge(me) end
  if me.until_ < acc.window and not grace then me.share = 0 end
  if me.share == 0 and not me.fresh and silent > NEEDS * acc.length then me.need = 0 end
  me.hold, me.unsatisfied, me.asked = me.share, me.unsatisfied and me.fresh, false
  return me
end

local function is_gone(me)
  return not me.fresh and acc.window - me.seen >= FORGOTTEN * acc.length
end

local function needs(me, ask)
  me.need, me.hungry, me.reserve, me.left = ask.bye and 0 or ask.need, ask.hungry and not ask.bye, ask.reserve, ask.bye
end

-- Adds what a settled member adds to the sums, or takes it away.
local function add(total, me, sign)
  local hungry = is_hungry(me)
  total.holds = total.holds + sign * me.hold
  total.shares = total.shares + sign * me.share
  if hungry then
    total.hungry = total.hungry + sign
    if me.unsatisfied or me.hold < me.need then total.wanting = total.wanting + sign end
  else
    total.idle = total.idle + sign * me.hold
  end
  if me.unsatisfied then total.unsatisfied = total.unsatisfied + sign end
  if me.need > 0 then total.needing = total.needing + sign end
  local recent = me.fresh or me.seen >= acc.window - COUNTS * acc.length
  if not me.left and (recent or me.share > 0) then total.members = total.members + sign end
end

local function place(id, me)
  return (CREDIT - me.credit) * PLACES + tonumber(id:sub(1, 10), 16)
end
