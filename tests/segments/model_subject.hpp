#pragma once
// The model's TCP, without a machine around it.

#include <map>
#include <sys/socket.h>

#include "tests/kernel_model/tcp_world.hpp"
#include "tests/segments/subject.hpp"

namespace stackscope::test {

class ModelSubject final : public Subject {
 public:
  ModelSubject() {
    world_.drop = [this](const Packet& packet) {
      sent_.push_back({packet.source_port, packet.destination_port,
                       static_cast<std::uint8_t>(packet.flags & kSeenFlags), packet.seq, packet.ack,
                       packet.payload_bytes});
      return true;
    };
  }

  Socket listen_on(std::uint16_t port, int backlog) override {
    return hold(test::listen_on(host(), port, backlog));
  }
  Socket connect_from(std::uint16_t port, std::uint16_t peer_port) override {
    TcpSocket& socket = host().stack.create();
    REQUIRE(owned(socket, [&](TcpSocket& s) { return s.bind(0, port); }) == 0);
    REQUIRE(owned(socket, [&](TcpSocket& s) { return s.connect(world_.b.address, peer_port); }) ==
            -EINPROGRESS);
    return hold(socket);
  }
  Socket accept(Socket listener) override {
    TcpSocket* socket = take(at(listener));
    return socket == nullptr ? 0 : hold(*socket);
  }
  void send(Socket socket, std::uint32_t bytes) override { REQUIRE(test::send(at(socket), bytes) == bytes); }
  void shut_down(Socket socket) override { REQUIRE(shut(at(socket), SHUT_WR) == 0); }
  void close(Socket socket) override { test::close(at(socket)); }
  Seen look_at(Socket socket) override {
    TcpSocket& s = at(socket);
    Seen seen{std::string(name_of(s.state())), 0, s.poll_events(), 0};
    seen.error = owned(s, [](TcpSocket& t) { return t.take_error(); });
    seen.read = read(s);
    return seen;
  }

  void inject(const Segment& segment) override {
    const auto [stream, is_new] = streams_.try_emplace(segment.host_port);
    if (is_new) {
      stream->second = world_.streams.open();
      world_.streams.append_pattern(stream->second, 1'000);
    }
    Packet& packet = world_.packets.take();
    packet.source_address = world_.b.address, packet.source_port = segment.peer_port;
    packet.destination_address = host().address, packet.destination_port = segment.host_port;
    packet.flags = segment.flags, packet.seq = segment.seq, packet.ack = segment.ack;
    packet.window = 65'535;
    if ((segment.flags & tcp_flag::kSyn) != 0) packet.options.mss = 1'460;
    packet.payload_bytes = segment.length;
    packet.stream = stream->second;
    packet.arrived_on = DeviceKind::kIdeal;
    packet.truesize = kSkbOverhead + segment.length;
    host().stack.receive(packet);
  }
  std::vector<Segment> sent() override { return std::exchange(sent_, {}); }
  Sysctls& sysctls() { return host().knobs; }
  void wait() override { world_.run_for(Duration::ms(25)); }
  void settle() override { world_.run_for(Duration::ms(60)); }

 private:
  Host& host() { return world_.a; }
  Socket hold(TcpSocket& socket) {
    sockets_.push_back(socket.id());
    return static_cast<Socket>(sockets_.size());
  }
  TcpSocket& at(Socket socket) {
    return *host().stack.find(sockets_.at(static_cast<std::size_t>(socket) - 1));
  }

  World world_;
  std::vector<Segment> sent_;
  std::vector<SocketId> sockets_;
  std::map<std::uint16_t, StreamId> streams_;  // of the peer's bytes
};

}  // namespace stackscope::test
