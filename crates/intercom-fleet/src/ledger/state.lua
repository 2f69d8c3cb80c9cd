-- What the hash holds.

-- `_` is the account; each other field is a member, by its id in 16 hexadecimal digits. Each value is a list of whole numbers. All
-- stay below 2^53. Lua writes numbers with 14 digits.
local VERSION = 1

local ACCOUNT = {
  'window', 'length', 'limit', 'limit_window', 'hidden', 'hidden_window', 'used', 'quarantine', 'renews_only',
  'born', 'torn', 'small', 'small_usual', 'looked_early', 'looked_late', 'rotation', 'reserve', 'height', 'last_height', 'epoch', 'room', 'stale',
}
-- These may be above 10^14.
local BIG = {'ahead', 'ahead_at', 'last', 'probe_at', 'last_place', 'level_at'}
local TALLY = {'holds', 'shares', 'hungry', 'unsatisfied', 'needing', 'idle', 'wanting', 'members'}
local PAST = {'window', 'holds', 'unused', 'used', 'whole'}
local FLAGS = {'hungry', 'unsatisfied', 'asked', 'fresh', 'left', 'extra'}

local acc

-- Moves numbers of a list into the fields of a table. Returns the index after the last one.
local function unpack_fields(list, index, names, into)
  for offset, name in ipairs(names) do into[name] = list[index + offset] end
  return index + #names
end

local function pack_fields(list, names, from)
  local size = #list
  for offset, name in ipairs(names) do list[size + offset] = from[name] end
end

local function new_account()
  local new = {total = {}, history = {}}
  for _, name in ipairs(ACCOUNT) do new[name] = 0 end
  for _, name in ipairs(BIG) do new[name] = 0 end
  for _, name in ipairs(TALLY) do new.total[name] = 0 end
  for index = 1, 4 do new.history[index] = {window = 0, holds = 0, unused = 0, used = 0, whole = 0} end
  return new
end

-- The numbers of a list, or nothing if it is something else. The parser for JSON is the fastest that a script has.
local function read_list(text)
  if text:find('[^%d,%-]') then return end
  local is_list, list = pcall(cjson.decode, '[' .. text .. ']')
  return is_list and list
end

local function read_account(text)
  if not text then return new_account() end
  local list = read_list(text)
  if not list or #list ~= 1 + #ACCOUNT + #BIG + #TALLY + 4 * #PAST or list[1] ~= VERSION then return end
  local account = {total = {}, history = {}}
  local index = unpack_fields(list, 1, ACCOUNT, account)
  index = unpack_fields(list, index, BIG, account)
  index = unpack_fields(list, index, TALLY, account.total)
  for past = 1, 4 do
    account.history[past] = {}
    index = unpack_fields(list, index, PAST, account.history[past])
  end
  return account
end

local function write_account()
  local list = {VERSION}
  pack_fields(list, ACCOUNT, acc)
  for _, name in ipairs(BIG) do list[#list + 1] = string.format('%.0f', acc[name]) end
  pack_fields(list, TALLY, acc.total)
  for _, past in ipairs(acc.history) do pack_fields(list, PAST, past) end
  return table.concat(list, ',')
end

local function new_member()
  return {
    seq = 0, seen = 0, hold = 0, share = 0, until_ = 0, need = 0, reported = 0, credit = 0, epoch = 0, reserve = 0,
    hungry = false, unsatisfied = false, asked = false, fresh = false, left = false, extra = false,
  }
end

-- `until` and `reported` are written as differences to `seen`, which are short.
local MEMBER = '^' .. ('(%-?%d+) '):rep(10) .. '([01])([01])([01])([01])([01])([01])$'

local function read_member(text)
  local seq, seen, hold, share, until_, need, reported, credit, epoch, reserve, hungry, unsatisfied, asked, fresh, left, extra =
    text:match(MEMBER)
  if not seq then return end
  return {
    seq = tonumber(seq), seen = tonumber(seen), hold = tonumber(hold), share = tonumber(share), until_ = seen + until_,
    need = tonumber(need), reported = seen - reported, credit = tonumber(credit), epoch = tonumber(epoch),
    reserve = tonumber(reserve), hungry = hungry == '1', unsatisfied = unsatisfied == '1', asked = asked == '1',
    fresh = fresh == '1', left = left == '1', extra = extra == '1',
  }
end

local function write_member(me)
  local flags = {}
  for index, name in ipairs(FLAGS) do flags[index] = me[name] and '1' or '0' end
  return table.concat({
    me.seq, me.seen, me.hold, me.share, me.until_ - me.seen, me.need, me.seen - me.reported, me.credit, me.epoch, me.reserve,
    table.concat(flags),
  }, ' ')
end
