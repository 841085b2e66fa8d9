-- nanosleep is never early, 0 returns at once; durations are nanoseconds, rounded (nanosleep(2), docs/lua.md).
local function took(ns)
  local t0 = clock_gettime(CLOCK_MONOTONIC)
  local ok = nanosleep(ns)
  return ok, clock_gettime(CLOCK_MONOTONIC) - t0 >= ns
end
print("20 ms", took(ms(20)))
print("1 us", took(us(1)))
print("0", took(0))
print("units", us(1.5), ms(2), s(3), us(0.5))
print("ordered", join(thread(function() nanosleep(ms(30)); return "thirty" end)))
