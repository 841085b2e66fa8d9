-- Threads that sleep for different times go on in the order of their ends, whatever that of their beginnings (hrtimers).
local order, t = {}, {}
for i, n in ipairs({75, 25, 50}) do
  t[i] = thread(function() nanosleep(ms(n)); order[#order + 1] = n end)
end
for i = 1, 3 do join(t[i]) end
print(table.concat(order, " "))
local r = pipe()
local u = thread(function() local n = poll({{fd = r, events = POLLIN}}, 20); order[#order + 1] = "poll"; return n end)
local v = thread(function() nanosleep(ms(55)); order[#order + 1] = "sleep" end)
print(join(u), join(v) == nil, order[4], order[5])
