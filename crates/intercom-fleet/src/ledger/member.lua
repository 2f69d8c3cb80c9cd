-- One member.

local FORGOTTEN, GRACE, NEEDS, COUNTS = 6, 4, 2, 2
local CREDIT, PLACES = 4000, 1099511627776

-- The member in the ledger's window. Changes it.
local function settle(me)
  if me.seen == acc.window then return me end
  local silent = acc.window - me.seen
  local grace = me.hungry and me.until_ >= acc.window - acc.length and silent <= GRACE * acc.length
  if me.until_ < acc.window and not grace then me.share = 0 end
  if me.share == 0 and not me.fresh and silent > NEEDS * acc.length then me.need = 0 end
  me.hold, me.unsatisfied, me.asked = me.share, me.unsatisfied and me.fresh, false
  return me
end

local function is_gone(me)
  return me.left or (not me.fresh and acc.window - me.seen >= FORGOTTEN * acc.length)
end

local function is_hungry(me)
  return me.hungry and me.need > 0
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
