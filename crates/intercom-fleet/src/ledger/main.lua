-- One request from its arguments to its reply.

local function write(id)
  if wipe then redis.call('DEL', key) end
  for _, other in ipairs(gone) do redis.call('HDEL', key, other) end
  for _, other in ipairs(fresh) do redis.call('HSET', key, other, write_member(all[other])) end
  redis.call('HSET', key, '_', write_account(), id, write_member(me))
  redis.call('PEXPIRE', key, max(120000, 12 * acc.length))
end

-- A reply that says only what became of the request.
local function brief(status)
  return {ask.seq, status, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, NOW, 0, 0, 0, 0}
end

local function number(value)
  return value and 1 or 0
end

local function register(status)
  if known then add(acc.total, settle(me), -1) end
  needs(me, ask)
  me.seq, me.fresh, me.unsatisfied = ask.seq, true, not ask.bye
  add(acc.total, settle(me), 1)
  write(ask.id)
  return brief(status)
end

local function main()
  local now
  ask, now = read_request()
  if not now then return redis.error_reply('LEDGER the request is not of this version; update the program that sent it') end
  local unreadable = redis.error_reply('LEDGER the state is not of this version; delete the key, or wait until it expires')
  local values = redis.pcall('HMGET', key, '_', ask.id)
  -- The key has another type, or the user may not read it. Redis says it best.
  if values.err then return values end
  acc = read_account(values[1])
  me, known = new_member(), values[2] and true
  if known then me = read_member(values[2]) end
  if not acc or not me then return unreadable end
  if ask.seq <= me.seq then return brief(STALE) end

  local window, status = find_window(ask, now)
  if status == CONFLICT then return brief(CONFLICT) end
  if status then return register(status) end
  local opened = window > acc.window
  if opened then
    if acc.window == 0 then acc.born, acc.length = window, ask.length end
    if not open(window) then return unreadable end
    me = all[ask.id]
    known = me and true
    me = me or new_member()
  end

  if known and not opened then settle(me) end
  if known then add(acc.total, me, -1) end
  others, behind = acc.total, ask.window > 0 and ask.window < acc.window
  take_in(now)
  local ghost, gentle = neighbours()
  local space = max(room(ghost), 0)
  if opened or is_due(space, now) then
    if not opened then
      if not read_all() then return unreadable end
      for _, member in pairs(all) do settle(member) end
    end
    all[ask.id] = me
    share_out(space, all, now)
    take_place(ask.id, me)
  end
  local left, look, slack = lend(ghost)
  if not behind then renew(ghost) end
  local wanting = others.wanting > 0
  add(acc.total, me, 1)
  write(ask.id)

  local clock = aged(now)
  return {
    ask.seq, OK, acc.window, acc.length, acc.limit, acc.limit_window, me.hold, me.until_ < acc.window and 0 or me.share,
    max(me.until_, acc.window), number(wanting), acc.total.members, clock and max(now + clock, 0) or 0, slack, left,
    number(is_quiet()), number(look), number(gentle),
  }
end

return main()
