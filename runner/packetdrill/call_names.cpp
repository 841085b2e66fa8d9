#include "runner/packetdrill/call_names.hpp"

#include <algorithm>
#include <iterator>

namespace stackscope::packetdrill {

namespace {

constexpr CallName kCalls[] = {
    {"socket", 3, 3},     {"bind", 3, 3},         {"listen", 2, 2},        {"accept", 3, 3},
    {"accept4", 4, 4},    {"connect", 3, 3},      {"getsockname", 3, 3},   {"getpeername", 3, 3},
    {"shutdown", 2, 2},   {"close", 1, 1},        {"read", 3, 3},          {"readv", 3, 3},
    {"write", 3, 3},      {"writev", 3, 3},       {"recv", 4, 4},          {"recvfrom", 6, 6},
    {"recvmsg", 3, 3},    {"send", 4, 4},         {"sendto", 6, 6},        {"sendmsg", 3, 3},
    {"setsockopt", 5, 5}, {"getsockopt", 5, 5},   {"fcntl", 2, 3},         {"ioctl", 2, 3},
    {"poll", 3, 3},       {"epoll_create", 1, 1}, {"epoll_create1", 1, 1}, {"epoll_ctl", 4, 4},
    {"epoll_wait", 4, 4}, {"dup", 1, 1},          {"eventfd", 2, 2}};

}  // namespace

const CallName* find_call(std::string_view name) {
  const CallName* const found = std::ranges::find(kCalls, name, &CallName::name);
  return found != std::end(kCalls) ? found : nullptr;
}

std::vector<std::string> call_names() {
  std::vector<std::string> names;
  for (const CallName& call : kCalls) names.emplace_back(call.name);
  return names;
}

}  // namespace stackscope::packetdrill
