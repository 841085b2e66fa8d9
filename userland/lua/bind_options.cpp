// Socket options, which are integers but for a few.

#include <cstring>
#include <linux/tcp.h>
#include <sys/time.h>

#include "userland/lua/arguments.hpp"
#include "userland/lua/binding.hpp"

namespace stackscope::lua {
namespace {

enum class OptionKind : std::uint8_t { kInteger, kLinger, kTime, kTcpInfo, kText };

struct OptionType {
  int level, name;
  OptionKind kind;
};

constexpr OptionType kOptionTypes[] = {
    {SOL_SOCKET, SO_LINGER, OptionKind::kLinger},     {SOL_SOCKET, SO_RCVTIMEO, OptionKind::kTime},
    {SOL_SOCKET, SO_SNDTIMEO, OptionKind::kTime},     {IPPROTO_TCP, TCP_INFO, OptionKind::kTcpInfo},
    {IPPROTO_TCP, TCP_CONGESTION, OptionKind::kText}, {SOL_SOCKET, SO_BINDTODEVICE, OptionKind::kText},
};

OptionKind kind_of(int level, int name) {
  for (const OptionType& type : kOptionTypes) {
    if (type.level == level && type.name == name) return type.kind;
  }
  return OptionKind::kInteger;
}

/// Whatever an option needs.
union OptionValue {
  int integer;
  linger how_long;
  timeval time;
  tcp_info info;
  char text[256];
};

struct InfoField {
  const char* name;
  std::size_t offset, size;
};

#define FIELD(name) \
  InfoField { #name, offsetof(tcp_info, name), sizeof(tcp_info::name) }
constexpr InfoField kInfoFields[] = {
    FIELD(tcpi_state),         FIELD(tcpi_ca_state),
    FIELD(tcpi_retransmits),   FIELD(tcpi_probes),
    FIELD(tcpi_backoff),       FIELD(tcpi_options),
    FIELD(tcpi_rto),           FIELD(tcpi_ato),
    FIELD(tcpi_snd_mss),       FIELD(tcpi_rcv_mss),
    FIELD(tcpi_unacked),       FIELD(tcpi_sacked),
    FIELD(tcpi_lost),          FIELD(tcpi_retrans),
    FIELD(tcpi_fackets),       FIELD(tcpi_last_data_sent),
    FIELD(tcpi_last_ack_sent), FIELD(tcpi_last_data_recv),
    FIELD(tcpi_last_ack_recv), FIELD(tcpi_pmtu),
    FIELD(tcpi_rcv_ssthresh),  FIELD(tcpi_rtt),
    FIELD(tcpi_rttvar),        FIELD(tcpi_snd_ssthresh),
    FIELD(tcpi_snd_cwnd),      FIELD(tcpi_advmss),
    FIELD(tcpi_reordering),    FIELD(tcpi_rcv_rtt),
    FIELD(tcpi_rcv_space),     FIELD(tcpi_total_retrans),
    FIELD(tcpi_pacing_rate),   FIELD(tcpi_max_pacing_rate),
    FIELD(tcpi_bytes_acked),   FIELD(tcpi_bytes_received),
    FIELD(tcpi_segs_out),      FIELD(tcpi_segs_in),
    FIELD(tcpi_notsent_bytes), FIELD(tcpi_min_rtt),
    FIELD(tcpi_data_segs_in),  FIELD(tcpi_data_segs_out),
    FIELD(tcpi_delivery_rate), FIELD(tcpi_busy_time),
    FIELD(tcpi_rwnd_limited),  FIELD(tcpi_sndbuf_limited),
    FIELD(tcpi_delivered),     FIELD(tcpi_delivered_ce),
    FIELD(tcpi_bytes_sent),    FIELD(tcpi_bytes_retrans),
    FIELD(tcpi_dsack_dups),    FIELD(tcpi_reord_seen),
    FIELD(tcpi_rcv_ooopack),   FIELD(tcpi_snd_wnd),
};
#undef FIELD

void set_integer(lua_State* lua, const char* name, std::uint64_t value) {
  lua_pushinteger(lua, static_cast<lua_Integer>(value));
  lua_setfield(lua, -2, name);
}

/// As many fields as the kernel filled; and those that are bits, which have no address.
int push_tcp_info(lua_State* lua, const tcp_info& info, socklen_t length) {
  lua_createtable(lua, 0, static_cast<int>(std::size(kInfoFields)) + 2);
  for (const InfoField& field : kInfoFields) {
    if (field.offset + field.size > length) continue;
    std::uint64_t value = 0;  // little-endian, as this machine is
    std::memcpy(&value, reinterpret_cast<const std::byte*>(&info) + field.offset, field.size);
    set_integer(lua, field.name, value);
  }
  set_integer(lua, "tcpi_snd_wscale", info.tcpi_snd_wscale);
  set_integer(lua, "tcpi_rcv_wscale", info.tcpi_rcv_wscale);
  return 1;
}

int push_linger(lua_State* lua, const linger& value) {
  lua_createtable(lua, 2, 0);
  lua_pushinteger(lua, value.l_onoff);
  lua_rawseti(lua, -2, 1);
  lua_pushinteger(lua, value.l_linger);
  lua_rawseti(lua, -2, 2);
  return 1;
}

int push_option(lua_State* lua, OptionKind kind, const OptionValue& value, socklen_t length) {
  if (kind == OptionKind::kLinger) return push_linger(lua, value.how_long);
  if (kind == OptionKind::kTcpInfo) return push_tcp_info(lua, value.info, length);
  if (kind == OptionKind::kTime)
    return result(lua, value.time.tv_sec * 1'000'000'000 + value.time.tv_usec * 1'000);
  if (kind == OptionKind::kText) return lua_pushlstring(lua, value.text, strnlen(value.text, length)), 1;
  lua_pushinteger(lua, value.integer);
  return 1;
}

int getsockopt(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1), level = int_argument(lua, 2), name = int_argument(lua, 3);
  const OptionKind kind = kind_of(level, name);
  OptionValue value{};
  socklen_t length = kind == OptionKind::kInteger   ? sizeof value.integer
                     : kind == OptionKind::kLinger  ? sizeof value.how_long
                     : kind == OptionKind::kTime    ? sizeof value.time
                     : kind == OptionKind::kTcpInfo ? sizeof value.info
                                                    : sizeof value.text;
  std::memset(&value, 0, sizeof value);
  const int status = thread.os->getsockopt(fd, level, name, &value, length);
  return status < 0 ? failure(lua, status) : push_option(lua, kind, value, length);
}

/// The argument at 4 as the option's type. Returns its length.
socklen_t option_argument(lua_State* lua, OptionKind kind, OptionValue& value) {
  if (kind == OptionKind::kLinger) {
    luaL_checktype(lua, 4, LUA_TTABLE);
    value.how_long = {int_element(lua, 4, 1), int_element(lua, 4, 2)};
    return sizeof value.how_long;
  }
  if (kind == OptionKind::kTime) {
    const std::int64_t ns = duration_argument(lua, 4).value_or(Duration{}).count();  // 0 is for ever
    value.time = {ns / 1'000'000'000, ns % 1'000'000'000 / 1'000};
    return sizeof value.time;
  }
  if (kind == OptionKind::kText) {
    std::size_t length = 0;
    const char* const text = luaL_checklstring(lua, 4, &length);
    std::memcpy(value.text, text, std::min(length, sizeof value.text));
    return static_cast<socklen_t>(std::min(length, sizeof value.text));
  }
  value.integer = flags_argument(lua, 4);
  return sizeof value.integer;
}

int setsockopt(lua_State* lua, Thread& thread) {
  const int fd = int_argument(lua, 1), level = int_argument(lua, 2), name = int_argument(lua, 3);
  luaL_checkany(lua, 4);
  OptionValue value{};
  const socklen_t length = option_argument(lua, kind_of(level, name), value);
  return result(lua, thread.os->setsockopt(fd, level, name, &value, length));
}

constexpr Binding kBindings[] = {
    {"setsockopt", &setsockopt, "setsockopt(fd, level, name, value) → 0",
     "Integers, booleans as 0 or 1; SO_LINGER takes {onoff, seconds}, SO_RCVTIMEO and SO_SNDTIMEO durations, "
     "TCP_CONGESTION "
     "a name.",
     R"lua(local fd = socket(AF_INET, SOCK_STREAM)
print(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, 1))
print(setsockopt(fd, SOL_SOCKET, SO_LINGER, {1, 5}))
)lua",
     "0\n0\n"},
    {"getsockopt", &getsockopt, "getsockopt(fd, level, name) → value",
     "The same the other way; a time of 0 is for ever, SO_ERROR is the number, TCP_INFO a table with the C "
     "names.",
     R"lua(local fd = socket(AF_INET, SOCK_STREAM)
print(getsockopt(fd, SOL_SOCKET, SO_ERROR))
setsockopt(fd, SOL_SOCKET, SO_LINGER, {1, 5})
local linger = getsockopt(fd, SOL_SOCKET, SO_LINGER)
print(linger[1], linger[2])
)lua",
     "0\n1\t5\n"},
};

}  // namespace

std::span<const Binding> option_bindings() { return kBindings; }

}  // namespace stackscope::lua
