-- shutdown of a fresh TCP socket is ENOTCONN and lasts all the same: over connect, and over listen into what is accepted (inet_shutdown, tcp_poll).
local function mask(s) local l = {{fd=s,events=POLLIN|POLLOUT|POLLPRI|POLLRDHUP}} poll(l,0) return l[1].revents end
local l = socket(AF_INET, SOCK_STREAM) bind(l,"127.0.0.1:4001") listen(l,8)
for _,how in ipairs{SHUT_RD,SHUT_WR,SHUT_RDWR} do
local s = socket(AF_INET, SOCK_STREAM) print("shut", how, shutdown(s,how)) print(mask(s)) print("connect",connect(s,"127.0.0.1:4001")) print(mask(s)) local t=accept4(l,SOCK_NONBLOCK) print("send",send(s,"abc",MSG_NOSIGNAL)) print("peer",recv(t,9)) print("psend",send(t,"x",MSG_NOSIGNAL)) print(mask(s)) print("recv",recv(s,9,MSG_DONTWAIT)) print("sd",shutdown(s,SHUT_WR)) print("peer",recv(t,9)) print(mask(t),mask(s)) close(t) print(mask(s)) close(s)
local s = socket(AF_INET, SOCK_STREAM) shutdown(s,how) print("listen",listen(s,1)) print(mask(s)) local c=socket(AF_INET,SOCK_STREAM) print("c",connect(c,getsockname(s))) local t=accept4(s,SOCK_NONBLOCK) print(t) if t then print(mask(t)) end print(mask(s)) 
local s = socket(AF_INET, SOCK_STREAM) shutdown(s,how) print("ref",connect(s,"127.0.0.1:1")) print(mask(s)) connect(s,nil) print(mask(s)) print("c",connect(s,"127.0.0.1:4001"),mask(s)) close(accept4(l,0)) 
end
