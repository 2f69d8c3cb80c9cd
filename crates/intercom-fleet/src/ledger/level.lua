-- Fair shares.

local ALL, PAUSE, EPOCHS = 10000000000, 100000, 100000

local function met(need)
  return min(1000 * need, acc.height)
end

local function target(me)
  if 1000 * me.need <= acc.height then return me.need end
  return floor(acc.height / 1000) + (me.extra and 1 or 0)
end

local function take_place(id, me)
  if me.epoch ~= acc.epoch then
    me.extra, me.epoch = place(id, me) <= acc.last_place, acc.epoch
  end
end

local function is_scarce()
  return acc.height < 1000
end

local function is_due(room, now)
  return (acc.stale == 1 or room ~= acc.room) and abs(now - acc.level_at) >= PAUSE
end

local function share_out(room, members, now)
  acc.room, acc.level_at, acc.stale, acc.epoch = room, now, 0, (acc.epoch + 1) % EPOCHS
  acc.height, acc.last_place = ALL, -1
  local above = {}
  for id, me in pairs(members) do
    if me.need > 0 then above[#above + 1] = id end
  end
  while #above > 0 do
    local count, rest, higher = #above, room, {}
    for _, id in ipairs(above) do
      local need = members[id].need
      if need * count <= rest then room = room - need else higher[#higher + 1] = id end
    end
    if #higher == count then
      acc.height = floor(1000 * room / count)
      local first, places = room % count, {}
      for _, id in ipairs(above) do
        local me = members[id]
        if is_scarce() and me.share > 0 and me.until_ > acc.window then
          first = first - me.share
        else
          places[#places + 1] = place(id, me)
        end
      end
      table.sort(places)
      acc.last_place = places[first] or -1
      return
    end
    above = higher
  end
end
