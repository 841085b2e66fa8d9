-- After a simultaneous open no segment with data has come (icsk_ack.lrcvtime is not set), so what is sent first is no answer:
-- delayed ACKs stay quick, and Nagle's rule holds the second small write for an instant only (tcp_event_data_sent()).
local s = socket(AF_INET, SOCK_STREAM)
bind(s, "127.0.0.1:0")
print("connect", connect(s, getsockname(s)))
print("first", send(s, "b", 0))
print("second", send(s, "cde", 0))
print("both came", recv(s, 100, 0))
print("unsent", ioctl(s, SIOCOUTQ))
close(s)
local t = socket(AF_INET, SOCK_STREAM)
bind(t, "0.0.0.0:4002")
print("by any address", connect(t, "127.0.0.1:4002"))
print(send(t, "b", 0), send(t, "cde", 0), recv(t, 100, 0))
