-- A closed port: one message out and in, over loopback inside the send; what counts it (nstat; icmp_out_count, icmp_unreach, __udp4_lib_err).
local gone = socket(AF_INET, SOCK_DGRAM)
bind(gone, "127.0.0.1:0")
local to = getsockname(gone)
close(gone)
local function all()
  local shown = {}
  for _, name in ipairs({"UdpInDatagrams", "UdpOutDatagrams", "UdpNoPorts", "UdpInErrors", "IcmpInMsgs", "IcmpInDestUnreachs",
      "IcmpInErrors", "IcmpOutMsgs", "IcmpOutDestUnreachs"}) do shown[#shown + 1] = nstat(name) end
  return table.concat(shown, " ")
end
local s = socket(AF_INET, SOCK_DGRAM)
print("start", all())
print("connect", connect(s, to), all())
print("send", send(s, "x"), all())
print("told", send(s, "x"), all())
print("send", send(s, "x"), all())
close(s)
local t = socket(AF_INET, SOCK_DGRAM)
print("unconnected", sendto(t, "x", 0, to), sendto(t, "x", 0, "127.0.0.2:4001"), all())
print("corked", sendto(t, "x", MSG_MORE, to), all(), sendto(t, "y", 0, to), all())
print("failed", sendto(t, "x", 0, "192.0.2.1:1"), sendto(t, string.rep("x", 65508), 0, to), all())
