/** What the algorithms share: the clock, the numbers, how states are written and verdicts are told. */
export const prologueLua: string = `
local mode = ARGV[1]
local now = tonumber(ARGV[2])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local function text(number) return string.format('%.17g', number) end
local function numbers(value)
  local found = {}
  for word in string.gmatch(value or '', '%S+') do found[#found + 1] = tonumber(word) end
  return unpack(found)
end
local function verdictOf(waitMs, remaining, fullMs)
  if waitMs <= 0 then return { 1, remaining, 0, fullMs } end
  if waitMs == math.huge then waitMs = -1 end
  return { 0, remaining, waitMs, waitMs }
end
local function write(key, value, ttlMs)
  if value and ttlMs > 0 then redis.call('SET', key, value, 'PX', text(math.ceil(ttlMs))) else redis.call('DEL', key) end
end
local algorithms = {}
`;

/** Decides, and writes only when every check was admitted. */
export const epilogueLua: string = `
local function untouched(c, state, key)
  local _, verdict = c.algorithm.step(state, c, 0, key)
  return verdict
end
local checks, before, after, verdicts, isRefused = {}, {}, {}, {}, false
for i, key in ipairs(KEYS) do
  local at = 2 + (i - 1) * 7
  local c = {
    algorithm = algorithms[ARGV[at + 1]], limit = tonumber(ARGV[at + 2]), window = tonumber(ARGV[at + 3]),
    burst = tonumber(ARGV[at + 4]), aligned = ARGV[at + 5] == '1', cost = tonumber(ARGV[at + 6]), peek = ARGV[at + 7] == '1'
  }
  checks[i] = c
  if mode == 'reset' then
    redis.call('DEL', key)
    verdicts[i] = { 1, 0, 0, 0 }
  elseif mode == 'refund' then
    local state = c.algorithm.load(key, c)
    if c.cost > 0 and not c.peek then
      c.algorithm.save(key, c.algorithm.refund(state, c, key), c)
      state = c.algorithm.load(key, c)
    end
    verdicts[i] = untouched(c, state, key)
  else
    if not after[key] then
      before[key] = { c.algorithm.load(key, c) }
      after[key] = before[key]
    end
    local state, verdict = c.algorithm.step(after[key][1], c, c.cost, key)
    verdicts[i] = verdict
    if verdict[1] == 0 then
      isRefused = true
    elseif c.peek then
      verdicts[i] = untouched(c, after[key][1], key)
    elseif c.cost > 0 then
      after[key] = { state }
    end
  end
end
if mode == 'consume' and not isRefused then
  for i, key in ipairs(KEYS) do
    if before[key] ~= after[key] then
      checks[i].algorithm.save(key, after[key][1], checks[i])
      before[key] = after[key]
    end
  end
elseif mode == 'consume' or mode == 'look' then
  for i, key in ipairs(KEYS) do
    if verdicts[i][1] == 1 then verdicts[i] = untouched(checks[i], before[key][1], key) end
  end
end
local reply = {}
for _, verdict in ipairs(verdicts) do
  for _, number in ipairs(verdict) do reply[#reply + 1] = number end
end
return reply
`;
