#pragma once
// All costs of a host.

#include <string_view>

#include "kernel_model/costs/cpu_costs.hpp"
#include "kernel_model/costs/epoll_costs.hpp"
#include "kernel_model/costs/file_costs.hpp"
#include "kernel_model/costs/net_device_costs.hpp"
#include "kernel_model/costs/socket_costs.hpp"
#include "kernel_model/costs/tcp_costs.hpp"
#include "kernel_model/costs/udp_costs.hpp"

namespace stackscope {

struct Costs {
  CpuCosts cpu;
  EpollCosts epoll;
  FileCosts file;
  SocketCosts socket;
  TcpCosts tcp;
  UdpCosts udp;
  NetDeviceCosts device;

  /// Calls `section(name, costs)` for each; the costs describe themselves in turn.
  void describe(auto&& section) {
    section(std::string_view{"cpu"}, cpu), section(std::string_view{"epoll"}, epoll);
    section(std::string_view{"file"}, file), section(std::string_view{"socket"}, socket);
    section(std::string_view{"tcp"}, tcp), section(std::string_view{"udp"}, udp);
    section(std::string_view{"device"}, device);
  }
};

}  // namespace stackscope
