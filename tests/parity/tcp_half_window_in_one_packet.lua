-- However short the round trip, no packet takes more than half of the congestion window (tcp_cwnd_test): of 5,000 bytes the first
-- one has five segments of 988. The peer has closed both ways, resets at it, and so counts no more.
local l = socket(AF_INET, SOCK_STREAM)
bind(l, "127.0.0.1:5000"); listen(l, 1)
local c = socket(AF_INET, SOCK_STREAM)
setsockopt(c, IPPROTO_TCP, TCP_MAXSEG, 1000)
connect(c, "127.0.0.1:5000")
local s = accept(l)
shutdown(c, SHUT_RDWR)
print(send(s, string.rep("x", 5000)))
local info = getsockopt(c, IPPROTO_TCP, TCP_INFO)
print(info.tcpi_data_segs_in, info.tcpi_snd_mss)
