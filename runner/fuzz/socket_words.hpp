#pragma once
// What calls on sockets are made of in random programs: addresses, data, flags; and the few calls that every family makes.

#include <initializer_list>
#include <string>
#include <string_view>

#include "runner/fuzz/maker.hpp"

namespace stackscope::fuzz {

std::string ipv6_address(Maker& m, std::initializer_list<std::string_view> ports);
/// For bind(): a port of a few, so that programs meet their own.
std::string fixed_address(Maker& m);
/// For connect(): of a port of a few, or of a socket that there is.
std::string known_address(Maker& m);
bool by_ipv6(Maker& m);
std::string data(Maker& m);
std::string count(Maker& m);
std::string send_flags(Maker& m);
std::string receive_flags(Maker& m);

/// close() or shutdown() of one of these.
void end_one(Maker& m, std::initializer_list<FuzzKind> kinds);
/// poll() of any socket, without waiting.
void look(Maker& m);
/// FIONREAD
void ask_socket(Maker& m);

void tcp_bind(Maker& m);
void tcp_listen(Maker& m);
void tcp_send(Maker& m);
void tcp_receive(Maker& m);

}  // namespace stackscope::fuzz
