#include "runner/packetdrill/model_stage.hpp"

#include <algorithm>
#include <arpa/inet.h>

#include "kernel_model/vocabulary/records.hpp"
#include "runner/packetdrill/icmp_names.hpp"
#include "runner/packetdrill/model_packets.hpp"

namespace stackscope::packetdrill {

namespace {

constexpr std::uint32_t kLocal = 0xc0a80001, kRemote = 0xc0000201;  // 192.168.0.1, 192.0.2.1

std::uint32_t ipv4(const std::string& text, std::uint32_t otherwise) {
  in_addr address;
  return inet_pton(AF_INET, text.c_str(), &address) == 1 ? ntohl(address.s_addr) : otherwise;
}

}  // namespace

ModelStage::ModelStage(const Options& options)
    : options_(options),
      local_(ipv4(options.local_ip, kLocal)),
      remote_(ipv4(options.remote_ip, kRemote)),
      schema_(Schema::of<Records>()),
      trace_(engine_.moment(), schema_, sink_),
      addresses_{{"host", local_}},
      shared_{engine_, trace_, packets_, streams_, addresses_, 1},
      host_(shared_, config_of(local_), costs_),
      tun_(host_.network().backlog(), host_.processors().cpu(0), packets_, *this, options.mtu),
      process_(host_.create_process()) {
  host_.network().set_nic(tun_);
  // One thread that never ends, or the process would end with each call.
  start(
      [](Syscalls& os) {
        for (;;) os.nanosleep(Duration::s(1'000'000'000));
      },
      [](Instant) {});
  run_until(Instant::at(Duration::ms(1)), [] { return false; });
}

HostConfig ModelStage::config_of(std::uint32_t address) {
  HostConfig config;
  config.name = "host", config.cpus = 1, config.hz = Hz{250}, config.address = address;
  return config;
}

void ModelStage::run_until(Instant until, const std::function<bool()>& is_enough) {
  while (!is_enough() && engine_.next_due().at <= until) engine_.step();
  engine_.run_until(is_enough() ? engine_.now() : until);
}

// --- the program -------------------------------------------------------------------------------------------------------------

ModelStage::Launch::Launch(ModelStage& of, Body its_body, Returned its_returned)
    : stage(of), body(std::move(its_body)), returned(std::move(its_returned)), os(of.host_, of.process_, 0) {}

void ModelStage::Launch::fire() {
  stage.engine_.moment().place = Place{stage.host_.config().ordinal, Place::kNoCpu};
  stage.host_.create_thread(stage.process_, {.comm = "script", .process = stage.process_.id}, [this] {
    body(os);
    returned(stage.engine_.now());
  });
}

void ModelStage::start(Body body, Returned returned) {
  Launch& launch = launches_.emplace_back(*this, std::move(body), std::move(returned));
  engine_.schedule(launch.event, engine_.now(), Rank::timers());
}

std::string ModelStage::set(const Setting& setting) { return apply(setting, host_.sysctls()); }

SocketAddress ModelStage::name_of(std::uint32_t address, std::uint16_t port) const {
  if (!options_.is_ipv6()) return SocketAddress::ipv4(address, port);
  in6_addr named{};
  if (options_.ip_version == IpVersion::kIpv6) {
    named.s6_addr[0] = 0xfd;
    named.s6_addr32[3] = htonl(ipv6_beside(address));
  } else {
    named.s6_addr[10] = named.s6_addr[11] = 0xff;
    named.s6_addr32[3] = htonl(address);
  }
  return SocketAddress::ipv6(named, port);
}

// --- packets -----------------------------------------------------------------------------------------------------------------

// Only what goes to the script's end is the script's to see.
void ModelStage::on_read(const Packet& packet) {
  const std::uint32_t peer = options_.ip_version == IpVersion::kIpv6 ? ipv6_beside(remote_) : remote_;
  if (packet.destination_address == peer) sent_.push_back({engine_.now(), frame_of(packet)});
}

std::string ModelStage::inject(const Frame& frame) {
  const bool by_ipv6 = options_.ip_version == IpVersion::kIpv6;
  Packet& packet = packets_.take();
  packet.source_address = by_ipv6 ? ipv6_beside(remote_) : remote_;
  packet.destination_address = by_ipv6 ? ipv6_beside(local_) : local_;
  packet.source_port = frame.remote_port, packet.destination_port = frame.local_port;
  packet.tos = frame.tos, packet.payload_bytes = frame.payload_bytes;
  if (frame.transport == Transport::kTcp) {
    fill_tcp(frame, packet);
    add_tcp_payload(frame, packet);
  } else if (frame.transport == Transport::kUdp) {
    packet.protocol = Protocol::kUdp;
    add_udp_payload(packet);
  } else if (std::string why = fill_icmp(frame, packet); !why.empty()) {
    packets_.give_back(packet);
    return why;
  }
  tun_.write(packet);
  return "";
}

/// The script's end writes one stream a connection, from its SYN on; what no receiver can take has no place in it.
void ModelStage::add_tcp_payload(const Frame& frame, Packet& packet) {
  const auto key = std::pair{frame.local_port, frame.remote_port};
  const std::uint32_t first = frame.seq + (frame.has(tcp_flag::kSyn) ? 1 : 0);
  auto found = peer_bytes_.find(key);
  if (found == peer_bytes_.end() || (frame.has(tcp_flag::kSyn) && found->second.first_seq != first)) {
    found = peer_bytes_.insert_or_assign(key, PeerBytes{streams_.open(), first}).first;
  }
  const PeerBytes& bytes = found->second;
  const std::uint32_t offset = first - bytes.first_seq;
  packet.stream = bytes.stream;
  packet.stream_offset = offset < 0x80000000 ? offset : 0;
  const std::uint64_t end = packet.stream_offset + packet.payload_bytes;
  if (end > streams_.end(bytes.stream))
    streams_.append_pattern(bytes.stream, end - streams_.end(bytes.stream));
}

void ModelStage::add_udp_payload(Packet& packet) {
  packet.stream = streams_.open();
  packet.held_in = &streams_;
  streams_.append_pattern(packet.stream, packet.payload_bytes);
}

std::string ModelStage::fill_icmp(const Frame& frame, Packet& packet) {
  const bool is_about_udp = frame.quoted.transport == Transport::kUdp;
  if (is_about_udp && frame.icmp_code != "port_unreachable") {
    return "of UDP the model knows no ICMP but that a port is unreachable";
  }
  const bool by_ipv6 = options_.ip_version == IpVersion::kIpv6;
  packet.protocol = Protocol::kIcmp;
  packet.icmp.about = is_about_udp ? Protocol::kUdp : Protocol::kTcp;
  packet.icmp.type = icmp_type(frame.icmp_type, by_ipv6).value_or(0);
  packet.icmp.code = icmp_code(frame.icmp_type, frame.icmp_code, by_ipv6).value_or(0);
  packet.icmp.quoted_seq = frame.quoted.seq;
  packet.icmp.mtu = static_cast<std::uint32_t>(std::max<std::int64_t>(frame.icmp_mtu, 0));
  packet.payload_bytes = frame.quoted.payload_bytes;
  packet.quoted_source_port = frame.quoted.local_port;
  packet.quoted_destination_port = frame.quoted.remote_port;
  if (is_about_udp) add_udp_payload(packet);
  return "";
}

}  // namespace stackscope::packetdrill
