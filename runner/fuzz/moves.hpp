#pragma once
// What random programs do, by family. Each function adds one statement, or a few that belong together.

#include <span>
#include <string>

#include "runner/fuzz/maker.hpp"

namespace stackscope::fuzz {

// makes objects: each returns the variable of the new descriptor (of pipes and pairs the first)
std::string make_eventfd(Maker& m);
std::string make_pipe(Maker& m);
std::string make_timerfd(Maker& m);
std::string make_epoll(Maker& m);
std::string make_unix_pair(Maker& m);
std::string make_tcp_listener(Maker& m);
std::string make_tcp_pair(Maker& m);
std::string make_udp(Maker& m);

/// A TCP connection from its begin to its end, in moves_tcp_lives.cpp.
void tcp_life(Maker& m);

std::span<const Move> file_moves();   // eventfds, pipes
std::span<const Move> fd_moves();     // descriptors of any kind
std::span<const Move> timer_moves();  // timerfds, time
std::span<const Move> epoll_moves();
std::span<const Move> poll_moves();  // poll, ppoll, select
std::span<const Move> unix_moves();
std::span<const Move> tcp_moves();
std::span<const Move> udp_moves();
std::span<const Move> option_moves();
std::span<const Move> process_moves();
std::span<const Move> thread_moves();

}  // namespace stackscope::fuzz
