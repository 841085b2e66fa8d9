-- What an IPv6 datagram socket may be bound and connected to and send to, and in what order errors are found (__inet6_bind, __ip6_datagram_connect, udpv6_sendmsg).
local function six() return socket(AF_INET6, SOCK_DGRAM) end
local function name(fd) local own = getsockname(fd) return (own:gsub(":%d+$", "")) end
for _, host in ipairs{"127.0.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:0.0.0.0]", "[::ffff:10.1.2.3]",
                      "[2001:db8::1]", "[fe80::1]", "[ff02::1]"} do
  local s = six()
  print("bind", host, bind(s, host .. ":0"))
  print("", name(s), getsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY), bind(s, "[2001:db8::1]:0"))
end
for _, host in ipairs{"127.0.0.1", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:10.1.2.3]", "[2001:db8::1]",
                      "[fe80::1]", "[ff02::1]", "[ff0e::1]"} do
  for _, only in ipairs{0, 1} do
    local s, t = six(), six()
    setsockopt(s, IPPROTO_IPV6, IPV6_V6ONLY, only) setsockopt(t, IPPROTO_IPV6, IPV6_V6ONLY, only)
    local _, error = connect(s, host .. ":9")
    print("connect", host, only, error, name(s), (getpeername(s)))
    local _, e0 = sendto(t, "x", 0, host .. ":0")
    local _, e9 = sendto(t, "x", 0, host .. ":9")
    print("sendto", host, only, e0, e9, name(t))
  end
end
local s, v4 = six(), socket(AF_INET, SOCK_DGRAM)
print("nowhere", send(s, "x")) print("urgent", sendto(s, "x", MSG_OOB, "[::1]:9"))
print("urgent, mapped", sendto(s, "x", MSG_OOB, "[::ffff:127.0.0.1]:9"))
print("IPv4", connect(v4, "[::1]:9")) print("IPv4", sendto(v4, "x", 0, "[::1]:9")) print("IPv4", bind(v4, "[::1]:0"))
print("0.0.0.1", sendto(v4, "x", 0, "0.0.0.1:9")) print("0.0.0.1", bind(v4, "0.0.0.1:0"))
print("domain", getsockopt(s, SOL_SOCKET, SO_DOMAIN) == AF_INET6, getsockopt(s, SOL_SOCKET, SO_PROTOCOL))
