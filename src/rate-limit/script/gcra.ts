/** The state is the theoretical arrival time, counted in requests. The arithmetic is that of `algorithms/gcra.ts`. */
export const gcraLua: string = `
algorithms['gcra'] = (function()
  local function toleranceOf(rate) return math.min(0.5, rate / 128) end
  local function ceilMs(requests, rate) return math.max(0, math.ceil((requests - toleranceOf(rate) / 2) / rate)) end
  return {
    load = function(key) return tonumber(redis.call('GET', key) or '') end,
    step = function(state, c, cost)
      local rate = c.limit / c.window
      local tolerance = toleranceOf(rate)
      local nowArrival = now * rate
      local debt = state and state > nowArrival and state - nowArrival or 0
      local excess = debt + cost - c.burst
      local allowed = cost == 0 or excess <= tolerance
      local debtAfter = allowed and debt + cost or debt
      local wait = allowed and 0 or cost > c.burst and math.huge or ceilMs(excess, rate)
      local remaining = math.max(0, math.floor(c.burst - debtAfter + tolerance))
      return nowArrival + debtAfter, verdictOf(wait, remaining, ceilMs(debtAfter, rate))
    end,
    refund = function(state, c) return state and state - c.cost end,
    save = function(key, state, c)
      local rate = c.limit / c.window
      write(key, state and text(state), state and math.ceil((state - now * rate) / rate))
    end
  }
end)()
`;
