/**
 * The state is a sorted set with an entry for each ms that had requests: its score is the time, its member
 * "what was used up to then:what was used then". So sums of any stretch are differences. Decides as
 * `algorithms/sliding-log.ts`, which has an entry for each unit of cost.
 */
export const slidingLogLua: string = `
algorithms['sliding-log'] = (function()
  local function entry(key, rank)
    local found = redis.call('ZRANGE', key, rank, rank, 'WITHSCORES')
    if not found[1] then return nil end
    local total, cost = string.match(found[1], '([^:]+):([^:]+)')
    return { member = found[1], total = tonumber(total), cost = tonumber(cost), at = tonumber(found[2]) }
  end
  local function firstRank(key, isIt)
    local low, high = 0, redis.call('ZCARD', key) - 1
    while low < high do
      local middle = math.floor((low + high) / 2)
      if isIt(entry(key, middle)) then high = middle else low = middle + 1 end
    end
    return low
  end
  local function forget(key, c) redis.call('ZREMRANGEBYSCORE', key, '-inf', text(now - c.window)) end
  local function expire(key, at, c) redis.call('PEXPIRE', key, text(math.ceil(at + c.window - now))) end
  return {
    load = function(key, c)
      local last = entry(key, -1)
      if not last or last.at + c.window <= now then return { used = 0, total = 0 } end
      local first = entry(key, redis.call('ZCOUNT', key, '-inf', text(now - c.window)))
      return { used = last.total - first.total + first.cost, total = last.total, at = last.at, last = last }
    end,
    step = function(s, c, cost, key)
      if cost == 0 or s.used + cost <= c.limit then
        local at = cost > 0 and math.max(now, s.at or now) or s.at
        local state = { used = s.used + cost, total = s.total + cost, at = at, last = s.last }
        return state, verdictOf(0, c.limit - state.used, at and math.ceil(at + c.window - now) or 0)
      end
      local wait = math.huge
      if cost <= c.limit then
        local needed = s.total + cost - c.limit
        local at = s.at
        if s.last and needed <= s.last.total then
          at = entry(key, firstRank(key, function(e) return e.total >= needed end)).at
        end
        wait = math.ceil(at + c.window - now)
      end
      return s, verdictOf(wait, c.limit - s.used, 0)
    end,
    refund = function(s, c, key)
      forget(key, c)
      local left = c.cost
      while left > 0 do
        local last = entry(key, -1)
        if not last then break end
        redis.call('ZREM', key, last.member)
        if last.cost > left then
          redis.call('ZADD', key, text(last.at), text(last.total - left) .. ':' .. text(last.cost - left))
        end
        left = left - last.cost
      end
      local last = entry(key, -1)
      if last then expire(key, last.at, c) end
    end,
    save = function(key, s, c)
      if not s then return end
      forget(key, c)
      local cost = s.total - (s.last and s.last.total or 0)
      if s.last and s.last.at == s.at then
        redis.call('ZREM', key, s.last.member)
        cost = cost + s.last.cost
      end
      redis.call('ZADD', key, text(s.at), text(s.total) .. ':' .. text(cost))
      expire(key, s.at, c)
    end
  }
end)()
`;
