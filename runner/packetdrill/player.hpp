#pragma once
// Plays a script on a stage: each step at its time, and what the host does held against it.

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "runner/packetdrill/calls.hpp"
#include "runner/packetdrill/connections.hpp"
#include "runner/packetdrill/match.hpp"
#include "runner/packetdrill/snippet.hpp"
#include "runner/packetdrill/stage.hpp"

namespace stackscope::packetdrill {

struct Played {
  std::string failure;                // "" where all held; "FILE:LINE: …", of one line or more
  bool is_only_late = false;          // the failure: what happened was right, but not when
  std::vector<std::string> warnings;  // of --non_fatal: what failed and did not end the script
  std::vector<std::string> notes;     // what the stage lacks of what the script has set
};

class Player {
 public:
  /// Hears each line that snippets print, and with `is_verbose` each step as it happens.
  using Output = std::function<void(std::string_view line)>;

  /// All outlive this.
  Player(const Script& script, Stage& stage, Output output, bool is_verbose);
  Played play();

 private:
  /// A call that a thread of the program makes; shared with it.
  struct Running {
    const Step* step;
    CallArguments arguments;
    bool has_returned = false;
    Instant at;                   // when it returned
    std::optional<Expected> due;  // when it is to return, where it spans time
    CallOutcome outcome;
  };

  std::string play_step(const Step& step);
  std::string set_up(const Step& step);
  std::string run_command(const Command& command);
  std::string wait_for(const Step& step);
  std::string lateness(const Expected& expected, Duration happened, const char* what);
  std::string expect_packet(const PacketSpec& spec);
  std::string compare_packet(const PacketSpec& spec, const SentFrame& sent);
  std::string inject_packet(const PacketSpec& spec);
  std::string start_call(const Step& step);
  std::string finish_call(const Running& running);
  std::string check_blocked(bool waits);
  std::string run_code(const Code& code);
  void learn_from(const SystemCall& call, const CallOutcome& outcome);
  std::string at_line(const Step& step, const std::string& what) const;
  bool is_non_fatal(const Step& step) const;

  Duration now() { return stage_.now() - zero_; }
  void tell(const Step& step, const std::string& what);

  const Script& script_;
  Stage& stage_;
  Output output_;
  bool is_verbose_;
  Connections connections_;
  CallWorld world_;
  SnippetNames names_;
  Instant zero_;                                   // the moment that the script calls 0
  Expected expected_{};                            // when the present step is to happen
  Duration since_;                                 // when the last one happened
  std::vector<std::shared_ptr<Running>> blocked_;  // calls that span time and have not been looked at since
  Played played_;
};

}  // namespace stackscope::packetdrill
