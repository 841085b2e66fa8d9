// UDP: what a program does not see of it. What it does see, the parity cases ask both kernels.

#include "kernel_model/net/skb_size.hpp"
#include "tests/kernel_model/support/program_machine.hpp"
#include "tests/kernel_model/support/programs.hpp"
#include "tests/kernel_model/support/two_hosts.hpp"

using namespace stackscope;
using test::ProgramHost;
using test::TwoHosts;

namespace {

int udp_on(Syscalls& os, std::uint16_t port, std::uint32_t address = INADDR_LOOPBACK) {
  const int fd = os.socket(AF_INET, SOCK_DGRAM, 0);
  REQUIRE(os.bind(fd, local(port, address)) == 0);
  return fd;
}
std::int64_t send_to(Syscalls& os, int fd, std::string_view data, const SocketAddress& to) {
  return os.sendto(fd, text(data), 0, &to);
}
std::string receive(Syscalls& os, int fd, SocketAddress* from = nullptr) {
  Room room;
  return std::string(room.first(os.recvfrom(fd, room.of(4000), 0, from)));
}

}  // namespace

TEST_CASE("a datagram's memory is what the kernel allocates for it", "[udp]") {
  // As SO_MEMINFO tells it on Linux 6.18.
  CHECK(truesize_of_datagram(0) == 832);
  CHECK(truesize_of_datagram(197) == 832);
  CHECK(truesize_of_datagram(198) == 1280);
  CHECK(truesize_of_datagram(645) == 1280);
  CHECK(truesize_of_datagram(646) == 2304);
  CHECK(truesize_of_datagram(1000) == 2304);
  CHECK(truesize_of_datagram(1670) == 4352);
  CHECK(truesize_of_datagram(16004) == 16640);
  CHECK(truesize_of_datagram(16005) == 16005 + 832);
  CHECK(truesize_of_datagram(65507) == 65507 + 832);
}

TEST_CASE("what records tell of a socket and its datagrams", "[udp][records]") {
  ProgramHost machine;
  machine.story([](Syscalls& os) {
    const int a = udp_on(os, 4001), b = os.socket(AF_INET, SOCK_DGRAM, 0);
    send_to(os, b, "hello", local(4001));
    Room room;
    os.recvfrom(a, room.of(2), MSG_PEEK, nullptr);
    receive(os, a);
    os.close(a), os.close(b);
  });
  const auto made = machine.all<UdpSocketCreated>();
  REQUIRE(made.size() == 2);
  const SocketId a = made[0].socket;
  const auto queued = machine.all<UdpQueued>();
  REQUIRE(queued.size() == 1);
  CHECK(queued[0].socket == a);
  CHECK(queued[0].length == 5);
  CHECK(queued[0].rmem_alloc == 832);
  const auto read = machine.all<UdpRead>();
  REQUIRE(read.size() == 2);
  CHECK((read[0].peeked && read[0].rmem_alloc == 832 && !read[1].peeked && read[1].rmem_alloc == 0));
  CHECK(read[1].packet == queued[0].packet);
  const auto named = machine.all<SocketNamed>();
  REQUIRE(named.size() == 2);
  CHECK((named[0].local_port == 4001 && named[1].local_port >= 32768));
  CHECK(machine.all<SkDataReady>().size() == 1);
  CHECK(machine.all<SkWriteSpace>().size() == 1);
  CHECK(machine.all<SocketDestroyed>().size() == 2);
}

TEST_CASE("a full receive buffer says why it drops", "[udp][records]") {
  ProgramHost machine;
  machine.story([](Syscalls& os) {
    const int a = udp_on(os, 4001);
    os.setsockopt(a, SOL_SOCKET, SO_RCVBUF, 1);
    for (int i = 0; i < 4; ++i) send_to(os, a, "x", local(4001));
    CHECK(receive(os, a) == "x");
  });
  const auto failed = machine.all<UdpFailQueueRcvSkb>();
  REQUIRE(failed.size() == 2);
  CHECK((failed[0].truesize == 832 && failed[0].rmem_alloc == 1664 && failed[0].rcvbuf == 2304));
  const auto dropped = machine.all<KfreeSkb>();
  REQUIRE(dropped.size() == 2);
  CHECK(dropped[0].reason == DropReason::kReceiveBuffer);
  CHECK(dropped[0].packet == failed[0].packet);
}

TEST_CASE("nothing is left of datagrams that nobody read", "[udp]") {
  TwoHosts machine;
  machine.program(machine.a, [](Syscalls& os) {
    const int a = udp_on(os, 4001), b = udp_on(os, 4002), corked = os.socket(AF_INET, SOCK_DGRAM, 0);
    const int yes = 1;
    os.setsockopt(b, IPPROTO_IP, IP_RECVERR, &yes, sizeof yes);
    os.setsockopt(b, SOL_SOCKET, SO_BROADCAST, &yes, sizeof yes);
    for (const std::uint16_t port : {4001, 4001, 4003}) send_to(os, b, "unread", local(port));
    send_to(os, b, "to all", local(4001, 0x7fffffff));
    const SocketAddress to = local(4001);
    os.sendto(corked, text("unsent"), MSG_MORE, &to);
    for (const int fd : {a, b, corked}) os.close(fd);
  });
  machine.run();
  CHECK(machine.packets_in_flight() == 0);
  CHECK(machine.live_streams() == 0);
}

TEST_CASE("datagrams over a wire", "[udp][nic]") {
  TwoHosts machine;
  std::string asked, answered;
  machine.program(*machine.b, [&](Syscalls& os) {
    const int fd = udp_on(os, 53, INADDR_ANY);
    SocketAddress from;
    asked = receive(os, fd, &from);
    send_to(os, fd, "an answer", from);
  });
  machine.program(machine.a, [&](Syscalls& os) {
    const int fd = os.socket(AF_INET, SOCK_DGRAM, 0);
    REQUIRE(os.connect(fd, local(53, TwoHosts::kAddressOfB)) == 0);
    REQUIRE(os.send(fd, text("a question"), 0) == 10);
    answered = receive(os, fd);
    SocketAddress name;
    os.getsockname(fd, name);
    CHECK(name.ipv4_address() == TwoHosts::kAddressOfA);
  });
  machine.run();
  CHECK(asked == "a question");
  CHECK(answered == "an answer");
  CHECK(machine.all<LinkSent>().size() == 2);
  CHECK(machine.packets_in_flight() == 0);
}

TEST_CASE("a datagram larger than a frame takes the wire for as long as its fragments", "[udp][nic]") {
  TwoHosts machine;
  std::int64_t came = 0;
  Duration took;
  machine.program(*machine.b, [&](Syscalls& os) {
    const int fd = udp_on(os, 53, INADDR_ANY);
    const Instant began = os.clock_gettime();
    came = os.recv(fd, Buffer{nullptr, 65536}, 0);
    took = os.clock_gettime() - began;
  });
  machine.program(machine.a, [](Syscalls& os) {
    const SocketAddress to = local(53, TwoHosts::kAddressOfB);
    CHECK(os.sendto(os.socket(AF_INET, SOCK_DGRAM, 0), ConstBuffer{nullptr, 60000}, 0, &to) == 60000);
  });
  machine.run();
  CHECK(came == 60000);
  // 41 frames: 60,008 bytes in pieces of 1,480, each with 20 of IP and 38 of Ethernet, at 10 Gbit/s; and 10 us of delay.
  CHECK(machine.all<LinkSent>().size() == 1);
  CHECK((took > Duration::us(59) && took < Duration::us(61)));
}

TEST_CASE("a host without the port says so over the wire", "[udp][nic]") {
  const bool is_ideal = GENERATE(false, true);
  TwoHosts machine{is_ideal};
  machine.program(machine.a, [](Syscalls& os) {
    Room room;
    const int fd = os.socket(AF_INET, SOCK_DGRAM, 0);
    REQUIRE(os.connect(fd, local(53, TwoHosts::kAddressOfB)) == 0);
    REQUIRE(os.send(fd, text("anybody?"), 0) == 8);
    CHECK(os.recv(fd, room.of(10), 0) == -ECONNREFUSED);
    CHECK(os.recv(fd, room.of(10), MSG_DONTWAIT) == -EAGAIN);
  });
  machine.run();
  CHECK(machine.a.network().counters()[Counter::kIcmpInDestUnreachs] == 1);
  CHECK(machine.packets_in_flight() == 0);
}

TEST_CASE("a synthetic datagram is its stream's pattern", "[udp]") {
  ProgramMachine{}.story([](Syscalls& os) {
    Room room;
    const int a = udp_on(os, 4001);
    const SocketAddress to = local(4001);
    CHECK(os.sendto(a, ConstBuffer{nullptr, 300}, 0, &to) == 300);
    CHECK(os.recv(a, Buffer{nullptr, 4}, MSG_PEEK) == 4);
    const std::string_view bytes = room.first(os.recv(a, room.of(300), 0));
    REQUIRE(bytes.size() == 300);
    CHECK(bytes[299] == static_cast<char>(pattern_byte(299)));
  });
}

TEST_CASE("messages in parts, and what is cut", "[udp][calls]") {
  ProgramMachine{}.story([](Syscalls& os) {
    const int a = udp_on(os, 4001), b = udp_on(os, 4002);
    const std::array out{text("one"), text(""), text("two")};
    CHECK(os.sendmsg(b, {.parts = out, .to = local(4001)}, 0) == 6);
    Room first, second;
    const std::array in{first.of(2), second.of(3)};
    ReceiveMessage message{.parts = in};
    CHECK(os.recvmsg(a, message, 0) == 5);
    CHECK((first.first(2) == "on" && second.first(3) == "etw"));
    CHECK(message.flags == MSG_TRUNC);
    CHECK(message.from.text() == "127.0.0.1:4002");
    SocketAddress cut = local(4001);
    cut.set_length(8);
    CHECK(os.sendto(b, text("x"), 0, &cut) == -EINVAL);
    CHECK(os.connect(b, cut) == -EINVAL);
    CHECK(os.bind(a, cut) == -EINVAL);
    CHECK(os.listen(a, 1) == -EOPNOTSUPP);
    CHECK(os.accept4(a, 0) == -EOPNOTSUPP);
  });
}

TEST_CASE("a socket is closed while another CPU brings it datagrams", "[udp][concurrency]") {
  Costs costs = ProgramHost::some_costs();
  costs.udp.queue = costs.udp.lookup = costs.udp.send_skb = costs.udp.close = Cost{Duration::ns(700)};
  ProgramHost machine{2, costs};
  for (const std::uint8_t cpu : {0, 1}) {
    machine.process(
        [cpu](Syscalls& os) {
          for (int turn = 0; turn < 200; ++turn) {
            const int fd = os.socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
            os.bind(fd, local(static_cast<std::uint16_t>(4001 + cpu)));
            const SocketAddress other = local(static_cast<std::uint16_t>(4002 - cpu));
            os.connect(fd, other);
            for (int i = 0; i < turn % 5; ++i) os.send(fd, text("x"), 0);
            os.compute(Duration::ns(100 * turn));
            Room room;
            os.recv(fd, room.of(1), 0);
            os.close(fd);
          }
        },
        50, CpuMask{1} << cpu);
  }
  machine.run_for(Duration::s(5));
  CHECK(machine.all<SocketDestroyed>().size() == 400);
  CHECK(machine.host.network().udp().sockets() == 0);
}
