#include "tests/runner/kernel_events.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "kernel_model/vocabulary/records.hpp"
#include "sim/encoding.hpp"

namespace stackscope::test {

namespace {

// Which events are compared, and which of their fields. Left out:
//   netif_rx_entry, netif_rx_exit   the model tells a packet's way onto the backlog once, by netif_rx
//   hrtimer_setup                   the model's high-resolution timers have no step before they are started
//   tcp_destroy_sock                the model tells when a socket's memory goes, which is later
//   the count of read(), the number of an accepted descriptor: they are the program's
//   data_len of net_dev_start_xmit: tcp_probe's says it
const std::map<std::string, std::vector<std::string>, std::less<>>& event_fields() {
  static const std::map<std::string, std::vector<std::string>, std::less<>> kFields{
      {"tcp_sendmsg_locked", {"msg_left"}},
      {"net_dev_queue", {"dev", "len"}},
      {"net_dev_start_xmit", {"dev", "len"}},
      {"netif_rx", {"len"}},
      {"net_dev_xmit", {"len"}},
      {"netif_receive_skb", {"len"}},
      {"softirq_raise", {"vec"}},
      {"softirq_entry", {"vec"}},
      {"softirq_exit", {"vec"}},
      {"tcp_probe", {"at", "data_len", "unacked"}},
      {"sk_data_ready", {}},
      {"sched_waking", {"comm"}},
      {"sched_wakeup", {"comm"}},
      {"sched_switch", {"prev_comm", "prev_state", "next_comm"}},
      {"timer_start", {"function", "timeout"}},
      {"timer_cancel", {"function"}},
      {"hrtimer_start", {}},
      {"napi_poll", {"work", "budget"}},
      {"sock_send_length", {"length"}},
      {"sock_recv_length", {"length"}},
      {"tcp_rcv_space_adjust", {"at"}},
      {"inet_sock_set_state", {"at", "oldstate", "newstate"}},
      {"ipi_send_cpu", {"cpu"}},
      {"reschedule_entry", {}},
      {"reschedule_exit", {}},
      {"call_function_single_entry", {}},
      {"call_function_single_exit", {}},
      {"sys_enter_write", {"count"}},
      {"sys_enter_read", {}},
      {"sys_exit_accept4", {}}};
  return kFields;
}

const std::vector<std::string>* fields_of(const std::string& event) {
  static const std::vector<std::string> kNone, kReturned{"ret"};
  const auto found = event_fields().find(event);
  if (found != event_fields().end()) return &found->second;
  static const std::set<std::string, std::less<>> kTracedCalls{
      "read", "write", "epoll_wait", "connect", "accept4", "close", "futex", "clock_nanosleep"};
  const bool enters = event.starts_with("sys_enter_"), exits = event.starts_with("sys_exit_");
  if ((!enters && !exits) || !kTracedCalls.contains(event.substr(enters ? 10 : 9))) return nullptr;
  return enters ? &kNone : &kReturned;
}

std::string role_of(std::string_view comm) {
  if (comm == "client" || comm == "echo_client") return "client";
  if (comm == "server" || comm == "echo_server") return "server";
  return "other";
}

/// What the records so far say about who is doing what on each CPU.
class Teller {
 public:
  explicit Teller(const Recording& recording) : recording_(recording) {}

  void take(const RawRecord& record) {
    const KindSchema& kind = recording_.schema().kind(record.header.kind);
    const std::string name = kind.name.substr(kind.name.find(':') + 1);
    PerCpu& cpu = cpus_[record.header.place.cpu];
    values_.clear();
    for (const FieldSchema& field : kind.fields) values_[field.name] = value(field, record);
    learn(kind.name);
    if (name == "softirq_entry") cpu.context = "softirq";
    const bool is_irq = name.starts_with("irq_handler_");
    const std::string event = is_irq ? interrupt(name) : name;
    if (const auto* const fields = fields_of(event))
      tell(record, event, is_irq ? "hardirq" : cpu.context, *fields);
    if (name == "softirq_exit") cpu.context = "task";
    if (name == "sched_switch") cpu.current = at("next");
  }

  KernelEvents events;

 private:
  struct PerCpu {
    std::int64_t current = 0;
    std::string context = "task";
  };

  std::int64_t at(const std::string& field) const { return values_.at(field); }

  void learn(std::string_view kind) {
    if (kind == TaskCreated::kName) {
      const StringId comm{static_cast<std::uint32_t>(at("comm"))};
      roles_[at("task")] = role_of(recording_.string(comm));
    }
    if (kind == SocketCreated::kName && at("listener") != 0) accepted_.insert(at("socket"));
  }

  // Linux: arch/x86/include/asm/trace/irq_vectors.h
  std::string interrupt(const std::string& name) const {
    const std::string end = name == "irq_handler_entry" ? "_entry" : "_exit";
    switch (static_cast<IrqKind>(at("irq"))) {
      case IrqKind::kReschedule:
        return "reschedule" + end;
      case IrqKind::kCallFunction:
        return "call_function_single" + end;
      default:
        return "";
    }
  }

  std::string role(std::int64_t task) const {
    const auto found = roles_.find(task);
    return found == roles_.end() ? "other" : found->second;
  }

  void tell(const RawRecord& record, const std::string& event, const std::string& context,
            const std::vector<std::string>& fields) {
    const std::uint8_t cpu = record.header.place.cpu;
    std::string text = role(cpus_[cpu].current) + " " + context + " " + event;
    for (const std::string& field : fields) text += " " + field + "=" + content(field);
    events.push_back({"cpu" + std::to_string(cpu), text});
  }

  std::string content(const std::string& field) const {
    if (field == "comm") return role(at("task"));
    if (field == "prev_comm") return role(at("prev"));
    if (field == "next_comm") return role(at("next"));
    if (field == "at") return accepted_.contains(at("socket")) ? "server" : "client";
    if (field == "unacked") return std::to_string(static_cast<std::uint32_t>(at("snd_nxt") - at("snd_una")));
    if (field == "cpu") return std::to_string(at("target_cpu"));
    if (field == "rc") return "0";
    if (field == "dev") return std::string(name_of(static_cast<DeviceKind>(at("dev"))));
    if (field == "prev_state") return std::string(name_of(static_cast<TaskState>(at("prev_state"))));
    if (field == "function") return std::string(name_of(static_cast<TimerFunction>(at("function"))));
    if (field == "oldstate" || field == "newstate") {
      return "TCP_" + std::string(name_of(static_cast<TcpState>(at(field))));
    }
    return std::to_string(at(field));
  }

  const Recording& recording_;
  std::map<std::string, std::int64_t> values_;
  std::map<std::uint8_t, PerCpu> cpus_;
  std::map<std::int64_t, std::string> roles_;
  std::set<std::int64_t> accepted_;
};

}  // namespace

KernelEvents modelled_events(const Recording& recording) {
  Teller teller(recording);
  for (const RawRecord& record : recording.records()) teller.take(record);
  return std::move(teller.events);
}

KernelEvents measured_events(const std::string& name) {
  std::ifstream file(std::string(STACKSCOPE_SOURCE_DIR) + "/docs/measurements/" + name);
  if (!file) throw std::runtime_error("no " + name);
  KernelEvents events;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("#")) continue;
    std::istringstream words(line);
    std::string cpu, who, context, event, word;
    words >> cpu >> who >> context >> event;
    const auto* const fields = fields_of(event);
    if (fields == nullptr) continue;
    std::map<std::string, std::string> values;
    while (words >> word) values[word.substr(0, word.find('='))] = word.substr(word.find('=') + 1);
    std::string text = (who == "idle" ? "other" : who) + " " + context + " " + event;
    for (const std::string& field : *fields) text += " " + field + "=" + values.at(field);
    events.push_back({cpu, text});
  }
  return events;
}

KernelEvents last_from(const KernelEvents& events, std::string_view first, std::size_t count) {
  const auto last =
      std::find_if(events.rbegin(), events.rend(), [&](const auto& e) { return e.text == first; });
  if (last == events.rend()) return {};
  const auto begin = last.base() - 1;
  const auto left = static_cast<std::size_t>(events.end() - begin);
  return {begin, begin + static_cast<std::ptrdiff_t>(std::min(count, left))};
}

KernelEvents on_cpu(const KernelEvents& events, std::string_view cpu) {
  KernelEvents found;
  std::copy_if(events.begin(), events.end(), std::back_inserter(found),
               [&](const auto& e) { return e.cpu == cpu; });
  return found;
}

std::vector<std::string> texts(const KernelEvents& events) {
  std::vector<std::string> found;
  for (const KernelEvent& event : events) found.push_back(event.text);
  return found;
}

KernelEvents with(KernelEvents events, std::string_view instead_of, std::string_view text) {
  for (KernelEvent& event : events) {
    if (event.text == instead_of) event.text = text;
  }
  return events;
}

}  // namespace stackscope::test
