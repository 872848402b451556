/** The state is where the window began, and what is used of it, as in `algorithms/fixed-window.ts`. */
export const fixedWindowLua: string = `
algorithms['fixed-window'] = {
  load = function(key, c)
    local start, used = numbers(redis.call('GET', key))
    if start and now < start + c.window then return { start = start, used = used } end
    return { start = c.aligned and math.floor(now / c.window) * c.window or now, used = 0 }
  end,
  step = function(s, c, cost)
    local allowed = cost == 0 or s.used + cost <= c.limit
    local used = allowed and s.used + cost or s.used
    local left = math.ceil(s.start + c.window - now)
    local wait = allowed and 0 or cost > c.limit and math.huge or left
    return { start = s.start, used = used }, verdictOf(wait, c.limit - used, used > 0 and left or 0)
  end,
  refund = function(s, c) return { start = s.start, used = s.used - c.cost } end,
  save = function(key, s, c)
    write(key, s.used > 0 and text(s.start) .. ' ' .. text(s.used), s.start + c.window - now)
  end
}
`;
