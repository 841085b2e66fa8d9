-- select(2): the three sets come back with what is ready, here in the order given; n is the sum over the sets.
local r1, w1 = pipe()
local r2, w2 = pipe()
local e = eventfd(5, 0)
write(w2, "x")
local n, r, w, x = select({r2, e, r1}, {w2, e, w1}, {r1, e}, 0)
print("n", n)
for _, set in ipairs({r, w, x}) do
  local t = {}
  for i, fd in ipairs(set) do t[i] = fd == r1 and "r1" or fd == r2 and "r2" or fd == w1 and "w1" or fd == w2 and "w2" or fd == e and "e" or "?" end
  print(#set, table.concat(t, " "))
end
read(r2, 1); eventfd_read(e)
n, r, w, x = select({r2, e, r1}, nil, nil, 0)
print("nothing", n, #r, #w, #x)
n, r = select({r1, r2}, nil, nil, ms(20))
print("timed out", n, #r)
