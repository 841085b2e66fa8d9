#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <sys/socket.h>

#include "tests/kernel_model/tcp_world.hpp"

using namespace stackscope;
using namespace stackscope::test;
using Lines = std::vector<std::string>;

TEST_CASE("the one that closes first waits a minute, the other is done", "[tcp][close]") {
  World world;
  Pair pair{world};
  const SocketId client = pair.client->id(), server = pair.server->id();
  close(*pair.client);
  CHECK(pair.world.a.stack.find(client) != nullptr);
  world.run_for(Duration::ms(1));
  CHECK(pair.client->state() == TcpState::kFinWait1);  // the ACK of a FIN is delayed: an answer might come
  world.run_for(Duration::ms(100));
  CHECK(world.a.stack.find(client) == nullptr);  // what is left is smaller than a socket
  CHECK(world.a.stack.time_wait_sockets() == 1);
  CHECK(pair.server->state() == TcpState::kCloseWait);
  CHECK(pair.server->poll_events() == 0x2145u);  // IN, OUT, RDHUP, RDNORM, WRNORM
  CHECK(read(*pair.server) == 0);
  close(*pair.server);
  world.run_for(Duration::ms(1));
  CHECK(world.b.stack.find(server) == nullptr);
  CHECK(world.log == Lines{"a F. 0", "b . 0", "b F. 0", "a . 0"});
  const Instant began = world.engine.now();
  world.run_for(Duration::s(59));
  CHECK(world.a.stack.time_wait_sockets() == 1);
  while (world.a.stack.time_wait_sockets() == 1) world.run_for(Duration::ms(10));
  const Duration took = world.engine.now() - began;
  CHECK(took >= Duration::s(60));
  CHECK(took <= Duration::s(63));  // the wheel's grain is 2 s up there
  CHECK(world.a.counts[Counter::kTimeWait] == 1);
  close(*pair.listener);
  CHECK(world.packets.in_flight() == 0);
  CHECK(world.streams.live() == 0);
  CHECK(world.a.stack.sockets() + world.b.stack.sockets() == 0);
}

TEST_CASE("both close at the same time: both wait", "[tcp][close][simultaneous]") {
  World world;
  Pair pair{world};
  close(*pair.client);
  close(*pair.server);
  world.run_for(Duration::ms(1));
  CHECK(world.log == Lines{"a F. 0", "b F. 0", "b . 0", "a . 0"});
  CHECK(world.a.stack.time_wait_sockets() == 1);
  CHECK(world.b.stack.time_wait_sockets() == 1);
}

TEST_CASE("half closed, the other half goes on", "[tcp][close][half]") {
  World world;
  Pair pair{world};
  send(*pair.client, 500);
  CHECK(shut(*pair.client, SHUT_WR) == 0);
  CHECK(send(*pair.client, 1) == -EPIPE);
  world.run_for(Duration::ms(1));
  CHECK(read(*pair.server) == 500);
  CHECK(read(*pair.server) == 0);
  CHECK(send(*pair.server, 3000) == 3000);
  world.run_for(Duration::ms(50));
  CHECK(pair.client->state() == TcpState::kFinWait2);
  CHECK(read(*pair.client) == 3000);
  close(*pair.server);
  world.run_for(Duration::ms(1));
  CHECK(pair.client->state() == TcpState::kClose);
  CHECK(world.a.stack.time_wait_sockets() == 1);
  CHECK(read(*pair.client) == 0);
  CHECK(pair.client->poll_events() == 0x2155u);  // and HUP: both halves are closed
  close(*pair.client);
  world.run_for(Duration::s(64));
  CHECK(world.a.stack.time_wait_sockets() == 0);
}

TEST_CASE("closing with unread data resets the connection", "[tcp][reset]") {
  World world;
  Pair pair{world};
  send(*pair.client, 100);
  world.run_for(Duration::ms(1));
  world.log.clear();
  close(*pair.server);
  world.run_for(Duration::ms(1));
  CHECK(world.log == Lines{"b R. 0"});
  CHECK(world.b.counts[Counter::kAbortOnClose] == 1);
  CHECK(pair.client->state() == TcpState::kClose);
  CHECK(pair.client->poll_events() == 0x215du);
  CHECK(pair.client_ear->errors == 1);
  CHECK(read(*pair.client) == -ECONNRESET);
  CHECK(read(*pair.client) == 0);
}

TEST_CASE("data for a program that has closed are answered by a reset", "[tcp][reset]") {
  World world;
  Pair pair{world};
  close(*pair.server);
  world.run_for(Duration::ms(1));
  send(*pair.client, 100);
  world.run_for(Duration::ms(1));
  CHECK(world.log.back() == "b R 0");
  CHECK(pair.client->take_error() == EPIPE);
  CHECK(send(*pair.client, 1) == -EPIPE);
}

TEST_CASE("a listener that closes resets what nobody accepted", "[tcp][reset]") {
  World world;
  TcpSocket& listener = listen_on(world.b, 80, 16);
  TcpSocket& client = connect_to(world.a, world.b.address, 80);
  world.run_for(Duration::ms(1));
  close(listener);
  world.run_for(Duration::ms(1));
  CHECK(world.log.back() == "b R. 0");
  CHECK(client.take_error() == ECONNRESET);
  CHECK(world.b.stack.sockets() == 0);
}

TEST_CASE("an orphan whose peer never closes goes after tcp_fin_timeout", "[tcp][close]") {
  World world;
  Pair pair{world};
  close(*pair.client);
  world.run_for(Duration::s(1));
  CHECK(world.a.stack.time_wait_sockets() == 1);
  world.run_for(Duration::s(64));
  CHECK(world.a.stack.time_wait_sockets() == 0);
}

TEST_CASE("a FIN that was lost comes again", "[tcp][close]") {
  World world;
  Pair pair{world};
  int fins = 0;
  world.drop = [&](const Packet& p) { return p.has(tcp_flag::kFin) && ++fins == 1; };
  close(*pair.client);
  world.run_for(Duration::s(1));
  CHECK(fins == 2);
  CHECK(pair.server->state() == TcpState::kCloseWait);
}

TEST_CASE("every state and input, as the golden file has them", "[tcp][states]") {
  std::ostringstream table;
  for (int s = 1; s <= 12; ++s) {
    for (std::size_t i = 0; i < kTcpInputs; ++i) {
      const auto state = static_cast<TcpState>(s);
      const auto input = static_cast<TcpInput>(i);
      const auto to = next_state(state, input);
      table << name_of(state) << " + " << name_of(input) << " -> " << (to ? name_of(*to) : "-");
      for (const Transition& arrow : kTransitions) {
        if (arrow.from == state && arrow.input == input) table << "  (" << arrow.source << ")";
      }
      table << "\n";
    }
  }
  std::ifstream file(STACKSCOPE_SOURCE_DIR "/tests/kernel_model/golden/tcp_states.txt");
  std::stringstream golden;
  golden << file.rdbuf();
  CHECK(table.str() == golden.str());
  if (std::getenv("STACKSCOPE_APPROVE") != nullptr) {
    std::ofstream(STACKSCOPE_SOURCE_DIR "/tests/kernel_model/golden/tcp_states.txt") << table.str();
  }
}

TEST_CASE("no state is without a way to CLOSE, and no arrow is drawn twice", "[tcp][states]") {
  for (const Transition& arrow : kTransitions) {
    CHECK(next_state(arrow.from, arrow.input) == arrow.to);
    TcpState state = arrow.to;
    for (int steps = 0; steps < 12 && state != TcpState::kClose; ++steps) {
      for (const Transition& next : kTransitions) {
        if (next.from == state) state = next.to;  // the last arrow of each state
      }
    }
    CHECK(state == TcpState::kClose);
  }
}
