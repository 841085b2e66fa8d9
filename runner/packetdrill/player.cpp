#include "runner/packetdrill/player.hpp"

#include <cstring>
#include <fmt/format.h>
#include <linux/tcp.h>
#include <utility>

namespace stackscope::packetdrill {

Player::Player(const Script& script, Stage& stage, Output output, bool is_verbose)
    : script_(script),
      stage_(stage),
      output_(std::move(output)),
      is_verbose_(is_verbose),
      connections_(script.options),
      world_{script.options, stage} {}

Played Player::play() {
  std::string wrong = script_.init ? set_up(*script_.init) : "";
  for (const std::string& path : script_.options.init_scripts) {
    if (wrong.empty()) wrong = run_command({path});
  }
  const StepTime& first = script_.steps.front().time;
  zero_ = stage_.now() - (first.is_relative() ? Duration{} : first.from);
  since_ = now();
  for (const Step& step : script_.steps) {
    if (wrong.empty()) wrong = play_step(step);
    if (!wrong.empty() && is_non_fatal(step)) played_.warnings.push_back(std::exchange(wrong, ""));
    since_ = now();
  }
  if (wrong.empty()) wrong = check_blocked(true);
  if (wrong.empty() && script_.cleanup) wrong = set_up(*script_.cleanup);
  played_.failure = std::move(wrong);
  return std::move(played_);
}

std::string Player::play_step(const Step& step) {
  const Duration base = step.time.is_relative() ? now() : Duration{};
  expected_ = {step.time.kind, base + step.time.from, base + std::max(step.time.from, step.time.to), since_};
  const auto* const packet = std::get_if<PacketSpec>(&step.what);
  std::string wrong;
  if (packet != nullptr && packet->frame.is_outbound) {
    wrong = expect_packet(*packet);
  } else if (wrong = wait_for(step); !wrong.empty()) {
    return wrong;
  } else if (packet != nullptr) {
    wrong = inject_packet(*packet);
  } else if (std::holds_alternative<SystemCall>(step.what)) {
    return start_call(step);
  } else if (const auto* const command = std::get_if<Command>(&step.what)) {
    wrong = run_command(*command);
  } else {
    wrong = run_code(std::get<Code>(step.what));
  }
  if (!wrong.empty()) return at_line(step, wrong);
  tell(step, packet != nullptr ? text(*packet) : "");
  return check_blocked(false);
}

std::string Player::at_line(const Step& step, const std::string& what) const {
  return fmt::format("{}:{}: {}", script_.source->name, step.at.line, what);
}

bool Player::is_non_fatal(const Step& step) const {
  return std::holds_alternative<PacketSpec>(step.what)   ? script_.options.non_fatal_packet
         : std::holds_alternative<SystemCall>(step.what) ? script_.options.non_fatal_syscall
                                                         : false;
}

void Player::tell(const Step& step, const std::string& what) {
  if (!is_verbose_) return;
  const std::string_view line = script_.source->line(step.at.line);
  output_(fmt::format("{:>5} {}  {}", step.at.line, seconds(now()), what.empty() ? line : what));
}

/// That something happened when it was not to, and nothing else was wrong with it.
std::string Player::lateness(const Expected& expected, Duration happened, const char* what) {
  std::string wrong = time_difference(script_.options, expected, happened, what);
  played_.is_only_late = !wrong.empty();
  return wrong;
}

/// Until the step's own moment, which must not have passed.
std::string Player::wait_for(const Step& step) {
  stage_.run_until(std::max(zero_ + expected_.from, stage_.now()), [] { return false; });
  const std::string late = lateness(expected_, now(), "this");
  return late.empty() ? "" : at_line(step, late);
}

// --- commands ----------------------------------------------------------------------------------------------------------------

std::string Player::set_up(const Step& step) {
  const std::string wrong = run_command(std::get<Command>(step.what));
  return wrong.empty() ? "" : at_line(step, wrong);
}

std::string Player::run_command(const Command& command) {
  const ReadCommand read = read_command(command.line);
  if (read.complaint) return read.complaint->message;
  for (const Setting& setting : read.settings) {
    if (std::string note = stage_.set(setting); !note.empty()) played_.notes.push_back(std::move(note));
  }
  return "";
}

// --- packets -----------------------------------------------------------------------------------------------------------------

std::string Player::expect_packet(const PacketSpec& spec) {
  const bool is_any = expected_.kind == StepTime::Kind::kAny;
  const Instant last = is_any
                           ? stage_.now() + stage_.patience()
                           : zero_ + expected_.to + tolerance(script_.options, expected_) + stage_.lateness();
  stage_.run_until(std::max(last, stage_.now()), [this] { return !stage_.sent().empty(); });
  if (stage_.sent().empty()) {
    return fmt::format("error handling packet: timed out waiting for packet\nscript packet: {} {}",
                       seconds(expected_.from), text(spec));
  }
  const SentFrame sent = std::move(stage_.sent().front());
  stage_.sent().pop_front();
  return compare_packet(spec, sent);
}

std::string Player::compare_packet(const PacketSpec& spec, const SentFrame& sent) {
  Connection& connection = connections_.for_host(sent.frame);
  Frame frame = sent.frame;
  std::string wrong = connections_.to_script(spec, connection, frame);
  if (wrong.empty()) wrong = difference(spec, frame);
  const Duration happened = sent.at - zero_;
  if (wrong.empty()) wrong = lateness(expected_, happened, "outbound packet");
  if (wrong.empty()) return "";
  return fmt::format("error handling packet: {}\nscript packet: {} {}\nactual packet: {} {}", wrong,
                     seconds(expected_.from), text(spec), seconds(happened), text(frame));
}

std::string Player::inject_packet(const PacketSpec& spec) {
  Frame frame;
  const Connection& connection = connections_.for_script(spec);
  std::string wrong = connections_.to_wire(spec, connection, frame);
  if (wrong.empty()) wrong = stage_.inject(frame);
  if (!wrong.empty()) return "error handling packet: " + wrong;
  stage_.run_until(stage_.now(), [] { return false; });
  return "";
}

// --- system calls ------------------------------------------------------------------------------------------------------------

std::string Player::start_call(const Step& step) {
  const auto& call = std::get<SystemCall>(step.what);
  if (call.end) {
    if (std::string wrong = check_blocked(true); !wrong.empty()) return wrong;
  }
  const auto running =
      std::make_shared<Running>(Running{&step, CallArguments(call, world_), false, {}, {}, {}});
  stage_.start([running](Syscalls& os) { running->outcome = make_call(os, running->arguments); },
               [running](Instant at) { running->at = at, running->has_returned = true; });
  if (call.end) {
    const Duration base = step.time.is_relative() ? now() : Duration{};
    running->due = Expected{StepTime::Kind::kAbsolute, base + *call.end, base + *call.end, now()};
    blocked_.push_back(running);
    stage_.run_until(stage_.now(), [] { return false; });
    learn_from(call, {});
    return "";
  }
  stage_.run_until(stage_.now() + stage_.patience(), [&] { return running->has_returned; });
  if (std::string wrong = finish_call(*running); !wrong.empty()) return wrong;
  tell(step, "");
  return check_blocked(false);
}

/// Of a call that has returned, or will never: its result, and what follows from it.
std::string Player::finish_call(const Running& running) {
  const auto& call = std::get<SystemCall>(running.step->what);
  const auto wrong_at = [&](const std::string& what) {
    return at_line(*running.step, fmt::format("runtime error in {} call: {}", call.name, what));
  };
  if (!running.has_returned) return wrong_at("it has not returned");
  learn_from(call, running.outcome);
  std::string wrong = check_result(call, running.outcome, world_);
  if (wrong.empty() && running.due) {
    wrong = lateness(*running.due, running.at - zero_, "the return");
  }
  return wrong.empty() ? "" : wrong_at(wrong);
}

/// Looks at the calls that span time and have returned. `waits`: for those too that have not.
std::string Player::check_blocked(bool waits) {
  while (!blocked_.empty()) {
    const std::shared_ptr<Running> running = blocked_.front();
    if (!running->has_returned && !waits) return "";
    stage_.run_until(stage_.now() + stage_.patience(), [&] { return running->has_returned; });
    blocked_.erase(blocked_.begin());
    if (std::string wrong = finish_call(*running); !wrong.empty()) return wrong;
  }
  return "";
}

/// What connections follow from calls. `outcome`: of a call that has only begun, nothing is known.
void Player::learn_from(const SystemCall& call, const CallOutcome& outcome) {
  const bool succeeded = outcome.result >= 0;
  const int named = call.result.is(Expression::Kind::kInteger) ? static_cast<int>(call.result.number) : -1;
  if (call.name == "socket" && succeeded) connections_.on_socket(named);
  if (call.name == "bind" && succeeded) connections_.on_bind(outcome.port);
  if (call.name == "listen" && succeeded) connections_.on_listen();
  if (call.name == "connect") connections_.on_connect(outcome.port);
  const bool accepts = call.name == "accept" || call.name == "accept4";
  if (accepts && outcome.port != 0) connections_.on_accept(named);
}

// --- code --------------------------------------------------------------------------------------------------------------------

/// With what TCP_INFO says at this moment of the socket under test.
std::string Player::run_code(const Code& code) {
  const auto known = world_.fds.find(connections_.fd_under_test());
  if (known != world_.fds.end()) {
    struct Asked {
      tcp_info info;
      int result;
      bool has_returned;
    };
    const auto asked = std::make_shared<Asked>();
    stage_.start(
        [asked, fd = known->second](Syscalls& os) {
          socklen_t length = sizeof asked->info;
          asked->result = os.getsockopt(fd, IPPROTO_TCP, TCP_INFO, &asked->info, length);
        },
        [asked](Instant) { asked->has_returned = true; });
    stage_.run_until(stage_.now() + stage_.patience(), [&] { return asked->has_returned; });
    if (asked->has_returned && asked->result == 0) add_tcp_info(asked->info, names_);
  }
  const SnippetResult result = run_snippet(code.text, names_);
  for (const std::string& line : result.printed) output_(line);
  return result.error.empty() ? "" : "error in code: " + result.error;
}

}  // namespace stackscope::packetdrill
