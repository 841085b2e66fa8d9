-- CLOCK_MONOTONIC never goes back; a sleeping thread uses no CPU time, a computing one does (clock_gettime(2)).
local last, ok = clock_gettime(CLOCK_MONOTONIC), true
for _ = 1, 50 do
  local now = clock_gettime(CLOCK_MONOTONIC)
  if now < last then ok = false end
  last = now
end
print("monotonic", ok)
local cpu = clock_gettime(CLOCK_THREAD_CPUTIME_ID)
nanosleep(ms(25))
print("asleep", clock_gettime(CLOCK_THREAD_CPUTIME_ID) - cpu < ms(15))
cpu = clock_gettime(CLOCK_THREAD_CPUTIME_ID)
compute(ms(10))
print("computing", clock_gettime(CLOCK_THREAD_CPUTIME_ID) - cpu >= ms(10))
print("real time is past 2020", clock_gettime(CLOCK_REALTIME) > s(1577836800))
print("unknown clock", clock_gettime(99))
