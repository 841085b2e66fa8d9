#include "userland/catalogue.hpp"

#include <algorithm>
#include <array>

#include "userland/programs.hpp"

namespace stackscope {
namespace {

namespace p = parameter;

constexpr Duration kHour = Duration::s(3600);

constexpr Parameter kPort =
    p::integer("port", "", 1, 65535, "80", "The port to listen on, on every address of the host.");
constexpr Parameter kBacklog = p::integer("backlog", "connections", 0, INT32_MAX, "4096",
                                          "What listen() asks for; net.core.somaxconn bounds it.");
constexpr Parameter kTrigger = p::choice(
    "trigger", "level|edge", "level", "Whether epoll reports a state (level) or a change (edge, EPOLLET).");
constexpr Parameter kAccept = p::choice("accept", "one|until_eagain", "one",
                                        "How many connections are accepted for one event of the listener.");
constexpr Parameter kMaxEvents =
    p::integer("maxevents", "events", 1, kMostEvents, "64", "The most events one epoll_wait() returns.");
constexpr Parameter kTo = p::address("to", "Whom to connect to, as \"host:port\".");

constexpr auto kHerdWorker = std::to_array<Parameter>({
    kPort,
    p::choice("epoll", "shared|each", "each", "One epoll instance that all workers share, or one for each."),
    kTrigger,
    p::flag("exclusive", "false",
            "Adds the listener with EPOLLEXCLUSIVE: a wake-up ends at the first waiter it satisfies."),
    p::flag("reuseport", "false", "Each worker has a listener of its own on the same port (SO_REUSEPORT)."),
    p::duration(
        "think", Duration{}, kHour, "0us",
        "CPU time between the return from the wait and what follows: accept4(), or close() if the wait is "
        "accept4() itself."),
    kAccept,
    p::choice("wait", "epoll|accept|poll", "epoll",
              "The system call in which a worker waits for connections."),
    kMaxEvents,
    kBacklog,
});

constexpr auto kConnectEach = std::to_array<Parameter>({
    kTo,
    p::integer("connections", "connections", 1, 10'000'000, "100", "How many connections are made in all."),
    p::duration("every", Duration{}, kHour, "10ms",
                "From the start of one connection to the start of the next."),
    p::duration("hold", Duration{}, kHour, "0us", "How long a connection is kept after it was established."),
});

constexpr auto kEchoServer = std::to_array<Parameter>({
    kPort,
    kTrigger,
    p::duration("think", Duration{}, kHour, "0us",
                "CPU time spent on what one read() returned, before it is written back."),
    kAccept,
    kMaxEvents,
    p::size("buffer", 1, 16 << 20, "64KiB", "What one read() asks for."),
    kBacklog,
});

constexpr Parameter kMessages =
    p::integer("messages", "messages", 1, 10'000'000, "10",
               "Messages a connection sends, each after the answer to the one before.");
constexpr Parameter kSize = p::size("size", 1, 64 << 20, "16B", "Length of a message and of its answer.");

constexpr auto kEchoClient = std::to_array<Parameter>({
    kTo,
    kMessages,
    kSize,
    p::duration("gap", Duration{}, kHour, "0us", "From an answer to the next message."),
    p::flag("nodelay", "false", "Sets TCP_NODELAY: a short segment does not wait for an acknowledgement."),
});

constexpr auto kEchoCrowd = std::to_array<Parameter>({
    kTo,
    p::integer("clients", "clients", 1, 1'000'000, "100", "How many clients, each with one connection."),
    kMessages,
    kSize,
    p::duration("every", Duration{}, kHour, "10us", "From the start of one client to the start of the next."),
    p::duration("think", Duration{}, kHour, "0us", "From an answer to the client's next message."),
});

constexpr auto kPiecewiseServer = std::to_array<Parameter>({
    kPort,
    p::size("request", 1, 64 << 20, "200B",
            "Length of a request, which is read whole before it is answered."),
    p::size("answer", 1, 64 << 20, "100B", "Length of an answer."),
    p::flag("quickack", "false", "Sets TCP_QUICKACK before every read."),
});

constexpr auto kPiecewiseClient = std::to_array<Parameter>({
    kTo,
    p::integer("requests", "requests", 1, 10'000'000, "40",
               "How many requests, each after the answer to the one before."),
    p::integer("pieces", "pieces", 1, 1'000'000, "2", "In how many pieces a request is written."),
    p::size("size", 1, 64 << 20, "100B", "Length of a piece."),
    p::size("answer", 1, 64 << 20, "100B", "Length of an answer."),
    p::choice("how", "plain|nodelay|cork|more|writev", "plain",
              "How pieces are written: by a write each; with TCP_NODELAY; between TCP_CORK on and off; with "
              "MSG_MORE but for the last; all by one writev."),
    p::duration("pause", Duration{}, kHour, "0us", "From one piece to the next."),
    p::duration("gap", Duration{}, kHour, "0us", "From an answer to the next request."),
});

constexpr auto kBulkServer = std::to_array<Parameter>({
    kPort,
    p::size("size", 1, std::int64_t{1} << 40, "2MB", "Length of the block that each connection is sent."),
    p::size("write", 1, 64 << 20, "64KiB", "What one write asks for."),
    p::size("sndbuf", 0, 1 << 30, "0B", "SO_SNDBUF of each connection; 0 leaves it to the kernel."),
});

constexpr auto kBulkClient = std::to_array<Parameter>({
    kTo,
    p::integer("transfers", "transfers", 1, 1'000'000, "1",
               "How many blocks it reads, one after another, each on a connection of its own."),
    p::size("rcvbuf", 0, 1 << 30, "0B", "SO_RCVBUF before the handshake; 0 leaves it to the kernel."),
    p::size("read", 1, 64 << 20, "64KiB", "What one read() asks for."),
    p::duration("think", Duration{}, kHour, "0us", "Sleep after each read()."),
});

constexpr auto kConnectCrowd = std::to_array<Parameter>({
    kTo,
    p::integer("clients", "clients", 1, 1'000'000, "100", "How many clients, each with one connection."),
    p::duration("every", Duration{}, kHour, "10us", "From the start of one client to the start of the next."),
    p::duration("hold", Duration{}, kHour * 24, "0us",
                "How long a connection is kept after it was established."),
});

constexpr auto kPatientServer = std::to_array<Parameter>({
    kPort,
    p::duration("every", Duration{}, kHour, "0us",
                "After so long without a word from the client 100 bytes are written to it; 0 is never."),
    p::flag("keepalive", "false", "SO_KEEPALIVE: whether the kernel asks after a client that says nothing."),
    p::duration("keepidle", Duration{}, kHour * 9, "0us",
                "TCP_KEEPIDLE, in seconds: the silence before it asks; 0 leaves it at 7,200 s."),
    p::duration("keepintvl", Duration{}, kHour * 9, "0us",
                "TCP_KEEPINTVL, in seconds: from one question to the next; 0 leaves it at 75 s."),
    p::integer(
        "keepcnt", "probes", 0, 127, "0",
        "TCP_KEEPCNT: questions without an answer before the connection is given up; 0 leaves it at 9."),
    p::duration("user_timeout", Duration{}, kHour, "0us",
                "TCP_USER_TIMEOUT, in milliseconds: how long anything may wait to be acknowledged; 0 is the "
                "kernel's own."),
});

constexpr auto kSynFlood = std::to_array<Parameter>({
    kTo,
    p::integer("syns", "SYNs", 1, 10'000'000, "10000", "How many SYNs, each from another address."),
    p::duration("every", Duration{}, kHour, "1ms", "From one SYN to the next."),
});

constexpr auto kPrograms = std::to_array<ProgramSpec>({
    {"herd_worker",
     "A worker that waits for connections, accepts them and closes them, one of many on one port.",
     ProgramForm::kBlocking, true, kHerdWorker, herd_worker},
    {"connect_each", "A client that makes one connection after another at fixed times and closes each.",
     ProgramForm::kBoth, false, kConnectEach, connect_each, connect_each_crowd},
    {"echo_server", "A server on one epoll instance that writes back what it reads.", ProgramForm::kBlocking,
     true, kEchoServer, echo_server},
    {"echo_client", "A client on one connection that writes a message and blocks until its answer is whole.",
     ProgramForm::kBlocking, false, kEchoClient, echo_client},
    {"bulk_server", "A server that sends one block of bytes on every connection, and closes it.",
     ProgramForm::kBlocking, true, kBulkServer, bulk_server},
    {"bulk_client", "A client that reads all that the other end sends, at its own pace.",
     ProgramForm::kBlocking, false, kBulkClient, bulk_client},
    {"piecewise_server", "A server that answers each request when it has read all of it.",
     ProgramForm::kBlocking, true, kPiecewiseServer, piecewise_server},
    {"piecewise_client", "A client that writes each request in pieces and then waits for the answer.",
     ProgramForm::kBlocking, false, kPiecewiseClient, piecewise_client},
    {"patient_server",
     "A server that waits for a client's next word, and notes when the connection is no more.",
     ProgramForm::kBlocking, true, kPatientServer, patient_server},
    {"syn_flood", "SYNs from addresses that nobody has, so that no answer is answered.", ProgramForm::kCrowd,
     false, kSynFlood, nullptr, syn_flood},
    {"connect_crowd", "Many clients that connect, hold their connection for a while and close it.",
     ProgramForm::kCrowd, false, kConnectCrowd, nullptr, connect_crowd},
    {"echo_crowd", "Many clients, each on one connection, that write messages and wait for the answers.",
     ProgramForm::kCrowd, false, kEchoCrowd, nullptr, echo_crowd},
});

}  // namespace

std::span<const ProgramSpec> programs() { return kPrograms; }

const ProgramSpec* find_program(std::string_view name) {
  const auto found =
      std::find_if(kPrograms.begin(), kPrograms.end(), [&](const auto& p) { return p.name == name; });
  return found == kPrograms.end() ? nullptr : &*found;
}

}  // namespace stackscope
