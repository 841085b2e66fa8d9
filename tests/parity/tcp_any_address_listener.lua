-- A listener on 0.0.0.0 is reached by every address of 127/8; the accepted socket has the address used (ip(7)).
local l = socket(AF_INET, SOCK_STREAM)
bind(l, "0.0.0.0:0"); listen(l, 4)
print("name", (getsockname(l):gsub(":%d+$", "")))
local port = getsockname(l):match("%d+$")
for _, ip in ipairs({"127.0.0.1", "127.0.0.77", "127.255.0.9"}) do
  local c = socket(AF_INET, SOCK_STREAM)
  print(ip, connect(c, ip .. ":" .. port))
  local s, from = accept(l)
  print((getsockname(s):gsub(":%d+$", "")), (from:gsub(":%d+$", "")))
end
local c = socket(AF_INET, SOCK_STREAM)
print("connect to 0.0.0.0", connect(c, "0.0.0.0:" .. port))
print((getpeername(c):gsub(":%d+$", "")))
