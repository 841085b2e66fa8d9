// What a person sees who made a mistake: all of them at once, each at its place.

#include <catch2/catch.hpp>

#include "runner/scenario/scenario.hpp"

using namespace stackscope;

namespace {

std::string errors_of(std::string text) { return render(load_scenario("herd.toml", std::move(text)).errors); }

/// A scenario without mistakes; a test appends its own.
const std::string kGood = R"(version = 1
title = "t"
[host.server]
[[run]]
name = "workers"
program = "herd_worker"
on = "server"
)";

const std::string kTenMistakes = R"(version = 1
titel = "Ten mistakes"

[host.server]
cpus = 0
hz = 300

[host.server.sysctl]
net.core.somaxcon = 128

[[run]]
name = "workers"
program = "herd_wroker"
on = "server"

[[run]]
name = "clients"
program = "connect_each"
on = "sever"
policy = "fifo:100"
args = { to = "server:80", every = "10sm", connections = "many" }

[variant.fast]
"run.cleints.args.every" = "1ms"
)";

}  // namespace

TEST_CASE("ten mistakes are ten errors, in file order, with caret and suggestion", "[scenario][errors]") {
  CHECK(load_scenario("herd.toml", kTenMistakes).errors.size() == 10);
  CHECK(errors_of(kTenMistakes) == R"(herd.toml:2:1: error: a scenario has no 'titel'
    2 | titel = "Ten mistakes"
      | ^~~~~
help: did you mean 'title'?
herd.toml:5:8: error: 'cpus' = 0 is out of range
    5 | cpus = 0
      |        ^
help: 1 to 64 CPUs; default 1
herd.toml:6:6: error: 'hz' cannot be 300
    6 | hz = 300
      |      ^~~
help: one of 100, 250, 1000
herd.toml:9:10: error: a host's sysctl has no 'net.core.somaxcon'
    9 | net.core.somaxcon = 128
      |          ^~~~~~~~
help: did you mean 'net.core.somaxconn'?
herd.toml:13:11: error: there is no program 'herd_wroker'
   13 | program = "herd_wroker"
      |           ^~~~~~~~~~~~~
help: did you mean 'herd_worker'?
herd.toml:19:6: error: there is no host or peer 'sever'
   19 | on = "sever"
      |      ^~~~~~~
help: did you mean 'server'?
herd.toml:20:10: error: '100' is not a priority of SCHED_FIFO
   20 | policy = "fifo:100"
      |          ^~~~~~~~~~
help: 1 to 99
herd.toml:21:36: error: 'sm' is not a unit of time
   21 | args = { to = "server:80", every = "10sm", connections = "many" }
      |                                    ^~~~~~
help: did you mean 'ms'?
herd.toml:21:58: error: 'connections' wants an integer, not a string
   21 | args = { to = "server:80", every = "10sm", connections = "many" }
      |                                                          ^~~~~~
help: for example 100
herd.toml:24:6: error: there is no run 'cleints'
   24 | "run.cleints.args.every" = "1ms"
      |      ^~~~~~~
help: did you mean 'clients'?
)");
}

TEST_CASE("a syntax error says where, and what a unit without quotes should have been",
          "[scenario][errors]") {
  CHECK(errors_of("version = 1\nuntil = 10ms\n") ==
        R"(herd.toml:2:11: error: Error while parsing decimal integer: expected digit, saw 'm'
    2 | until = 10ms
      |           ^
help: a quantity with a unit stands in quotes: "10ms"
)");
  CHECK(errors_of("version = 1\nversion = 1\n").starts_with("herd.toml:2:"));
  CHECK(errors_of("version = 1\n[ .a]\n").starts_with("herd.toml:2:3: error: a table's header needs a name"));
  CHECK(errors_of("").starts_with("herd.toml:1:1: error: a scenario needs 'version'"));
}

TEST_CASE("the caret stands under its token behind tabs and letters of several bytes", "[scenario][errors]") {
  CHECK(errors_of(kGood + "\targs = { wait = \"épöll\", think = \"ü\" }\n") ==
        "herd.toml:8:18: error: 'wait' cannot be 'épöll'\n"
        "    8 | \targs = { wait = \"épöll\", think = \"ü\" }\n"
        "      | \t                ^~~~~~~\n"
        "help: one of epoll, accept, poll\n"
        "herd.toml:8:35: error: 'ü' is not a duration\n"
        "    8 | \targs = { wait = \"épöll\", think = \"ü\" }\n"
        "      | \t                                 ^~~\n"
        "help: write \"50us\", \"1.5ms\" or \"10s\"\n");
}

TEST_CASE("what is missing is said where it is missing", "[scenario][errors]") {
  const std::string errors = errors_of("version = 1\ntitle = \"t\"\n[host.a]\n\n[[run]]\nname = \"x\"\n");
  CHECK(errors ==
        "herd.toml:5:1: error: a run needs 'program'\n"
        "    5 | [[run]]\n      | ^~~~~~~\nhelp: A program of the catalogue, or a Lua file beside the "
        "scenario: \"server.lua\".\n"
        "herd.toml:5:1: error: a run needs 'on'\n"
        "    5 | [[run]]\n      | ^~~~~~~\nhelp: The host or peer it runs on.\n");
}

TEST_CASE("names that lead nowhere, or to two things", "[scenario][errors]") {
  const auto message = [](const std::string& more) {
    const LoadedScenario loaded = load_scenario("f", kGood + more);
    REQUIRE(loaded.errors.size() == 1);
    return loaded.errors[0].message;
  };
  CHECK(message("[[expect]]\nvariant = \"fsat\"\nthat = \"x == 1\"\n[variant.fast]\n") ==
        "there is no variant 'fsat'");
  CHECK(message("[[run]]\nname = \"workers\"\nprogram = \"herd_worker\"\non = \"server\"\n") ==
        "there already is a run 'workers'");
  CHECK(message("[peer.server]\n") == "'server' is already the name of a host");
  CHECK(message("[variant.baseline]\n") == "'baseline' is the scenario without any variant");
  CHECK(message("[link.l]\nbetween = [\"server\", \"sevrer\"]\n") == "there is no host or peer 'sevrer'");
  CHECK(message("[link.l]\nbetween = [\"server\"]\n") == "a link joins two different machines");
  CHECK(message("affinity = [0, 1]\n") == "'server' has no CPU 1");
  CHECK(message("[[expect]]\nthat = \" \"\n") == "'that' is empty");
  CHECK(message("[[step]]\nat = \"x\"\nsay = \"y\"\nchoices = [\"1\"]\n") == "'choices' without a question");
  CHECK(message("[variant.v]\n\"run.workers\" = 1\n") == "'run.workers' does not say what to change");
  CHECK(message("[variant.v]\n\"runs.workers.threads\" = 1\n") ==
        "nothing that can be changed is called 'runs'");
  CHECK(message("[variant.v]\n\"run.workers.name\" = \"x\"\n") == "a run keeps its name");
}

TEST_CASE("a program that blocks is refused on a peer, and the error says why", "[scenario][errors]") {
  const std::string errors = errors_of(kGood + "[peer.far]\n[variant.away]\n\"run.workers.on\" = \"far\"\n");
  CHECK(errors ==
        "herd.toml:10:20: error: 'herd_worker' cannot run on peer 'far': it blocks in system calls, and a "
        "peer has no "
        "CPU\n"
        "   10 | \"run.workers.on\" = \"far\"\n"
        "      |                    ^~~~~\n"
        "help: a peer runs crowd programs; make it a [host] or use another program\n");
}

TEST_CASE("a client must have a way to its server", "[scenario][errors]") {
  const std::string client = "[peer.far]\n[[run]]\nname = \"c\"\nprogram = \"connect_each\"\non = \"far\"\n";
  CHECK(errors_of(kGood + client + "args = { to = \"server:80\" }\n")
            .find("no link joins 'far' and 'server'") != std::string::npos);
  CHECK(errors_of(kGood + client + "args = { to = \"sevrer:80\" }\n")
            .find("there is no host or peer 'sevrer'") != std::string::npos);
  CHECK(errors_of(kGood + client + "args = { to = \"server\" }\n").find("'server' is not an address") !=
        std::string::npos);
  CHECK(errors_of(kGood + client +
                  "args = { to = \"server:80\" }\n[link.l]\nbetween = [\"far\", \"server\"]\n") == "");
}

TEST_CASE("an error that only a variant has, on a line of the baseline, names the variant",
          "[scenario][errors]") {
  const std::string file = R"(version = 1
title = "t"
[host.server]
cpus = 2
[[run]]
name = "workers"
program = "herd_worker"
on = "server"
affinity = [0, 1]
[variant.one-cpu]
"host.server.cpus" = 1
)";
  CHECK(errors_of(file) ==
        "herd.toml:9:16: error: 'server' has no CPU 1 (in variant 'one-cpu')\n"
        "    9 | affinity = [0, 1]\n"
        "      |                ^\n"
        "help: 0 to 0\n");
}

TEST_CASE("symptoms are a list of words, and none of them is empty", "[scenario][errors]") {
  const LoadedScenario good = load_scenario("f", "symptoms = [\"SYN flood\", \"C10K\"]\n" + kGood);
  REQUIRE(good.scenario);
  CHECK(good.scenario->symptoms == std::vector<std::string>{"SYN flood", "C10K"});
  CHECK(errors_of("symptoms = [\"a\", \" \"]\n" + kGood) ==
        "herd.toml:1:18: error: a symptom is empty\n    1 | symptoms = [\"a\", \" \"]\n"
        "      |                  ^~~\n");
  CHECK(errors_of("symptoms = \"slow\"\n" + kGood)
            .starts_with("herd.toml:1:12: error: 'symptoms' wants a list of strings, not "));
  CHECK(errors_of("symptom = [\"slow\"]\n" + kGood).find("did you mean 'symptoms'?") != std::string::npos);
}

TEST_CASE("a file that cannot be read is an error like any other", "[scenario][errors]") {
  CHECK(render(load_scenario_file("/nowhere/herd.toml").errors) ==
        "/nowhere/herd.toml:1:1: error: the file cannot be read\n    1 | \n      | ^\n");
}
