-- Reads keys of one database and answers with a record for each: its name, type, expiry, size, and a digest of its
-- logical value, which does not depend on how the server encodes it. Nothing is written.
--
-- ARGV: database, "1" where some of its keys expire, then either "scan", cursor, names to leave out…
-- or "key", name, from, state, size, soonest.
-- Answers of a scan: next cursor, names that are too large for one call, then five of each bucket: its number, packed
-- records, how many, and two sums. Answers of a key: where to go on, state, size, soonest; or, when done, as a scan.
-- plain.py computes the same records; a test holds the two against each other.
local CHUNK, BYTES, BUDGET = 1000, 65536, 5000
local LAST = BYTES - 1
local VOLATILE = ARGV[2] == '1'
local call, sha1, concat = redis.call, redis.sha1hex, table.concat
local format, sub, byte, pack = string.format, string.sub, string.byte, struct.pack
local CODES = { string = 1, list = 2, set = 3, zset = 4, hash = 5, stream = 6 }
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
  local at = redis.pcall('PEXPIRETIME', key)
  if type(at) == 'number' then return at end
  local left, now = call('PTTL', key), call('TIME') -- before Redis 7, to the millisecond or nearly so
  return left < 0 and left or left + now[1] * 1000 + math.floor(now[2] / 1000)
end

-- When each field expires, where the server has that; by the chunk, for unpack takes only some thousands.
local function fields_expire(key, fields)
  local result = {}
  for i = 1, #fields, CHUNK do
    local last = math.min(i + CHUNK - 1, #fields)
    local at = redis.pcall('HPEXPIRETIME', key, 'FIELDS', last - i + 1, unpack(fields, i, last))
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

-- The same key always falls into the same of 64 buckets, so that two snapshots are compared bucket by bucket.
local function bucket(key)
  local length = #key
  local one, two = byte(key, -2, -1)
  return ((one or 0) + 7 * (two or 0) + 31 * (byte(key, (length - length % 2) / 2 + 1) or 0)) % 64
end

local function put(buckets, key, kind, state, size, soonest)
  local at = VOLATILE and expiry(key) or -1
  local digest = sha1(#key .. ':' .. key .. kind .. ':' .. state)
  local number = bucket(key)
  local part = buckets[number]
  if not part then
    part = { one = 0, two = 0 }
    buckets[number] = part
  end
  part[#part + 1] = pack('>I4Bdddc40', #key, CODES[kind] or 0, at, soonest, size, digest) .. key
  part.one, part.two = add(part.one, part.two, at < 0 and digest or sha1(format('%s %.0f', digest, at)))
end

local function answer(cursor, large, buckets)
  local result = { cursor, large }
  for number, part in pairs(buckets) do
    local n = #result
    result[n + 1], result[n + 2], result[n + 3] = number, concat(part), #part
    result[n + 4], result[n + 5] = format('%.0f', part.one), format('%.0f', part.two)
  end
  return result
end

local function scan(cursor, leave_out)
  local page = call('SCAN', cursor, 'COUNT', CHUNK)
  local buckets, large, spent = {}, {}, 0
  for _, key in ipairs(page[2]) do
    local kind = call('TYPE', key).ok
    if not leave_out[key] and kind ~= 'none' then
      local from, state, size, soonest = key, '', 0, -1
      if kind == 'string' then
        from, state, size = readers.string(key, '', '')
      elseif spent < BUDGET then
        from, state, size, soonest = read(key, kind, '', '', 0, -1)
        spent = spent + size
      end
      if from then
        large[#large + 1] = key
      else
        put(buckets, key, kind, state, size, soonest)
      end
    end
  end
  return answer(page[1], large, buckets)
end

local function resume(key, from, state, size, soonest)
  local kind, buckets = call('TYPE', key).ok, {}
  if kind ~= 'none' then
    from, state, size, soonest = read(key, kind, from, state, tonumber(size), tonumber(soonest))
    if from then return { tostring(from), state, format('%.0f', size), format('%.0f', soonest) } end
    put(buckets, key, kind, state, size, soonest)
  end
  return answer('0', {}, buckets)
end

if ARGV[3] == 'key' then return resume(unpack(ARGV, 4)) end
local leave_out = {}
for i = 5, #ARGV do leave_out[ARGV[i]] = true end
return scan(ARGV[4], leave_out)
