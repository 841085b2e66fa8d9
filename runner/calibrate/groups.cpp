#include "runner/calibrate/groups.hpp"

namespace stackscope {

namespace {

constexpr std::string_view kCall[] = {"cpu.syscall_entry", "cpu.syscall_exit"};
constexpr std::string_view kWrite[] = {"file.fd_lookup", "file.eventfd_write"};
constexpr std::string_view kRead[] = {"file.eventfd_read"};
constexpr std::string_view kSocket[] = {"socket.create", "file.fd_install", "file.file_open"};
constexpr std::string_view kConnect[] = {"tcp.connect",
                                         "tcp.transmit",
                                         "tcp.ip_output",
                                         "tcp.ip_receive",
                                         "tcp.v4_rcv",
                                         "tcp.ack_in",
                                         "tcp.send_ack",
                                         "tcp.release",
                                         "tcp.request_sock",
                                         "tcp.child",
                                         "device.dev_queue_xmit",
                                         "device.loopback_xmit",
                                         "device.netif_rx",
                                         "device.net_rx_action",
                                         "device.napi_poll",
                                         "device.napi_complete",
                                         "device.backlog_dequeue",
                                         "device.netif_receive_skb",
                                         "cpu.softirq_entry",
                                         "cpu.softirq_exit",
                                         "cpu.softirq_raise",
                                         "cpu.wait_callback",
                                         "epoll.callback",
                                         "socket.wait"};
constexpr std::string_view kEpollWait[] = {"epoll.wait", "epoll.scan", "epoll.scan_item", "epoll.copy_event",
                                           "socket.poll"};
constexpr std::string_view kAccept[] = {"socket.accept", "tcp.accept"};
constexpr std::string_view kClose[] = {"tcp.close", "file.fd_close", "file.file_release"};
constexpr std::string_view kSwitch[] = {"cpu.wake_up",        "cpu.schedule",          "cpu.context_switch",
                                        "cpu.wait_queue_add", "cpu.wait_queue_remove", "cpu.yield"};

constexpr CostGroup kGroups[] = {
    {"getpid", "getpid(2)", kCall, ColdIn::kEachCall, "awake"},
    {"write", "write(2) to an eventfd", kWrite, ColdIn::kEachCall},
    {"read", "read(2) of an eventfd", kRead, ColdIn::kEachCall},
    {"socket", "socket(2)", kSocket, ColdIn::kEachCall},
    {"connect", "connect(2) over loopback", kConnect, ColdIn::kEachCall},
    {"epoll_wait", "epoll_wait(2), a listener ready", kEpollWait, ColdIn::kEachCall},
    {"accept4", "accept4(2), a connection ready", kAccept, ColdIn::kServer},
    {"close", "close(2) of a connection", kClose, ColdIn::kServer},
    {"wake_near", "write(2), sched_yield(2) and the switch to the one woken", kSwitch, ColdIn::kWakeUp,
     "run_late"},
};

}  // namespace

std::span<const CostGroup> cost_groups() { return kGroups; }

}  // namespace stackscope
