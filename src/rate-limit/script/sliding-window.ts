/** The state is when the current window began, its count, and that of the one before: `algorithms/sliding-window.ts`. */
export const slidingWindowLua: string = `
algorithms['sliding-window'] = (function()
  local function fadesAfterMs(count, room, window)
    local rest = math.fmod(window, count)
    return ((window - rest) / count) * (count - room) + math.ceil((rest * (count - room)) / count)
  end
  local function waitFor(s, c, cost)
    if cost == 0 then return 0 end
    local room = c.limit - s.current - cost
    if room >= 0 then
      if s.previous <= room then return 0 end
      return math.max(0, math.ceil(s.start + fadesAfterMs(s.previous, room, c.window) - now))
    end
    return math.ceil(s.start + c.window + fadesAfterMs(s.current, c.limit - cost, c.window) - now)
  end
  local function remainingOf(s, c)
    local overlap = math.min(1, (s.start + c.window - now) / c.window)
    local estimate = math.max(0, math.floor(c.limit - s.current - s.previous * overlap))
    if waitFor(s, c, estimate) > 0 then return estimate - 1 end
    if estimate < c.limit and waitFor(s, c, estimate + 1) <= 0 then return estimate + 1 end
    return estimate
  end
  local function fullAfterMs(s, c)
    if s.current > 0 then return math.ceil(s.start + 2 * c.window - now) end
    return s.previous > 0 and math.ceil(s.start + c.window - now) or 0
  end
  return {
    load = function(key, c)
      local began = math.floor(now / c.window) * c.window
      local start, current, previous = numbers(redis.call('GET', key))
      if not start then return { start = began, current = 0, previous = 0 } end
      if start >= began then return { start = start, current = current, previous = previous } end
      return { start = began, current = 0, previous = began - start == c.window and current or 0 }
    end,
    step = function(s, c, cost)
      local wait = cost > c.limit and math.huge or waitFor(s, c, cost)
      local after = { start = s.start, current = wait <= 0 and s.current + cost or s.current, previous = s.previous }
      return after, verdictOf(wait, remainingOf(after, c), fullAfterMs(after, c))
    end,
    refund = function(s, c)
      local fromCurrent = math.min(s.current, c.cost)
      local previous = math.max(0, s.previous - (c.cost - fromCurrent))
      return { start = s.start, current = s.current - fromCurrent, previous = previous }
    end,
    save = function(key, s, c)
      write(key, text(s.start) .. ' ' .. text(s.current) .. ' ' .. text(s.previous), fullAfterMs(s, c))
    end
  }
end)()
`;
