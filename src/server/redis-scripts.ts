/**
 * What happens inside Redis. Each script is one atomic step, touches the keys of one topic alone, and begins by settling
 * which history of the topic this is: the part that says whether a sequence may be continued.
 */

/** A script, and the keys and arguments that it is given are listed above its text. */
export interface Script {
  readonly name: string
  readonly lua: string
}

/**
 * KEYS: 1 what is known of the topic, 2 its stream.
 * ARGV: 1 a fresh epoch, 2-4 what this instance knew last (epoch, run, seq), 5 `1` when it has followed the topic without
 * a break, so that it knows of everything, 6 how long the topic is remembered in ms, 7 how long a witness is waited for in ms.
 *
 * A `run` is one life of a Redis process. `runs` lists those that this epoch has lived through, each with the sequence
 * number that it began with: `a1b2:0 c3d4:105`. The epoch changes when
 * - nothing is known of the topic, or its stream is ahead of what is known;
 * - an instance knew of more than there is: under this run, or under an earlier one than it had kept at its end;
 * - the run is another, and no instance that followed the topic up to its end has come within the time to say that
 *   nothing is missing: a Redis that was restarted may have lost its last second, or a day.
 */
const SETTLE = `
local known = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'runs', 'waits')
local told = redis.pcall('INFO', 'server')
local run = type(told) == 'string' and string.sub(string.match(told, 'run_id:(%x+)') or '', 1, 16) or ''
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local epoch, seq, runs = known[1], tonumber(known[2]), known[3]
local function whole(number) return string.format('%.0f', number) end
local function begin()
  local kind = redis.call('TYPE', KEYS[2]).ok
  if kind ~= 'none' and kind ~= 'stream' then return redis.error_reply('HOLDFAST the stream is a ' .. kind) end
  redis.call('DEL', KEYS[1])
  redis.call('DEL', KEYS[2])
  epoch, seq, runs = ARGV[1], 0, run .. ':0'
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'seq', '0', 'runs', runs)
  redis.call('PEXPIRE', KEYS[1], ARGV[6])
end
local function broken()
  if epoch ~= ARGV[2] then return false end
  local witness = tonumber(ARGV[4])
  if witness > seq then return true end
  local found = false
  for name, from in string.gmatch(runs, '(%x*):(%d+)') do
    if found then return witness > tonumber(from) end
    found = name == ARGV[3]
  end
  return not found
end
local latest = runs and string.match(runs, '(%x*):%d+$')
if epoch and not (seq and latest) then return redis.error_reply('HOLDFAST what is known of the topic is not readable') end
if not epoch or broken() then
  local failed = begin()
  if failed then return failed end
elseif latest ~= run then
  if ARGV[7] ~= '0' and not (ARGV[5] == '1' and epoch == ARGV[2] and latest == ARGV[3]) then
    local since = known[4] and tonumber(string.match(known[4], '^' .. run .. ':(%d+)$'))
    if not since then
      since = now
      redis.call('HSET', KEYS[1], 'waits', run .. ':' .. whole(now))
    end
    local left = since + tonumber(ARGV[7]) - now
    if left > 0 then return {'wait', left} end
    local failed = begin()
    if failed then return failed end
  else
    local kept = {}
    for entry in string.gmatch(runs, '%S+') do kept[#kept + 1] = entry end
    while #kept > 7 do table.remove(kept, 1) end
    kept[#kept + 1] = run .. ':' .. whole(seq)
    runs = table.concat(kept, ' ')
    redis.call('HSET', KEYS[1], 'runs', runs)
    redis.call('HDEL', KEYS[1], 'waits')
  end
end
local function oldest()
  local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 1)[1]
  return first and tonumber(string.match(first[1], '^%d+')) or seq + 1
end
`

/**
 * KEYS: 3 and on, the records of the keys of the events, of those that have one.
 * ARGV: 8 how many events are kept, 9 for how long in ms; then four of each event: `t` for text or `b` for bytes, the body,
 * the key, for how long that is recorded in ms.
 *
 * Whatever can fail of an event comes before its first write, and an event that fails ends the step: it tells of those
 * before it, and fails only where there is none. A record counts in its own epoch alone: what an earlier one stored is
 * gone. Ages are kept as at most 17 marks of time and number, because the ids are numbers: an event goes at its age or
 * up to a sixteenth later, and all of an idle topic go together.
 */
export const APPEND: Script = {
  name: 'append',
  lua: `${SETTLE}
local told, records, stored = {'ok', epoch, run, seq}, 2, false
local function tell(word, number)
  told[#told + 1] = word
  told[#told + 1] = number
end
local function failure(answer) return type(answer) == 'table' and answer.err and answer or nil end
local function append(kind, body, key, ms)
  local name
  if key ~= '' then
    records = records + 1
    name = KEYS[records]
    local record = redis.pcall('GET', name)
    if failure(record) then return record end
    if record then
      local was, at = string.match(record, '^(%S+) (%d+)$')
      if not at then return redis.error_reply('HOLDFAST the record of a key is not readable') end
      if was == epoch then return tell('dup', tonumber(at)) end
    end
  end
  local fields = {kind, body}
  if name then fields = {kind, body, 'k', key} end
  local function add() return redis.pcall('XADD', KEYS[2], 'MAXLEN', ARGV[8], whole(seq + 1) .. '-0', unpack(fields)) end
  local failed = failure(add())
  if failed and #told == 4 and string.find(failed.err, 'equal or smaller', 1, true) then
    failed = begin() or failure(add())
    told[2] = epoch
  end
  if failed then return failed end
  seq = seq + 1
  stored = true
  redis.call('HSET', KEYS[1], 'seq', whole(seq))
  if name then redis.call('SET', name, epoch .. ' ' .. whole(seq), 'PX', ms) end
  redis.call('PUBLISH', KEYS[2], table.concat({epoch, run, whole(seq), kind, #key}, ' ') .. '\\n' .. key .. body)
  tell('new', seq)
end
for each = 10, #ARGV, 4 do
  local failed = append(ARGV[each], ARGV[each + 1], ARGV[each + 2], ARGV[each + 3])
  if failed and #told == 4 then return failed end
  if failed then break end
end
told[4] = seq
if not stored then return told end
redis.call('PEXPIRE', KEYS[1], ARGV[6])
local age = tonumber(ARGV[9])
redis.call('PEXPIRE', KEYS[2], ARGV[9])
local marks, last, gone = {}, 0, nil
for at, upto in string.gmatch(redis.call('HGET', KEYS[1], 'marks') or '', '(%d+):(%d+)') do
  if tonumber(at) <= now - age then gone = tonumber(upto) else marks[#marks + 1] = at .. ':' .. upto end
  last = tonumber(at)
end
if gone then redis.call('XTRIM', KEYS[2], 'MINID', whole(gone + 1)) end
local due = now - last >= age / 16
if due then marks[#marks + 1] = whole(now) .. ':' .. whole(seq) end
while #marks > 17 do table.remove(marks, 1) end
if due or gone then redis.call('HSET', KEYS[1], 'marks', table.concat(marks, ' ')) end
return told
`,
}

/** ARGV: 8 an epoch, 9 a number, 10 how many events after it are wanted at most. Tells where the topic stands, whether they can be had, and them. */
export const READ: Script = {
  name: 'read',
  lua: `${SETTLE}
if redis.call('PTTL', KEYS[1]) < ARGV[6] / 2 then redis.call('PEXPIRE', KEYS[1], ARGV[6]) end
local first, after = oldest(), tonumber(ARGV[9])
local whether = epoch == ARGV[8] and after >= first - 1 and after <= seq
local found = {}
if whether and ARGV[10] ~= '0' then
  found = redis.call('XRANGE', KEYS[2], whole(after + 1) .. '-0', '+', 'COUNT', ARGV[10])
end
return {'ok', epoch, run, seq, first, whether and 1 or 0, found}
`,
}

/** KEYS: 1 the answer. ARGV: 1 it, 2 for how long in ms. Tells the answer that stands. */
export const REPLY: Script = {
  name: 'reply',
  lua: `
local kept = redis.call('GET', KEYS[1])
if kept then return {'ok', kept} end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return {'ok', ARGV[1]}
`,
}

/** KEYS: 1 the answer. Tells it, where there is one. */
export const REPLY_TO: Script = { name: 'reply-to', lua: `return {'ok', redis.call('GET', KEYS[1])}` }

/** KEYS: 1 anything. Whether something can be stored: a full disk, a full memory and a replica all say no. */
export const PROBE: Script = { name: 'probe', lua: `redis.call('SET', KEYS[1], '1', 'PX', 60000) return {'ok'}` }
