-- Which bindings of one port go together: by address, SO_REUSEADDR, listening or not (inet_csk_bind_conflict).
local function sock(reuse)
  local s = socket(AF_INET, SOCK_STREAM)
  if reuse then setsockopt(s, SOL_SOCKET, SO_REUSEADDR, 1) end
  return s
end
local a = sock()
bind(a, "127.0.0.1:0")
local port = getsockname(a):match(":(%d+)$")
local function try(tag, s, ip) print(tag, bind(s, ip .. ":" .. port)) return s end
try("same address", sock(), "127.0.0.1")
try("another loopback address", sock(), "127.0.0.2")
try("any address", sock(), "0.0.0.0")
try("any address, reuse on one only", sock(true), "0.0.0.0")
setsockopt(a, SOL_SOCKET, SO_REUSEADDR, 1)
local b = try("reuse on both", sock(true), "127.0.0.1")
try("a third without", sock(), "127.0.0.1")
print("listen a", listen(a, 1))
print("listen b", listen(b, 1))
try("reuse against a listener", sock(true), "127.0.0.1")
print("bind twice", bind(a, "127.0.0.1:0"))
print("an address that is not ours", bind(sock(), "192.0.2.1:0"))
