import { createHash } from 'node:crypto'

/** Lua that runs in Redis as one step: https://redis.io/docs/latest/develop/programmability/eval-intro/ */
export interface RedisScript {
  readonly text: string
  readonly sha: string
}

function script(text: string): RedisScript {
  const whole = `${shared}\n${text}`
  return { text: whole, sha: createHash('sha1').update(whole).digest('hex') }
}

// A window is a hash: `s` the sum, `h` and `t` the last and the first part that count, and by their numbers the parts; as
// sliding-window.ts has it. Places are a sorted set of who has one, by when it is lost. A spend is a hash: `spent`, `held`,
// and the held amounts by whom; beside it is such a set. In that are also notes, for as long as somebody may not know what
// Redis did for them: of holds that were given up (`-` and whose), and of what was counted for once (`+`). The score of a note
// is negative, when it may be forgotten.
const shared = `
local PARTS, PLACES = 60, 61
local MEMORY = ${60 * 60 * 1000}
local UNLIMITED = ${Number.MAX_SAFE_INTEGER}

local function clock(given)
  if given ~= '' then return tonumber(given) end
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

local function window(key, length, time)
  local got = redis.call('HMGET', key, 's', 'h', 't')
  local sum, head, tail = tonumber(got[1] or 0), tonumber(got[2] or 0), tonumber(got[3] or 0)
  local first = math.floor(time / length) - PARTS
  if got[1] and head - PARTS > first + PARTS then
    redis.call('DEL', key)
    return 0, first, first
  end
  if got[1] and first > tail then
    local from, to = math.max(tail, head - PARTS), math.min(first, head + 1) - 1
    local names = {}
    for part = from, to do names[#names + 1] = part % PLACES end
    if #names > 0 then
      for _, value in ipairs(redis.call('HMGET', key, unpack(names))) do sum = sum - tonumber(value or 0) end
      redis.call('HDEL', key, unpack(names))
    end
    tail = first
    redis.call('HSET', key, 's', sum, 't', tail)
  end
  return sum, head, math.max(tail, first)
end

local function add(key, length, time, amount)
  local sum, head, tail = window(key, length, time)
  local part = math.max(math.floor(time / length), head)
  redis.call('HINCRBY', key, part % PLACES, amount)
  redis.call('HSET', key, 's', sum + amount, 'h', part, 't', tail)
  redis.call('PEXPIRE', key, PLACES * length)
end

local function release(key, holds, id)
  local held = redis.call('HGET', key, 'h:' .. id)
  if held then
    redis.call('HDEL', key, 'h:' .. id)
    if tonumber(held) > 0 then redis.call('HINCRBY', key, 'held', -held) end
  end
  redis.call('ZREM', holds, id)
  return held
end

local function note(holds, name, time)
  redis.call('ZREMRANGEBYSCORE', holds, -time, '(0')
  redis.call('ZADD', holds, -(time + MEMORY), name)
end

local function once(key, holds, id, time)
  if redis.call('ZSCORE', holds, '+' .. id) then return false end
  note(holds, '+' .. id, time)
  local expires = redis.call('PTTL', key)
  if expires > 0 then redis.call('PEXPIRE', holds, expires) end
  return true
end

local function room(key, holds, time, most)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', holds, 0, time)) do
    if release(key, holds, id) then note(holds, '-' .. id, time) end
  end
  local got = redis.call('HMGET', key, 'spent', 'held')
  if not got[1] then return nil end
  if most == UNLIMITED then return UNLIMITED end
  return most - tonumber(got[1]) - tonumber(got[2] or 0)
end

local function hold(key, holds, id, amount, lost)
  redis.call('HINCRBY', key, 'held', amount)
  redis.call('HINCRBY', key, 'h:' .. id, amount)
  redis.call('ZADD', holds, lost, id)
  local expires = redis.call('PTTL', key)
  if expires > 0 then redis.call('PEXPIRE', holds, expires) end
end`

/**
 * All that was asked at one time, in its order: each step is taken whole or fails for itself.
 *
 * KEYS: of each group of limits, one for each, two for a spend. ARGV: the time, or nothing for Redis' own; milliseconds until
 * what is taken is lost; then JSON, since to write and to read many arguments costs more than all else: the groups, each
 * `[how many keys stand before its own, [kind, most, period or end], …]`, and the steps. `[group, id, amounts]` takes,
 * and is answered by the time, who refuses (-1: nobody), how long (-1: for ever), then for each limit what is left (-1: not
 * known) and the time until all of it is there. `[group, id, taken, used, when]` settles, and is answered by what is spent,
 * or 0. Returns JSON: a list for each step, or a text that says why it failed.
 */
export const countScript: RedisScript = script(`
local time, lease = clock(ARGV[1]), tonumber(ARGV[2])
local lost = time + lease

local function take(group, id, amounts)
  local refused, wait, unknown, k = -1, 0, false, group[1] + 1
  local reply, keys = { time, -1, 0 }, {}
  for index, amount in ipairs(amounts) do
    local kind, most, span = unpack(group[index + 1])
    local key, left, reset = KEYS[k], 0, 0
    keys[index] = k
    k = k + 1
    if kind == 'w' then
      local length = math.ceil(span / PARTS)
      local sum, head, tail = window(key, length, time)
      left = most - sum
      if amount > 0 then reset = span elseif sum > 0 then reset = (head + PLACES) * length - time end
      local needed = math.max(amount, 1)
      if left < needed then
        local until_free = 0
        if amount > most then until_free = math.huge
        else
          local free = 0
          for part = math.max(tail, head - PARTS), head do
            free = free + tonumber(redis.call('HGET', key, part % PLACES) or 0)
            if free >= needed - left then until_free = (part + PLACES) * length - time break end
          end
        end
        if refused < 0 or until_free > wait then refused, wait = index - 1, until_free end
      end
    elseif kind == 'p' then
      redis.call('ZREMRANGEBYSCORE', key, '-inf', time)
      left = most - redis.call('ZCARD', key)
      if left < amount and refused < 0 then refused = index - 1 end
    else
      k = k + 1
      left = room(key, KEYS[k - 1], time, most)
      reset = math.max(0, span - time)
      if not left then left, unknown = -1, true
      else
        if (left < amount or left <= 0) and wait ~= math.huge then refused, wait = index - 1, math.huge end
        left = math.max(0, left)
      end
    end
    if left ~= -1 then left = math.max(0, left) end
    reply[#reply + 1] = left
    reply[#reply + 1] = reset
  end
  reply[2] = refused
  if wait == math.huge then reply[3] = -1 else reply[3] = wait end
  if refused >= 0 or unknown then return reply end
  for index, amount in ipairs(amounts) do
    local kind, _, span = unpack(group[index + 1])
    local key = KEYS[keys[index]]
    if kind == 'w' then
      if amount > 0 then add(key, math.ceil(span / PARTS), time, amount) end
    elseif kind == 'p' then
      redis.call('ZADD', key, lost, id)
      redis.call('PEXPIRE', key, lease)
    else hold(key, KEYS[keys[index] + 1], id, amount, lost) end
    reply[2 + index * 2] = math.max(0, reply[2 + index * 2] - amount)
  end
  return reply
end

local function settle(group, id, amounts, used, at)
  local k, reply = group[1] + 1, {}
  for index, amount in ipairs(amounts) do
    local kind, _, span = unpack(group[index + 1])
    local key, spent = KEYS[k], 0
    k = k + 1
    if kind == 'w' then
      local difference = used[index] - amount
      if difference ~= 0 then
        local length = math.ceil(span / PARTS)
        local sum, head, tail = window(key, length, time)
        local part = math.floor(at / length)
        if part >= tail and part <= head then
          redis.call('HINCRBY', key, part % PLACES, difference)
          redis.call('HSET', key, 's', sum + difference)
        elseif difference > 0 then add(key, length, time, difference) end
      end
    elseif kind == 'p' then redis.call('ZREM', key, id)
    else
      local holds = KEYS[k]
      local mine = release(key, holds, id)
      k = k + 1
      local known, since = unpack(redis.call('HMGET', key, 'spent', 'since'))
      -- What is neither held nor given up was settled before, unless nothing of then is known.
      if known and not mine then
        mine = redis.call('ZREM', holds, '-' .. id) == 1
          or tonumber(since or 0) > at and once(key, holds, id, time)
      end
      if known then spent = mine and redis.call('HINCRBY', key, 'spent', used[index]) or known end
    end
    reply[index] = spent
  end
  return reply
end

local groups, replies = cjson.decode(ARGV[3]), {}
for index, step in ipairs(cjson.decode(ARGV[4])) do
  local group, id, amounts, used, at = groups[step[1] + 1], step[2], step[3], step[4], step[5]
  local done, reply = pcall(used and settle or take, group, id, amounts, used, at)
  if done then
    for place, value in ipairs(reply) do reply[place] = string.format('%.0f', value) end
    replies[index] = '[' .. table.concat(reply, ',') .. ']'
  else replies[index] = cjson.encode(tostring(type(reply) == 'table' and reply.err or reply)) end
end
return '[' .. table.concat(replies, ',') .. ']'`)

/** KEYS: two for each spend. ARGV: time, milliseconds, id; for each: most, amount. Returns 1 or 0. */
export const extendScript: RedisScript = script(`
local time, id = clock(ARGV[1]), ARGV[3]
for index = 0, #KEYS / 2 - 1 do
  local left = room(KEYS[index * 2 + 1], KEYS[index * 2 + 2], time, tonumber(ARGV[4 + index * 2]))
  if not left or left < tonumber(ARGV[5 + index * 2]) then return 0 end
end
for index = 0, #KEYS / 2 - 1 do
  hold(KEYS[index * 2 + 1], KEYS[index * 2 + 2], id, tonumber(ARGV[5 + index * 2]), time + tonumber(ARGV[2]))
  -- One that was given up meanwhile is held again.
  redis.call('ZREM', KEYS[index * 2 + 2], '-' .. id)
end
return 1`)

/** KEYS: sorted sets. ARGV: time, milliseconds, id. What is lost already stays lost. */
export const renewScript: RedisScript = script(`
local lost = clock(ARGV[1]) + tonumber(ARGV[2])
for _, key in ipairs(KEYS) do
  redis.call('ZADD', key, 'XX', lost, ARGV[3])
  -- What never ends has to stay: money that nobody gave back is found by it.
  local left = redis.call('PTTL', key)
  if left >= 0 and left < tonumber(ARGV[2]) then redis.call('PEXPIRE', key, tonumber(ARGV[2])) end
end
return 0`)

/** KEYS: two for each spend. ARGV: time. Returns for each what is spent and what is held, -1 for what is not known. */
export const lookScript: RedisScript = script(`
local time, reply = clock(ARGV[1]), {}
for index = 1, #KEYS, 2 do
  room(KEYS[index], KEYS[index + 1], time, 0)
  local got = redis.call('HMGET', KEYS[index], 'spent', 'held')
  reply[index] = tonumber(got[1] or -1)
  reply[index + 1] = tonumber(got[2] or 0)
end
return reply`)

/** KEYS: a spend. ARGV: what is spent, when it may be forgotten, or nothing, and the time. */
export const seedScript: RedisScript = script(`
if redis.call('HSETNX', KEYS[1], 'spent', ARGV[1]) == 1 then
  redis.call('HSETNX', KEYS[1], 'held', 0)
  redis.call('HSET', KEYS[1], 'since', clock(ARGV[3] or ''))
  if ARGV[2] ~= '' then redis.call('PEXPIREAT', KEYS[1], ARGV[2]) end
end
return 0`)

/**
 * KEYS: two of a spend. ARGV: time, id, what was spent elsewhere. Where nothing is known, all of it is told later; the same
 * id is counted once.
 */
export const chargeScript: RedisScript = script(`
if redis.call('HEXISTS', KEYS[1], 'spent') == 1 and once(KEYS[1], KEYS[2], ARGV[2], clock(ARGV[1])) then
  redis.call('HINCRBY', KEYS[1], 'spent', ARGV[3])
end
return 0`)
