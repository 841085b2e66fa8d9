#include "runner/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <thread>

#include "runner/commands/commands.hpp"
#include "runner/commands/run_checks.hpp"
#include "runner/determinism.hpp"
#include "runner/help_footers.hpp"
#include "runner/help_page.hpp"
#include "runner/option_checks.hpp"
#include "runner/version.hpp"
#include "sim/suggest.hpp"

namespace stackscope {
namespace {

/// The options, and where what they say goes.
class CommandLine {
 public:
  explicit CommandLine(const Console& console) : console_(console) {
    app_.name("stackscope");
    app_.description("A deterministic simulator of one machine's network stack, after Linux 6.18.");
    app_.formatter(std::make_shared<HelpPage>());
    app_.footer(kFooter);
    app_.set_help_flag("-h,--help", "Print this page.");
    app_.add_flag("--version", wants_version_, "Print the version.");
    app_.allow_extras();
    declare_run();
    declare_list();
    declare_sockets();
    declare_fuzz();
    declare_verify();
    declare_calibrate();
    declare_packetdrill();
    declare_gui();
  }

  ExitCode go(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
      return console_.out << asked_for_help().help(), ExitCode::all_held;
    } catch (const CLI::ParseError& error) {
      const std::string often = given_too_often(chosen() ? *chosen() : app_);
      return refuse(often.empty() ? error.what() : often);
    }
    if (const CLI::App* command = chosen(); command && command != gui_ && !command->remaining().empty()) {
      return refuse_unknown(*command, command->remaining().front());
    }
    if (!chosen() && !app_.remaining().empty()) return refuse_unknown(app_, app_.remaining().front());
    if (const std::string empty = chosen() ? empty_value(*chosen()) : ""; !empty.empty())
      return refuse(empty);
    if (wants_version_) {
      return console_.out << fmt::format("stackscope {}\n", version()), ExitCode::all_held;
    }
    if (!chosen()) return console_.err << app_.help(), ExitCode::usage;
    Console console = console_;
    if (no_color_) console.has_colour = false;
    if (fuzz_->parsed()) return fuzz_command(fuzz_request_, console);
    if (verify_->parsed()) return verify(console);
    if (calibrate_->parsed()) return calibrate_command(calibrate_request_, console);
    if (packetdrill_->parsed()) {
      if (packetdrill_request_.paths.empty()) return refuse("which script? Name a file");
      packetdrill_request_.on_host = packetdrill_on_ == "host";
      return packetdrill_command(packetdrill_request_, console);
    }
    if (sockets_->parsed()) return sockets(console);
    if (gui_->parsed()) return gui_command(gui_->remaining(), console);
    return run_->parsed() ? run(console) : list(console);
  }

 private:
  void declare_run() {
    run_ = app_.add_subcommand("run", "Run scenarios headless, and check what they expect.");
    run_->allow_extras();
    run_->add_option("SCENARIO|DIR", request_.paths, "Scenario files, or folders with all *.toml below them.")
        ->group("What runs");
    several("--variant", "V", request_.variants,
            "Run this variant, not all of them; 'baseline' is the scenario itself. May be repeated.");
    several("--set", "PATH=VALUE", request_.options.sets,
            "Change a knob (see `stackscope list --knobs`) in every variant. May be repeated.");
    text("--seed", "N", seed_, "The seed of all randomness, in place of the scenario's.", "What runs");
    text("--on", "KERNEL", on_, "Lua programs: on the model, or on the host, which is the kernel underneath.",
         "What runs");
    text("--deadline", "T", deadline_, "When a program on the host is given up; 20s where not given.",
         "What runs");
    text("--until", "T", request_.options.until, "Simulated time at which runs end: 50us, 2s.", "What runs");
    run_->add_option("-j", request_.threads,
                     "Run on that many threads; 0 for one a CPU. The output is the same.")
        ->type_name("N")
        ->check(CLI::Range(0, 1024))
        ->group("What runs");
    text("--expect-fingerprint", "H", request_.options.expect_fingerprint,
         "The fingerprint that the run must have.", "Checks");
    flag("--check-determinism", request_.check_determinism,
         "Run everything in a second process too, with its memory elsewhere, and compare fingerprints; where "
         "they differ, name the first record that does.",
         "Checks");
    text("--record", "FILE", request_.options.record, "Write the recording of the one run.", "Output");
    text("--pcap", "FILE", request_.options.pcap,
         "Write the packets of the one run, as all devices see them, for Wireshark and tcpdump.", "Output");
    text("--record-on-failure", "DIR", request_.options.record_on_failure,
         "Write a recording of every run that fails.", "Output");
    text("--junit", "FILE", request_.junit, "Write the verdicts as JUnit XML.", "Output");
    CLI::Option* json = flag("--json", request_.json, "Print one JSON object instead of tables.", "Output");
    flag("--tap", request_.tap, "Print the Test Anything Protocol instead of tables.", "Output")
        ->excludes(json);
    flag("--quiet", request_.quiet, "Print only scenarios that fail.", "Output");
    flag("--no-color", no_color_, "No colours; NO_COLOR=1 does the same.", "Output");
    run_->add_flag(kSecondProcessOption, is_second_process_)->group("");
    run_->set_help_flag("-h,--help", "Print this page.")->group("Other");
    run_->footer(kRunFooter);
  }

  void declare_list() {
    list_ = app_.add_subcommand("list", "List scenarios, programs or knobs, or search by a symptom.");
    list_->allow_extras();
    const auto what = [&](const char* name, ListRequest::What value, const char* sentence) {
      return list_->add_flag_callback(
                      name, [this, value] { list_request_.what = value; }, sentence)
          ->group("What is listed");
    };
    CLI::Option* symptom = list_
                               ->add_option("--symptom", list_request_.symptom,
                                            "Scenarios that have this among their symptoms, or speak of it "
                                            "in title or lesson; the likeliest first.")
                               ->type_name("TEXT")
                               ->group("What is listed");
    CLI::Option* programs = what("--programs", ListRequest::What::kPrograms,
                                 "Programs that scenarios may run, and their arguments.");
    CLI::Option* knobs = what("--knobs", ListRequest::What::kKnobs,
                              "Everything of hosts, peers, links and runs that can be set.");
    CLI::Option* schema =
        what("--schema", ListRequest::What::kSchema, "The JSON schema of scenario files, for editors.");
    programs->excludes(knobs, schema, symptom), knobs->excludes(schema, symptom), schema->excludes(symptom);
    list_->add_option("--dir", list_request_.folder, "Where scenarios are, if not in ./scenarios.")
        ->type_name("DIR")
        ->group("Other");
    list_->add_flag("--no-color", no_color_, "No colours; NO_COLOR=1 does the same.")->group("Other");
    list_->set_help_flag("-h,--help", "Print this page.")->group("Other");
    list_->footer(kListFooter);
  }

  void declare_fuzz() {
    fuzz_ = app_.add_subcommand("fuzz", "Compare the model with the kernel underneath, by random programs.");
    fuzz_->allow_extras();
    fuzz_->add_option("--programs", fuzz_request_.programs, "How many programs; 1000 where not given.")
        ->type_name("N");
    fuzz_->add_option("--seed", fuzz_request_.seed, "Which programs; 1 where not given.")->type_name("N");
    fuzz_->add_option("--threads", fuzz_request_.processes, "Share the programs among that many processes.")
        ->type_name("K")
        ->check(CLI::Range(1, 64));
    fuzz_->add_option("--share", fuzz_request_.share)->group("");
    fuzz_->add_option("--only", fuzz_request_.only, "One family of calls alone: epoll, tcp …")
        ->type_name("FAMILY");
    fuzz_->set_help_flag("-h,--help", "Print this page.")->group("Other");
    fuzz_->footer(kFuzzFooter);
  }

  void declare_verify() {
    verify_ = app_.add_subcommand("verify", "Run a scenario on the model and on the kernel underneath.");
    verify_->allow_extras();
    verify_->add_option("SCENARIO", verify_request_.path, "The scenario file.")->group("What runs");
    verify_
        ->add_option("--variant", verify_request_.variants,
                     "This variant, not all of them; 'baseline' is the scenario itself. May be repeated.")
        ->type_name("V")
        ->allow_extra_args(false)
        ->group("What runs");
    verify_
        ->add_option("--set", verify_request_.options.sets,
                     "Change a knob in every variant, on both kernels. May be repeated.")
        ->type_name("PATH=VALUE")
        ->allow_extra_args(false)
        ->group("What runs");
    verify_
        ->add_option("--profile", verify_request_.options.profile,
                     "What calls cost on the model, in place of the scenario's own: as 'calibrate' wrote it.")
        ->type_name("FILE.toml")
        ->group("What runs");
    verify_
        ->add_option("--repeat", verify_request_.options.repeat,
                     "How many real runs a variant has; 5 where not given. Their samples are taken together.")
        ->type_name("N")
        ->check(CLI::Range(1, 1000))
        ->group("What runs");
    verify_->add_option("--deadline", deadline_, "When a real run is given up; 30s where not given.")
        ->type_name("T")
        ->group("What runs");
    verify_->add_option("--json", verify_request_.json, "Write everything as one JSON object.")
        ->type_name("FILE")
        ->group("Output");
    verify_->add_flag("--no-color", no_color_, "No colours; NO_COLOR=1 does the same.")->group("Output");
    verify_->set_help_flag("-h,--help", "Print this page.")->group("Other");
    verify_->footer(kVerifyFooter);
  }

  void declare_calibrate() {
    calibrate_ = app_.add_subcommand("calibrate", "Measure what this machine's calls and wake-ups cost.");
    calibrate_->allow_extras();
    calibrate_->add_option("--out", calibrate_request_.out, "Write a cost profile.")
        ->type_name("FILE.toml")
        ->group("Output");
    calibrate_
        ->add_option("--base", calibrate_request_.base,
                     "The profile whose costs are scaled; linux-6.18-epyc-vm where not given.")
        ->type_name("PROFILE")
        ->group("What is measured");
    calibrate_->add_flag("--no-color", no_color_, "No colours; NO_COLOR=1 does the same.")->group("Output");
    calibrate_->set_help_flag("-h,--help", "Print this page.")->group("Other");
    calibrate_->footer(kCalibrateFooter);
  }

  void declare_packetdrill() {
    packetdrill_ = app_.add_subcommand(
        "packetdrill", "Play packetdrill scripts on a simulated host, or on the real kernel.");
    packetdrill_->allow_extras();
    packetdrill_->add_option("FILE.pkt", packetdrill_request_.paths, "The scripts.")->group("What runs");
    packetdrill_
        ->add_option(
            "--option", packetdrill_request_.options,
            "An option of the scripts' heads, which counts more than theirs: mtu=1000. May be repeated.")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false)
        ->group("What runs");
    packetdrill_
        ->add_option_function<std::vector<std::string>>(
            "--define",
            [this](const std::vector<std::string>& all) {
              for (const std::string& one : all) packetdrill_request_.options.push_back("define=" + one);
            },
            "What stands for a word of the scripts. May be repeated.")
        ->type_name("NAME=VALUE")
        ->allow_extra_args(false)
        ->group("What runs");
    packetdrill_
        ->add_option_function<std::string>(
            "--tolerance_usecs",
            [this](const std::string& us) {
              packetdrill_request_.options.push_back("tolerance_usecs=" + us);
            },
            "How far a packet may be from its time; 4000 where not given.")
        ->type_name("N")
        ->group("What runs");
    packetdrill_
        ->add_option("--on", packetdrill_on_,
                     "Play on the model, or on the host, which is the kernel underneath (as root).")
        ->type_name("KERNEL")
        ->check(CLI::IsMember({"model", "host"}))
        ->group("What runs");
    packetdrill_
        ->add_option("-j", packetdrill_request_.jobs,
                     "Play that many scripts at once; the output is the same.")
        ->type_name("N")
        ->check(CLI::Range(1, 64))
        ->group("What runs");
    packetdrill_->add_flag("--dry_run", packetdrill_request_.dry_run, "Read the scripts, and play nothing.")
        ->group("What runs");
    packetdrill_->add_flag("-v,--verbose", packetdrill_request_.verbose, "Print each step as it happens.")
        ->group("Output");
    packetdrill_->add_flag("--tap", packetdrill_request_.tap, "Print the Test Anything Protocol.")
        ->group("Output");
    packetdrill_->set_help_flag("-h,--help", "Print this page.")->group("Other");
    packetdrill_->footer(kPacketdrillFooter);
  }

  void declare_sockets() {
    sockets_ = app_.add_subcommand("sockets", "List the sockets of a run at a moment, as ss does.");
    sockets_->allow_extras();
    const auto option = [this](const char* name, const char* type, std::string& into, const char* sentence) {
      sockets_->add_option(name, into, sentence)->type_name(type)->group("What is listed");
    };
    sockets_
        ->add_option("SCENARIO|RECORDING", sockets_request_.path,
                     "A scenario (.toml), which is run, or a recording.")
        ->group("What is listed");
    option("--variant", "V", sockets_request_.variant, "Of the scenario; the baseline where not given.");
    sockets_->add_option("--set", sockets_request_.sets, "Change a knob of the scenario. May be repeated.")
        ->type_name("PATH=VALUE")
        ->allow_extra_args(false)
        ->group("What is listed");
    option("--at", "TIME", sockets_at_, "The moment, as 25ms; the end of the run where not given.");
    option("--host", "NAME", sockets_request_.host, "One machine alone, not all that have sockets.");
    sockets_
        ->add_flag("-e,--extended", sockets_request_.in_detail,
                   "Memory and TCP's state too, as ss -emi has them.")
        ->group("Output");
    sockets_->add_flag("--proc", sockets_request_.as_proc, "As /proc/net/tcp and /proc/net/udp have them.")
        ->group("Output");
    sockets_->set_help_flag("-h,--help", "Print this page.")->group("Other");
    sockets_->footer(kSocketsFooter);
  }

  void declare_gui() {
    gui_ = app_.add_subcommand("gui", "Open a scenario or a recording in the window.");
    gui_->prefix_command();
    gui_->set_help_flag("-h,--help", "Print this page.")->group("Other");
    gui_->footer(kGuiFooter);
  }

  void text(const char* name, const char* type, std::string& into, const char* sentence, const char* group) {
    run_->add_option(name, into, sentence)->type_name(type)->group(group);
  }
  CLI::Option* flag(const char* name, bool& into, const char* sentence, const char* group) {
    return run_->add_flag(name, into, sentence)->group(group);
  }
  /// One value at a time: what follows may be a scenario.
  void several(const char* name, const char* type, std::vector<std::string>& into, const char* sentence) {
    run_->add_option(name, into, sentence)->type_name(type)->allow_extra_args(false)->group("What runs");
  }

  CLI::App* chosen() {
    for (CLI::App* const command : {run_, list_, fuzz_, verify_, calibrate_, packetdrill_, sockets_, gui_}) {
      if (command->parsed()) return command;
    }
    return nullptr;
  }
  CLI::App& asked_for_help() {
    CLI::App* command = chosen();
    return command ? *command : app_;
  }
  std::string name_of_chosen() { return chosen() ? "stackscope " + chosen()->get_name() : "stackscope"; }

  ExitCode refuse(std::string_view message) {
    const std::string name = name_of_chosen();
    console_.complain(fmt::format("{}: {}", name, message));
    console_.complain(fmt::format("{} --help shows what there is", name));
    if (run_->parsed())
      write_refusal(asked_for_junit(), run_->get_option("SCENARIO|DIR")->results(), message, console_);
    return ExitCode::usage;
  }

  /// As it was given: what else was given may have kept it from being read.
  std::string asked_for_junit() const {
    const auto& given = run_->get_option("--junit")->results();
    return given.empty() ? "" : given.back();
  }

  ExitCode refuse_unknown(const CLI::App& app, const std::string& word) {
    const bool is_option = word.starts_with('-');
    std::vector<std::string> known;
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& name : option->get_lnames()) {
        if (!option->get_group().empty()) known.push_back("--" + name);
      }
    }
    if (!is_option) known = {"run", "list", "fuzz", "verify", "calibrate", "packetdrill", "sockets", "gui"};
    const std::string near = suggestion(word.substr(0, word.find('=')), known);
    return refuse(fmt::format("there is no {} '{}'{}", is_option ? "option" : "command", word,
                              near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
  }

  ExitCode run(const Console& console) {
    const KeptBlocks scattered = is_second_process_ ? scatter_memory() : KeptBlocks{};
    if (request_.paths.empty()) return refuse("which scenario? Name a file, or a folder such as scenarios/");
    if (!seed_.empty()) {
      std::int64_t seed = 0;
      const char* const last = seed_.data() + seed_.size();
      const auto [end, error] = std::from_chars(seed_.data(), last, seed);
      if (error != std::errc{} || end != last || seed < 0) {
        return refuse(fmt::format("--seed: '{}' is no whole number from 0 to {}", seed_, INT64_MAX));
      }
      request_.options.seed = seed;
    }
    if (const std::string error = read_host_options(); !error.empty()) return refuse(error);
    if (request_.threads == 0) request_.threads = std::max(1U, std::thread::hardware_concurrency());
    const bool has_lua = std::any_of(request_.paths.begin(), request_.paths.end(), is_lua_file);
    return has_lua ? run_lua_command(request_, console) : run_command(request_, console);
  }
  /// What is wrong with --on and --deadline; empty where nothing is.
  std::string read_host_options() {
    if (!on_.empty() && on_ != "model" && on_ != "host")
      return fmt::format("--on: '{}' is neither model nor host", on_);
    request_.on_host = on_ == "host";
    const bool has_scenario = !std::all_of(request_.paths.begin(), request_.paths.end(), is_lua_file);
    if (request_.on_host && has_scenario) return "--on host runs Lua programs, not scenarios";
    if (const std::string wrong = meaningless_option(); !wrong.empty()) return wrong;
    return read_deadline(request_.deadline);
  }
  /// A Lua program that runs alone has no variants, no knobs and no verdicts, and the kernel underneath no simulated time.
  std::string meaningless_option() const {
    const bool has_lua = std::any_of(request_.paths.begin(), request_.paths.end(), is_lua_file);
    if (has_lua) {
      const auto of_scenarios =
          given_of(*run_, {"--variant", "--set", "-j", "--check-determinism", "--record-on-failure",
                           "--junit", "--json", "--tap", "--quiet"});
      if (!of_scenarios.empty())
        return fmt::format("{} is for scenarios, and means nothing to a Lua program", of_scenarios.front());
    }
    if (!request_.on_host) {
      return given_of(*run_, {"--deadline"}).empty() ? "" : "--deadline is for --on host; here it is --until";
    }
    const auto of_the_model = given_of(*run_, {"--seed", "--until", "--expect-fingerprint", "--pcap"});
    return of_the_model.empty() ? ""
                                : fmt::format("{} is the model's; --on host has none", of_the_model.front());
  }
  /// What is wrong with --deadline; empty where nothing is, or it was not given.
  std::string read_deadline(Duration& into) const {
    if (deadline_.empty()) return "";
    const ParsedQuantity deadline = parse_quantity(deadline_, Dimension::kDuration);
    if (deadline.complaint) return fmt::format("--deadline: {}", deadline.complaint->message);
    if (deadline.value <= 0) return "--deadline: a program needs some time";
    into = Duration::ns(deadline.value);
    return "";
  }
  ExitCode verify(const Console& console) {
    if (verify_request_.path.empty()) return refuse("which scenario? Name a file");
    if (const std::string error = read_deadline(verify_request_.options.deadline); !error.empty())
      return refuse(error);
    return verify_command(verify_request_, console);
  }
  ExitCode sockets(const Console& console) {
    if (sockets_request_.path.empty()) return refuse("which run? Name a scenario, or a recording");
    if (!sockets_at_.empty()) {
      const ParsedQuantity at = parse_quantity(sockets_at_, Dimension::kDuration);
      if (at.complaint) return refuse("--at: " + at.complaint->message);
      sockets_request_.at = Instant::ns(at.value);
    }
    return sockets_command(sockets_request_, console);
  }
  ExitCode list(const Console& console) { return list_command(list_request_, console); }

  const Console& console_;
  CLI::App app_;
  CLI::App *run_ = nullptr, *list_ = nullptr, *fuzz_ = nullptr, *verify_ = nullptr, *calibrate_ = nullptr,
           *packetdrill_ = nullptr, *sockets_ = nullptr, *gui_ = nullptr;
  FuzzCommandRequest fuzz_request_;
  VerifyRequest verify_request_;
  CalibrateRequest calibrate_request_;
  PacketdrillRequest packetdrill_request_;
  std::string packetdrill_on_ = "model";
  SocketsRequest sockets_request_;
  std::string sockets_at_;
  RunRequest request_;
  ListRequest list_request_;
  std::string seed_, on_, deadline_;
  bool wants_version_ = false, no_color_ = false, is_second_process_ = false;
};

}  // namespace

ExitCode command_line(int argc, const char* const* argv, const Console& console) {
  try {
    const ExitCode code = CommandLine(console).go(argc, argv);
    console.out.flush();
    if (console.out) return code;
    console.err << "stackscope: standard output cannot be written\n";
    return code == ExitCode::all_held ? ExitCode::usage : code;
  } catch (const std::exception& error) {
    console.clear_progress();
    console.err << fmt::format("stackscope: an error of stackscope itself, please report it: {}\n",
                               error.what());
    return ExitCode::internal_error;
  }
}

}  // namespace stackscope
