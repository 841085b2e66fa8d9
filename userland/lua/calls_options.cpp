// Socket options: what type a value has, by level and name.

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/time.h>

#include "userland/lua/arguments.hpp"

namespace stackscope::lua {

namespace {

enum class OptionType : std::uint8_t { kInteger, kLinger, kTime, kTcpInfo, kText };

OptionType type_of(int level, int option) {
  if (level == SOL_SOCKET && option == SO_LINGER) return OptionType::kLinger;
  if (level == SOL_SOCKET && (option == SO_RCVTIMEO || option == SO_SNDTIMEO)) return OptionType::kTime;
  if (level == IPPROTO_TCP && option == TCP_INFO) return OptionType::kTcpInfo;
  if (level == IPPROTO_TCP && option == TCP_CONGESTION) return OptionType::kText;
  return OptionType::kInteger;
}

int linger_field(lua_State* lua, int index) {
  lua_geti(lua, 4, index);
  const auto value = static_cast<int>(luaL_checkinteger(lua, -1));
  lua_pop(lua, 1);
  return value;
}

int set_bytes(lua_State* lua, const void* value, std::size_t length) {
  const int fd = int_at(lua, 1), level = int_at(lua, 2), option = int_at(lua, 3);
  return push_result(lua, in_call(lua, "setsockopt", [&](Syscalls& os) {
                       return os.setsockopt(fd, level, option, value, static_cast<socklen_t>(length));
                     }));
}

int call_setsockopt(lua_State* lua) {
  switch (type_of(int_at(lua, 2), int_at(lua, 3))) {
    case OptionType::kLinger: {
      luaL_checktype(lua, 4, LUA_TTABLE);
      const linger value{linger_field(lua, 1), linger_field(lua, 2)};
      return set_bytes(lua, &value, sizeof value);
    }
    case OptionType::kTime: {
      const lua_Integer ns = luaL_checkinteger(lua, 4);
      const timeval value{static_cast<time_t>(ns / 1'000'000'000),
                          static_cast<suseconds_t>(ns % 1'000'000'000 / 1000)};
      return set_bytes(lua, &value, sizeof value);
    }
    case OptionType::kText: {
      const ConstBuffer text = bytes_at(lua, 4);
      return set_bytes(lua, text.data, text.size);
    }
    default: {
      const int value = int_at(lua, 4);
      return set_bytes(lua, &value, sizeof value);
    }
  }
}

struct InfoField {
  const char* name;
  std::uint64_t (*read)(const tcp_info&);
};
#define STACKSCOPE_INFO(field) \
  {"tcpi_" #field, [](const tcp_info& info) -> std::uint64_t { return info.tcpi_##field; }}
constexpr InfoField kInfo[] = {STACKSCOPE_INFO(state),         STACKSCOPE_INFO(ca_state),
                               STACKSCOPE_INFO(retransmits),   STACKSCOPE_INFO(probes),
                               STACKSCOPE_INFO(backoff),       STACKSCOPE_INFO(options),
                               STACKSCOPE_INFO(snd_wscale),    STACKSCOPE_INFO(rcv_wscale),
                               STACKSCOPE_INFO(rto),           STACKSCOPE_INFO(ato),
                               STACKSCOPE_INFO(snd_mss),       STACKSCOPE_INFO(rcv_mss),
                               STACKSCOPE_INFO(unacked),       STACKSCOPE_INFO(sacked),
                               STACKSCOPE_INFO(lost),          STACKSCOPE_INFO(retrans),
                               STACKSCOPE_INFO(fackets),       STACKSCOPE_INFO(last_data_sent),
                               STACKSCOPE_INFO(last_ack_sent), STACKSCOPE_INFO(last_data_recv),
                               STACKSCOPE_INFO(last_ack_recv), STACKSCOPE_INFO(pmtu),
                               STACKSCOPE_INFO(rcv_ssthresh),  STACKSCOPE_INFO(rtt),
                               STACKSCOPE_INFO(rttvar),        STACKSCOPE_INFO(snd_ssthresh),
                               STACKSCOPE_INFO(snd_cwnd),      STACKSCOPE_INFO(advmss),
                               STACKSCOPE_INFO(reordering),    STACKSCOPE_INFO(rcv_rtt),
                               STACKSCOPE_INFO(rcv_space),     STACKSCOPE_INFO(total_retrans),
                               STACKSCOPE_INFO(bytes_acked),   STACKSCOPE_INFO(bytes_received),
                               STACKSCOPE_INFO(segs_out),      STACKSCOPE_INFO(segs_in),
                               STACKSCOPE_INFO(notsent_bytes), STACKSCOPE_INFO(min_rtt)};
#undef STACKSCOPE_INFO

int push_option(lua_State* lua, OptionType type, const void* value, socklen_t length) {
  switch (type) {
    case OptionType::kLinger: {
      const auto& read = *static_cast<const linger*>(value);
      lua_createtable(lua, 2, 0);
      lua_pushinteger(lua, read.l_onoff);
      lua_rawseti(lua, -2, 1);
      lua_pushinteger(lua, read.l_linger);
      lua_rawseti(lua, -2, 2);
      return 1;
    }
    case OptionType::kTime: {
      const auto& read = *static_cast<const timeval*>(value);
      lua_pushinteger(lua, static_cast<lua_Integer>(read.tv_sec) * 1'000'000'000 + read.tv_usec * 1000);
      return 1;
    }
    case OptionType::kTcpInfo:
      lua_newtable(lua);
      for (const InfoField& field : kInfo) {
        lua_pushinteger(lua, static_cast<lua_Integer>(field.read(*static_cast<const tcp_info*>(value))));
        lua_setfield(lua, -2, field.name);
      }
      return 1;
    case OptionType::kText: {
      const auto* const text = static_cast<const char*>(value);
      lua_pushlstring(lua, text, strnlen(text, length));
      return 1;
    }
    default:
      lua_pushinteger(
          lua, length == 1 ? *static_cast<const unsigned char*>(value) : *static_cast<const int*>(value));
      return 1;
  }
}

int call_getsockopt(lua_State* lua) {
  const int fd = int_at(lua, 1), level = int_at(lua, 2), option = int_at(lua, 3);
  const OptionType type = type_of(level, option);
  union {
    int number;
    linger lingering;
    timeval time;
    tcp_info info;
    char text[16];
  } value{};
  std::memset(&value, 0, sizeof value);
  socklen_t length = type == OptionType::kInteger  ? sizeof value.number
                     : type == OptionType::kLinger ? sizeof value.lingering
                     : type == OptionType::kTime   ? sizeof value.time
                     : type == OptionType::kText   ? sizeof value.text
                                                   : sizeof value.info;
  const int result = in_call(lua, "getsockopt",
                             [&](Syscalls& os) { return os.getsockopt(fd, level, option, &value, length); });
  return result < 0 ? push_error(lua, result) : push_option(lua, type, &value, length);
}

constexpr luaL_Reg kCalls[] = {
    {"setsockopt", call_setsockopt}, {"getsockopt", call_getsockopt}, {nullptr, nullptr}};

}  // namespace

void open_options(lua_State* lua) { add_globals(lua, kCalls); }

}  // namespace stackscope::lua
