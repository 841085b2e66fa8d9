#pragma once
// A machine's sockets at a moment, as `ss -tuan` with -e, -m and -i prints them, and as /proc/net/tcp and /proc/net/udp do.
//
// From a view alone, so that recordings of the real kernel are listed, too.
//
// Linux:   net/ipv4/tcp_ipv4.c get_tcp4_sock(), get_openreq4(), get_timewait4_sock(); net/ipv4/udp.c udp4_format_sock();
//          net/ipv4/tcp_diag.c tcp_diag_get_info(): a listener's queues are its accept queue and its limit
// Differs: what no record tells is left out, as ss leaves out what it does not know: users, options, memory beside the buffers,
//          congestion control. In /proc's format such columns are 0, `inode` is the file's ordinal, and half-open connections are
//          not listed. Which timer runs follows from what is unacknowledged, since one that is no longer wanted stays armed.

#include <string>

#include "analysis/host_view.hpp"

namespace stackscope {

/// With `in_detail` each socket has a second line, indented by a tab.
std::string sockets_as_ss(const HostView& host, Instant now, bool in_detail);
std::string sockets_as_proc(const HostView& host, Instant now);

}  // namespace stackscope
