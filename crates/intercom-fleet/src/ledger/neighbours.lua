-- Clients outside the fleet.

local function outside(past)
  return max(past.used - (past.holds - past.unused), 0)
end

-- How many slots to leave to clients outside the fleet, and whether one of them takes little in most windows.
local function neighbours()
  local slots, ghost, judged, met = quota(), 0, 0, 0
  for _, past in ipairs(acc.history) do
    if past.whole == 1 and judged < 3 then
      judged = judged + 1
      local others = outside(past)
      if others > 0 then
        met = met + 1
        local more = min(others + floor(others / 4) + floor(slots / 64), floor(slots / 2))
        ghost = max(ghost, past.used < slots - 1 and others or more)
      end
    end
  end
  ghost = min(ghost, slots)
  return ghost, ghost > 0 and ghost <= floor(slots / 8) and met >= 2
end

local function report(closed)
  for _, past in ipairs(acc.history) do
    if past.window == closed.window then
      past.unused, past.used = past.unused + closed.unused, max(past.used, closed.used)
      return
    end
  end
end
