-- Reads keys of one database and answers with what Python digests of each: its name, type, logical value (which does not
-- depend on how the server encodes it), expiry and size. Nothing is written. A long value goes as a digest of its own.
--
-- ARGV: database, "1" where some of its keys expire, a separator that stands in no key and no value,
-- then either "scan", cursor, count, names to leave out… or "key", name, from, state, size, soonest.
-- Answers of a scan: next cursor, names that are too large for one call, then, each joined by the separator: names,
-- values and expiries (none where no key expires) of short strings, and six of every other key. Answers of a key: where
-- to go on, state, size, soonest; or, when done, its six.
-- plain.py reads the same; a test holds the two against each other.
local CHUNK, BYTES, BUDGET = 1000, 65536, 1000
local LAST = BYTES - 1
local SHORT, ENOUGH = 256, 1048576 -- bytes: of a value that goes as it is; of long strings in one call
local VOLATILE, SEPARATOR = ARGV[2] == '1', ARGV[3]
local call, pcall, sha1 = redis.call, redis.pcall, redis.sha1hex
local concat, format, sub, type = table.concat, string.format, string.sub, type
call('SELECT', ARGV[1])

-- Order counts: each chunk is chained to what came before.
local function chain(state, items)
  local parts = { state }
  for i = 1, #items do
    local item = items[i]
    parts[#parts + 1] = #item .. ':'
    parts[#parts + 1] = item
  end
  return sha1(concat(parts))
end

-- Order does not count: 48 bits of two places of the digest are added up, exact in a double.
local function add(one, two, digest)
  return (one + tonumber(sub(digest, 1, 12), 16)) % 2 ^ 48, (two + tonumber(sub(digest, 13, 24), 16)) % 2 ^ 48
end

local function sum(state, digests)
  local one, two = state:match('(%d+) (%d+)')
  one, two = tonumber(one or 0), tonumber(two or 0)
  for i = 1, #digests do one, two = add(one, two, digests[i]) end
  return format('%.0f %.0f', one, two)
end

local function expiry(key)
  local at = pcall('PEXPIRETIME', key)
  if at == -1 then return '-1' end
  if type(at) ~= 'number' then
    local left, now = call('PTTL', key), call('TIME') -- before Redis 7, to the millisecond or nearly so
    at = left < 0 and left or left + now[1] * 1000 + math.floor(now[2] / 1000)
  end
  return format('%.0f', at)
end

-- When each field expires, where the server has that; by the chunk, for unpack takes only some thousands.
local function fields_expire(key, fields)
  local result = {}
  for i = 1, #fields, CHUNK do
    local last = math.min(i + CHUNK - 1, #fields)
    local at = pcall('HPEXPIRETIME', key, 'FIELDS', last - i + 1, unpack(fields, i, last))
    if at.err then return {} end
    for j = 1, #at do result[i + j - 1] = at[j] end
  end
  return result
end

-- Each reader takes a key, where to go on, the state so far and a place to note expiring fields, and returns where to
-- go on after it (nil: done), the new state, and how much it read.
local readers = {}

function readers.string(key, from, state)
  local start = tonumber(from) or 0
  local piece = call('GETRANGE', key, start, start + LAST)
  if start == 0 and #piece < BYTES then return nil, piece, #piece end
  return #piece == BYTES and start + BYTES or nil, sha1(state .. piece), #piece
end

function readers.list(key, from, state)
  local start = tonumber(from) or 0
  local items = call('LRANGE', key, start, start + CHUNK - 1)
  return #items == CHUNK and start + CHUNK or nil, chain(state, items), #items
end

function readers.zset(key, from, state)
  local start = tonumber(from) or 0
  local items = call('ZRANGE', key, start, start + CHUNK - 1, 'WITHSCORES')
  for i = 2, #items, 2 do items[i] = format('%.17g', tonumber(items[i])) end
  return #items == 2 * CHUNK and start + CHUNK or nil, chain(state, items), #items / 2
end

function readers.set(key, from, state)
  local page = call('SSCAN', key, from == '' and '0' or from, 'COUNT', CHUNK)
  local digests = {}
  for i, member in ipairs(page[2]) do digests[i] = sha1(member) end
  return page[1] ~= '0' and page[1] or nil, sum(state, digests), #digests
end

function readers.hash(key, from, state, soon)
  local page = call('HSCAN', key, from == '' and '0' or from, 'COUNT', CHUNK)
  local items, fields, digests = page[2], {}, {}
  for i = 1, #items, 2 do fields[#fields + 1] = items[i] end
  local at = fields_expire(key, fields)
  for i, field in ipairs(fields) do
    local ends = at[i] and at[i] >= 0 and format('%.0f', at[i]) or ''
    if ends ~= '' and (soon[1] < 0 or at[i] < soon[1]) then soon[1] = at[i] end
    digests[i] = chain('', { field, items[2 * i], ends })
  end
  return page[1] ~= '0' and page[1] or nil, sum(state, digests), #digests
end

-- A flat answer of names and values, as a table.
local function named(answer)
  local result = {}
  for i = 1, #answer, 2 do result[answer[i]] = answer[i + 1] end
  return result
end

local function pending(key, group)
  local items, from = {}, '-'
  repeat
    local page = call('XPENDING', key, group, from, '+', CHUNK)
    for _, entry in ipairs(page) do
      items[#items + 1], items[#items + 2], items[#items + 3] = entry[1], entry[2], tostring(entry[4])
      from = '(' .. entry[1]
    end
  until #page < CHUNK
  return items
end

local function groups(key)
  local about = named(call('XINFO', 'STREAM', key))
  local items = { about['last-generated-id'], tostring(about['entries-added'] or ''),
                  about['max-deleted-entry-id'] or '' }
  local each = {}
  for i, group in ipairs(call('XINFO', 'GROUPS', key)) do
    group = named(group)
    -- Consumers show by what is pending for them: one without is made anew when it reads, and an AOF may not have it.
    each[i] = chain('', { group.name, group['last-delivered-id'], tostring(group['entries-read'] or ''),
                          chain('', pending(key, group.name)) })
  end
  items[#items + 1] = sum('', each)
  return items
end

function readers.stream(key, from, state)
  local entries = call('XRANGE', key, from == '' and '-' or from, '+', 'COUNT', CHUNK)
  local digests = {}
  for i, entry in ipairs(entries) do digests[i] = chain(entry[1], entry[2]) end
  state = chain(state, digests)
  if #entries == CHUNK then return '(' .. entries[CHUNK][1], state, CHUNK end
  return nil, chain(state, groups(key)), #entries
end

-- A module's type: its serialized form without version and checksum.
local function other(key, _, state)
  local dump = call('DUMP', key)
  return nil, sha1(state .. dump:sub(1, -11)), #dump
end

-- Reads on at `from` until the key is done or the budget spent. Returns where to go on (nil: done) and what was read.
local function read(key, kind, from, state, size, soonest)
  local soon, reader, start = { soonest }, readers[kind] or other, size
  repeat
    local count
    from, state, count = reader(key, from, state, soon)
    size = size + count
  until not from or size - start >= BUDGET
  return from, state, size, soon[1]
end

local function put(rest, key, kind, state, size, soonest)
  local n = #rest
  rest[n + 1], rest[n + 2], rest[n + 3] = key, kind, #state < SHORT and state or sha1(state)
  rest[n + 4] = VOLATILE and expiry(key) or '-1'
  rest[n + 5], rest[n + 6] = format('%.0f', size), format('%.0f', soonest)
end

local function scan(cursor, count, leave_out)
  local page = call('SCAN', cursor, 'COUNT', count)
  local keys, values, times, rest, large = {}, {}, {}, {}, {}
  local n, bytes, elements, strings = 0, 0, 0, true

  -- What is no short string, or cannot be told from none.
  local function slow(key, piece)
    local kind = call('TYPE', key).ok
    if kind == 'none' then return end
    local from, state, size, soonest = key, '', 0, -1
    strings = kind == 'string'
    if strings then
      if not piece and bytes < ENOUGH then piece = call('GETRANGE', key, '0', '65535') end
      if piece and #piece < BYTES then from, state, size = nil, piece, #piece end
      bytes = bytes + size
    elseif elements < BUDGET then
      from, state, size, soonest = read(key, kind, '', '', 0, -1)
      elements = elements + size
    end
    if from then
      large[#large + 1] = key
    else
      put(rest, key, kind, state, size, soonest)
    end
  end

  for _, key in ipairs(page[2]) do
    if not leave_out[key] then
      -- Most keys are short strings: one call each, numbers as text, for formatting them takes as long as the call.
      -- Where the last key was none, the type is asked first: the server counts each error.
      local piece = strings and bytes < ENOUGH and pcall('GETRANGE', key, '0', '65535')
      piece = type(piece) == 'string' and piece
      if piece and piece ~= '' and #piece < SHORT then
        n = n + 1
        keys[n], values[n] = key, piece
        if VOLATILE then times[n] = expiry(key) end
      else
        slow(key, piece)
      end
    end
  end
  return { page[1], large, concat(keys, SEPARATOR), concat(values, SEPARATOR), concat(times, SEPARATOR),
           concat(rest, SEPARATOR) }
end

local function resume(key, from, state, size, soonest)
  local kind, rest = call('TYPE', key).ok, {}
  if kind ~= 'none' then
    from, state, size, soonest = read(key, kind, from, state, tonumber(size), tonumber(soonest))
    if from then return { tostring(from), state, format('%.0f', size), format('%.0f', soonest) } end
    put(rest, key, kind, state, size, soonest)
  end
  return { concat(rest, SEPARATOR) }
end

if ARGV[4] == 'key' then return resume(unpack(ARGV, 5)) end
local leave_out = {}
for i = 7, #ARGV do leave_out[ARGV[i]] = true end
return scan(ARGV[5], ARGV[6], leave_out)
