-- Threads of a process share memory and descriptors; join returns what the function returned (docs/lua.md, pthread_join(3)).
local shared, r, w = {}, pipe()
local t = {}
for i = 1, 4 do
  t[i] = thread(function(factor, text)
    shared[i] = i * factor
    write(w, text)
    return i, text, nil, factor
  end, 10, "t" .. i)
  join(t[i])
end
print(shared[1], shared[2], shared[3], shared[4])
print(read(r, 100))
print(join(t[2]))
print("again", join(t[2]))
print("nothing", table.pack(join(thread(function() end))).n)
