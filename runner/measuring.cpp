#include "runner/measuring.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <utility>

namespace stackscope {

namespace {

constexpr std::string_view kEnter = "syscalls:sys_enter_";
constexpr std::string_view kExit = "syscalls:sys_exit_";

bool has_program(const ResolvedScenario& scenario, std::string_view name) {
  return std::any_of(scenario.runs.begin(), scenario.runs.end(),
                     [&](const RunSpec& run) { return run.program->name == name; });
}

bool sends_requests(const ResolvedScenario& scenario) {
  constexpr auto kSenders = std::to_array<std::string_view>(
      {"echo_client", "echo_crowd", "piecewise_client", "bulk_client", "connect_crowd"});
  return std::any_of(kSenders.begin(), kSenders.end(),
                     [&](std::string_view name) { return has_program(scenario, name); });
}

std::vector<std::string> marks_in(const ResolvedScenario& scenario) {
  std::vector<std::string> names;
  for (const RunSpec& run : scenario.runs) {
    if (!run.lua) continue;
    for (std::string& name : marks_of(run.lua->source)) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(std::move(name));
    }
  }
  return names;
}

std::string wait_of_herd(const ResolvedScenario& scenario) {
  for (const RunSpec& run : scenario.runs) {
    if (run.program->name == "herd_worker") return std::string(run.args.text("wait"));
  }
  return {};
}

}  // namespace

Measuring::Measuring(Trace& trace, const ResolvedScenario& scenario)
    : trace_(trace),
      schema_(trace.schema()),
      wait_(wait_of_herd(scenario)),
      has_requests_(sends_requests(scenario)),
      has_waits_(has_program(scenario, "echo_server")),
      requests_(schema_),
      waits_(schema_),
      marks_(schema_),
      notes_(schema_) {
  for (std::string& name : marks_in(scenario)) {
    const StringId id = trace.intern(name);
    mark_names_.emplace_back(std::move(name), id);
  }
  if (!wait_.empty()) {
    herd_.emplace(schema_, IntervalCounter::Options{.begins = trace.intern("connection"),
                                                    .ends = {},
                                                    .comm = trace.intern("herd_worker"),
                                                    .process = {},
                                                    .host = {}});
  }
  std::vector<bool> is_watched;
  for (const KindSchema& kind : schema_.kinds()) {
    const auto number = static_cast<std::uint16_t>(is_watched.size());
    const bool enters = kind.name.starts_with(kEnter), exits = kind.name.starts_with(kExit);
    call_part_.push_back(enters ? CallPart::kEnter : exits ? CallPart::kExit : CallPart::kNone);
    is_watched.push_back(enters || exits || requests_.reads(number) || notes_.reads(number) ||
                         (!mark_names_.empty() && marks_.reads(number)) || (herd_ && herd_->counts(number)));
  }
  trace.set_observer([this](const RawRecord& record) { observe(record); }, std::move(is_watched));
}

void Measuring::observe(const RawRecord& record) {
  if (herd_) herd_->observe(record);
  if (requests_.matches(record)) observe_request(record);
  if (!mark_names_.empty() && marks_.matches(record)) observe_mark(record);
  if (notes_.matches(record)) observe_note(record);
  if (call_part_[record.header.kind] != CallPart::kNone) observe_call(record);
}

void Measuring::observe_note(const RawRecord& record) {
  const ProgramNote note = notes_.read(record);
  const auto [known, is_new] = tells_failure_.try_emplace(note.what, false);
  if (is_new) known->second = trace_.text_of(note.what).starts_with("failed: ");
  if (known->second) ++failures_[{note.what, note.value}];
}

std::vector<std::string> Measuring::failures() const {
  std::vector<std::string> told;
  for (const auto& [failure, times] : failures_) {
    const std::string often = times == 1 ? "once" : fmt::format("{} times", times);
    const char* const name = strerrorname_np(static_cast<int>(failure.second));
    told.push_back(fmt::format("{}: {}, {}", trace_.text_of(failure.first),
                               name != nullptr ? name : fmt::format("errno {}", failure.second), often));
  }
  return told;
}

void Measuring::observe_request(const RawRecord& record) {
  const RequestMark mark = requests_.read(record);
  const Request request{{record.header.place.host, mark.task}, mark.number};
  if (mark.begins) {
    begun_[request] = record.header.at;
  } else if (const auto begun = begun_.find(request); begun != begun_.end()) {
    round_trip_.add((record.header.at - begun->second).count());
    begun_.erase(begun);
  }
}

void Measuring::observe_mark(const RawRecord& record) {
  const ProgramMark mark = marks_.read(record);
  const Mark stretch{{record.header.place.host, mark.task}, mark.name};
  if (mark.begins) {
    marked_[stretch] = record.header.at;
  } else if (const auto begun = marked_.find(stretch); begun != marked_.end()) {
    stretches_[mark.name].add((record.header.at - begun->second).count());
    marked_.erase(begun);
  }
}

void Measuring::observe_call(const RawRecord& record) {
  const KindSchema& kind = schema_.kind(record.header.kind);
  const TaskOnHost task{record.header.place.host,
                        TaskId{static_cast<std::uint32_t>(value(kind.fields[0], record))}};
  auto& in_call = in_call_[task];
  if (call_part_[record.header.kind] == CallPart::kExit) {
    in_call.clear();
  } else {
    in_call.resize(kHeaderBytes);
    encode_header(record.header, in_call.data());
    in_call.insert(in_call.end(), record.fields.begin(), record.fields.end());
  }
  if (!waits_.matches(record)) return;
  const std::int64_t ready = waits_.read(record).ret;
  if (ready > 0) ready_per_wait_.add(ready);
}

std::string Measuring::call_of(TaskOnHost task) const {
  const auto found = in_call_.find(task);
  if (found == in_call_.end() || found->second.empty()) return {};
  const ByteView bytes{found->second};
  const RawRecord record{{}, decode_header(bytes.data()), bytes.subspan(kHeaderBytes)};
  const KindSchema& kind = schema_.kind(record.header.kind);
  std::string text = kind.name.substr(kEnter.size()) + "(";
  for (std::size_t i = 1; i < kind.fields.size(); ++i) {
    text += (i > 1 ? ", " : "") + std::to_string(value(kind.fields[i], record));
  }
  return text + ")";
}

std::vector<std::string> metric_names(const ResolvedScenario& scenario) {
  std::vector<std::string> names;
  if (!wait_of_herd(scenario).empty()) {
    names = {"accepts_per_worker", "eagain_per_connection", "kernel_wakeups_per_connection",
             "returns_per_connection"};
  }
  if (has_program(scenario, "echo_server")) names.emplace_back("ready_per_wait");
  if (sends_requests(scenario)) names.emplace_back("round_trip");
  for (std::string& name : marks_in(scenario)) names.push_back(std::move(name));
  return names;
}

Metrics Measuring::metrics() const {
  Metrics metrics;
  const auto add = [&](const char* name, const std::vector<std::int64_t>& values) {
    Distribution& distribution = metrics.distribution(name);
    for (const std::int64_t n : values) distribution.add(n);
  };
  if (herd_) {
    const auto returned = wait_ == "accept" ? &IntervalCounts::accept4_returned
                          : wait_ == "poll" ? &IntervalCounts::poll_returned
                                            : &IntervalCounts::epoll_wait_returned;
    add("returns_per_connection", herd_->column(returned));
    add("kernel_wakeups_per_connection", herd_->column(&IntervalCounts::wakings));
    add("eagain_per_connection", herd_->column(&IntervalCounts::accept4_in_vain));
    std::vector<std::int64_t> accepts;
    for (const auto& [task, counts] : herd_->tasks()) accepts.push_back(counts.accept4_returned);
    add("accepts_per_worker", accepts);
  }
  if (has_waits_) metrics.set("ready_per_wait", ready_per_wait_);
  if (has_requests_) metrics.set("round_trip", round_trip_, "ns");
  for (const auto& [name, id] : mark_names_) {
    const auto found = stretches_.find(id);
    metrics.set(name, found == stretches_.end() ? Distribution{} : found->second, "ns");
  }
  return metrics;
}

}  // namespace stackscope
