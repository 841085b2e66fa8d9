#include "runner/packetdrill/snippet_values.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <linux/tcp.h>

namespace stackscope::packetdrill {

namespace {

using List = std::vector<SnippetValue>;

const std::int64_t* integer(const SnippetValue& v) { return std::get_if<std::int64_t>(&v.is); }
const std::string* string(const SnippetValue& v) { return std::get_if<std::string>(&v.is); }
const List* list(const SnippetValue& v) { return std::get_if<List>(&v.is); }

[[noreturn]] void fail(std::string what) { throw SnippetError{std::move(what), true}; }

double real(const SnippetValue& v) {
  if (const auto* const i = integer(v)) return static_cast<double>(*i);
  if (const auto* const d = std::get_if<double>(&v.is)) return *d;
  fail("this works on numbers alone");
}

/// −1, 0, 1; 2 where they cannot be compared.
int order(const SnippetValue& a, const SnippetValue& b) {
  const auto sign = [](const auto& x, const auto& y) { return x < y ? -1 : (y < x ? 1 : 0); };
  if (integer(a) != nullptr && integer(b) != nullptr) return sign(*integer(a), *integer(b));
  if (string(a) != nullptr || string(b) != nullptr) {
    return string(a) != nullptr && string(b) != nullptr ? sign(*string(a), *string(b)) : 2;
  }
  if (list(a) == nullptr && list(b) == nullptr) return sign(real(a), real(b));
  if (list(a) == nullptr || list(b) == nullptr) return 2;
  for (std::size_t i = 0; i < std::min(list(a)->size(), list(b)->size()); ++i) {
    if (const int one = order((*list(a))[i], (*list(b))[i])) return one;
  }
  return sign(list(a)->size(), list(b)->size());
}

bool contains(const SnippetValue& all, const SnippetValue& one) {
  if (string(all) != nullptr && string(one) != nullptr)
    return string(all)->find(*string(one)) != std::string::npos;
  if (list(all) == nullptr) fail("'in' wants a list or a text behind it");
  return std::ranges::any_of(*list(all), [&](const SnippetValue& v) { return order(v, one) == 0; });
}

/// Rounded down, as Python does.
std::int64_t divide(std::int64_t a, std::int64_t b) {
  if (b == 0) fail("division by zero");
  if (b == -1) return static_cast<std::int64_t>(0 - static_cast<std::uint64_t>(a));
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

std::int64_t power(std::int64_t base, std::int64_t exponent) {
  std::uint64_t out = 1;
  for (auto b = static_cast<std::uint64_t>(base); exponent > 0; exponent >>= 1, b *= b) {
    if ((exponent & 1) != 0) out *= b;
  }
  return static_cast<std::int64_t>(out);
}

SnippetValue compute_integers(std::string_view op, std::int64_t a, std::int64_t b) {
  const auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
  const auto wrapped = [](std::uint64_t v) { return SnippetValue{static_cast<std::int64_t>(v)}; };
  if (op == "+") return wrapped(x + y);
  if (op == "-") return wrapped(x - y);
  if (op == "*") return wrapped(x * y);
  if (op == "|") return {a | b};
  if (op == "&") return {a & b};
  if (op == "^") return {a ^ b};
  if (op == "//") return {divide(a, b)};
  if (op == "%") return wrapped(x - static_cast<std::uint64_t>(divide(a, b)) * y);
  if (op == "**" && b >= 0) return {power(a, b)};
  if (op == "<<" || op == ">>") {
    if (b < 0 || b > 63) fail("a shift is by 0 to 63 bits");
    return op == "<<" ? wrapped(x << b) : SnippetValue{a >> b};
  }
  if (b == 0 && op == "/") fail("division by zero");
  return {op == "/" ? static_cast<double>(a) / static_cast<double>(b)
                    : std::pow(static_cast<double>(a), static_cast<double>(b))};
}

}  // namespace

bool is_true(const SnippetValue& v) {
  if (string(v) != nullptr) return !string(v)->empty();
  return list(v) != nullptr ? !list(v)->empty() : real(v) != 0;
}

std::string to_text(const SnippetValue& v) {
  if (integer(v) != nullptr) return fmt::format("{}", *integer(v));
  if (string(v) != nullptr) return *string(v);
  if (list(v) == nullptr) return fmt::format("{}", real(v));
  std::string out;
  for (const SnippetValue& one : *list(v)) out += (out.empty() ? "" : ", ") + to_text(one);
  return "(" + out + ")";
}

std::optional<SnippetValue> to_number(const std::string& digits) {
  const bool is_hex = digits.starts_with("0x") || digits.starts_with("0X");
  const char* const first = digits.data() + (is_hex ? 2 : 0);
  const char* const last = digits.data() + digits.size();
  std::int64_t whole = 0;
  auto [end, error] = std::from_chars(first, last, whole, is_hex ? 16 : 10);
  if (error == std::errc{} && end == last) return SnippetValue{whole};
  double number = 0;
  const auto read = std::from_chars(digits.data(), last, number);
  if (is_hex || read.ec != std::errc{} || read.ptr != last) return {};
  return SnippetValue{number};
}

bool compare(std::string_view op, const SnippetValue& left, const SnippetValue& right) {
  if (op == "in") return contains(right, left);
  if (op == "not in") return !contains(right, left);
  const int is = order(left, right);
  if (op == "==" || op == "is") return is == 0;
  if (op == "!=" || op == "is not") return is != 0;
  if (is == 2) fail("these cannot be ordered");
  if (op == "<") return is < 0;
  if (op == "<=") return is <= 0;
  return op == ">" ? is > 0 : is >= 0;
}

SnippetValue compute(std::string_view op, const SnippetValue& a, const SnippetValue& b) {
  if (integer(a) != nullptr && integer(b) != nullptr) return compute_integers(op, *integer(a), *integer(b));
  if (op == "+" && string(a) != nullptr && string(b) != nullptr) return {*string(a) + *string(b)};
  if (op == "%" && string(a) != nullptr) return {*string(a) + " % " + to_text(b)};
  const double x = real(a), y = real(b);
  if (op == "+") return {x + y};
  if (op == "-") return {x - y};
  if (op == "*") return {x * y};
  if (op == "**") return {std::pow(x, y)};
  if (op != "/" && op != "//" && op != "%") fail(fmt::format("'{}' works on whole numbers alone", op));
  if (y == 0) fail("division by zero");
  if (op == "/") return {x / y};
  return {op == "//" ? std::floor(x / y) : x - std::floor(x / y) * y};
}

bool is_function(std::string_view name) {
  for (const std::string_view known : {"abs", "min", "max", "int", "float", "len", "str"}) {
    if (name == known) return true;
  }
  return false;
}

SnippetValue apply(std::string_view name, const List& arguments) {
  if (arguments.empty()) fail(fmt::format("{}() wants an argument", name));
  const SnippetValue& first = arguments[0];
  if (name == "min" || name == "max") {
    const auto less = [](const SnippetValue& a, const SnippetValue& b) { return compare("<", a, b); };
    return name == "min" ? *std::ranges::min_element(arguments, less)
                         : *std::ranges::max_element(arguments, less);
  }
  if (name == "len") {
    if (string(first) != nullptr) return {static_cast<std::int64_t>(string(first)->size())};
    return {static_cast<std::int64_t>(arguments.size())};
  }
  if (name == "str") return {to_text(first)};
  if (name == "float") return {real(first)};
  if (name == "int") {
    if (integer(first) != nullptr) return first;
    if (std::abs(real(first)) >= 0x1p63) fail("this number is too large");
    return {static_cast<std::int64_t>(real(first))};
  }
  return compare("<", first, SnippetValue{}) ? compute("-", SnippetValue{}, first) : first;
}

// --- TCP_INFO ------------------------------------------------------------------------------------------------------------

void add_tcp_info(const tcp_info& info, SnippetNames& names) {
  const auto add = [&](const char* name, auto value) { names[name] = {static_cast<std::int64_t>(value)}; };
#define ADD(field) add(#field, info.field)
  ADD(tcpi_state), ADD(tcpi_ca_state), ADD(tcpi_retransmits), ADD(tcpi_probes), ADD(tcpi_backoff);
  ADD(tcpi_options), ADD(tcpi_snd_wscale), ADD(tcpi_rcv_wscale), ADD(tcpi_delivery_rate_app_limited);
  ADD(tcpi_fastopen_client_fail), ADD(tcpi_rto), ADD(tcpi_ato), ADD(tcpi_snd_mss), ADD(tcpi_rcv_mss);
  ADD(tcpi_unacked), ADD(tcpi_sacked), ADD(tcpi_lost), ADD(tcpi_retrans), ADD(tcpi_fackets);
  ADD(tcpi_last_data_sent), ADD(tcpi_last_ack_sent), ADD(tcpi_last_data_recv), ADD(tcpi_last_ack_recv);
  ADD(tcpi_pmtu), ADD(tcpi_rcv_ssthresh), ADD(tcpi_rtt), ADD(tcpi_rttvar), ADD(tcpi_snd_ssthresh);
  ADD(tcpi_snd_cwnd), ADD(tcpi_advmss), ADD(tcpi_reordering), ADD(tcpi_rcv_rtt), ADD(tcpi_rcv_space);
  ADD(tcpi_total_retrans), ADD(tcpi_pacing_rate), ADD(tcpi_max_pacing_rate), ADD(tcpi_bytes_acked);
  ADD(tcpi_bytes_received), ADD(tcpi_segs_out), ADD(tcpi_segs_in), ADD(tcpi_notsent_bytes);
  ADD(tcpi_min_rtt), ADD(tcpi_data_segs_in), ADD(tcpi_data_segs_out), ADD(tcpi_delivery_rate);
  ADD(tcpi_busy_time), ADD(tcpi_rwnd_limited), ADD(tcpi_sndbuf_limited), ADD(tcpi_delivered);
  ADD(tcpi_delivered_ce), ADD(tcpi_bytes_sent), ADD(tcpi_bytes_retrans), ADD(tcpi_dsack_dups);
  ADD(tcpi_reord_seen), ADD(tcpi_rcv_ooopack), ADD(tcpi_snd_wnd);
#undef ADD
}

}  // namespace stackscope::packetdrill
