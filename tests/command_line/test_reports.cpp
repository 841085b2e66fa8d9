// What `stackscope run` writes for machines: nothing that was asked for is missing from it, and no file is half of one run's
// and half of another's.

#include <catch2/catch.hpp>

#include "tests/command_line/support.hpp"

using namespace stackscope;

namespace {

const std::string kHolds = "[[expect]]\nthat = \"round_trip.n == 1\"\n";
const std::string kUnreadable = "colour = 1\n" + small_scenario();

std::string entries_of(const Folder& folder) {
  std::string names;
  for (const auto& entry : std::filesystem::directory_iterator(folder.at("")))
    names += entry.path().filename().string() + " ";
  return names;
}

}  // namespace

TEST_CASE("a scenario that cannot be read is an error in every report, with its message", "[cli][reports]") {
  const Folder folder;
  const std::string good = folder.write("good.toml", small_scenario(kHolds));
  const std::string bad = folder.write("bad.toml", kUnreadable);
  const std::string junit = folder.at("junit.xml");
  SECTION("JUnit") {
    CHECK(run_program({"run", good, bad, "--junit", junit}).exit_code == 2);
    const std::string xml = read_all(junit);
    CHECK(contains(xml, "<testsuite name=\"good\""));
    CHECK(contains(xml, "<testsuite name=\"bad\""));
    CHECK(contains(xml, "<error message=\"" + bad + ":1:1: "));
    CHECK(contains(xml, "'colour'"));
    CHECK(contains(xml, "type=\"refused\""));
  }
  SECTION("TAP") {
    const ProcessOutput run = run_program({"run", good, bad, "--tap"});
    CHECK(run.exit_code == 2);
    CHECK(contains(run.out, "\n1..4\n"));
    CHECK(contains(run.out, "\nnot ok 4 - bad: runs to its end\n"));
    CHECK(contains(run.out, "'colour'"));
  }
  SECTION("JSON") {
    const auto json = nlohmann::json::parse(run_program({"run", good, bad, "--json"}).out);
    CHECK(json["runs"].size() == 2);
    REQUIRE(json["not_run"].size() == 1);
    CHECK(json["not_run"][0]["scenario"] == "bad");
    CHECK(json["not_run"][0]["reason"] == "refused");
    CHECK(json["not_run"][0]["problems"][0]["position"] == bad + ":1:1");
    CHECK(contains(json["not_run"][0]["problems"][0]["message"], "'colour'"));
  }
  SECTION("and so is a file that is not there, and a variant that a --set makes impossible") {
    const auto json = nlohmann::json::parse(
        run_program({"run", folder.at("none.toml"), good, "--json", "--set", "run.client.args.messages=x"})
            .out);
    REQUIRE(json["not_run"].size() == 3);
    CHECK(json["not_run"][0]["scenario"] == folder.at("none.toml"));
    CHECK(json["not_run"][1]["variant"] == "baseline");
    CHECK(json["not_run"][2]["variant"] == "three");
    CHECK(json["not_run"][2]["problems"][0]["position"] == "--set:1:26");
  }
}

TEST_CASE("a run that was refused leaves no earlier run's JUnit file as its own", "[cli][reports]") {
  const Folder folder;
  const std::string scenario = folder.write("good.toml", small_scenario(kHolds));
  const std::string junit = folder.write("junit.xml", "of yesterday");
  const auto refused = [&](const Words& more) {
    folder.write("junit.xml", "of yesterday");
    Words words{"run", scenario, "--junit", junit};
    words.insert(words.end(), more.begin(), more.end());
    CHECK(run_program(words).exit_code == 2);
    return read_all(junit);
  };
  CHECK(contains(refused({"--variant", "none"}), "there is no variant 'none'"));
  CHECK(contains(refused({"--until", "5sm"}), "--until: "));
  CHECK(contains(refused({"--seed", "many"}), "--seed: "));
  CHECK(contains(refused({"--recrod", "x"}), "did you mean '--record'?"));
  CHECK(contains(refused({"-j", "many"}), "-j: "));
}

TEST_CASE("a JUnit file that cannot be written is found out before anything runs", "[cli][reports]") {
  const Folder folder;
  const std::string scenario = folder.write("good.toml", small_scenario(kHolds));
  for (const std::string& impossible : {folder.at(""), scenario + "/below/a/file.xml"}) {
    const ProcessOutput run = run_program({"run", scenario, "--junit", impossible});
    CHECK(run.exit_code == 2);
    CHECK(run.out.empty());
    CHECK(contains(run.err, "--junit: '" + impossible + "' cannot be written: "));
  }
}

TEST_CASE("a JUnit file takes its place at once, and nothing is left beside it", "[cli][reports]") {
  const Folder folder, elsewhere;
  const std::string scenario = elsewhere.write("good.toml", small_scenario(kHolds));
  SECTION("where a file was") {
    const std::string junit = folder.write("junit.xml", "of yesterday");
    const std::string another_name = elsewhere.at("hard_link.xml");
    std::filesystem::create_hard_link(junit, another_name);
    CHECK(run_program({"run", scenario, "--junit", junit}).exit_code == 0);
    CHECK(contains(read_all(junit), "<testsuites>"));
    CHECK(read_all(another_name) == "of yesterday");  // whoever reads it now reads it to its end
    CHECK(entries_of(folder) == "junit.xml ");
  }
  SECTION("through a link, to where that points") {
    std::filesystem::create_symlink(elsewhere.at("real.xml"), folder.at("junit.xml"));
    CHECK(run_program({"run", scenario, "--junit", folder.at("junit.xml")}).exit_code == 0);
    CHECK(std::filesystem::is_symlink(folder.at("junit.xml")));
    CHECK(contains(read_all(elsewhere.at("real.xml")), "<testsuites>"));
  }
  SECTION("a device stays one") {
    const ProcessOutput run = run_program({"run", scenario, "--quiet", "--junit", "/dev/stdout"});
    CHECK(run.exit_code == 0);
    CHECK(contains(run.out, "<testsuites>"));
  }
}

TEST_CASE("verify's JSON file too is tried before the work", "[cli][reports][verify]") {
  const Folder folder;
  const ProcessOutput run = run_program({"verify", "scenarios/echo_10k.toml", "--json", folder.at("")});
  CHECK(run.exit_code == 2);
  CHECK(run.out.empty());
  CHECK(contains(run.err, "--json: '" + folder.at("") + "' cannot be written: "));
}

TEST_CASE("verify's JSON file is never an earlier one's", "[cli][reports][verify]") {
  const Folder folder;
  const std::string json = folder.write("out.json", "of yesterday");
  const auto refused = [&](const Words& words) {
    folder.write("out.json", "of yesterday");
    Words all{"verify", "--json", json};
    all.insert(all.end(), words.begin(), words.end());
    CHECK(run_program(all).exit_code == 2);
    return nlohmann::json::parse(read_all(json))["refused"][0].get<std::string>();
  };
  CHECK(contains(refused({folder.at("none.toml")}), "there is no file or folder"));
  CHECK(contains(refused({folder.write("bad.toml", kUnreadable)}), "bad.toml:1:1: "));
  CHECK(contains(refused({"scenarios/thundering_herd.toml", "--variant", "eech"}),
                 "there is no variant 'eech'"));
  CHECK(contains(refused({"scenarios/thundering_herd.toml", "--set", "host.server.cpuz=2"}), "--set:1:13: "));
  const std::string scenario = folder.write("good.toml", small_scenario());
  CHECK(run_program({"verify", scenario, "--json", scenario}).exit_code == 2);
  CHECK(read_all(scenario) == small_scenario());
}

TEST_CASE("what is written is not what is read, nor twice the same", "[cli][reports][recording]") {
  const Folder folder;
  const std::string text = small_scenario(kHolds), scenario = folder.write("good.toml", text);
  const auto refused = [&](const Words& more) {
    Words words{"run", scenario, "--variant", "baseline"};
    words.insert(words.end(), more.begin(), more.end());
    const ProcessOutput run = run_program(words);
    CHECK(run.exit_code == 2);
    CHECK(run.out.empty());
    CHECK(read_all(scenario) == text);
    return run.err;
  };
  CHECK(contains(refused({"--record", scenario}), "--record: '" + scenario + "' is what is to run"));
  CHECK(contains(refused({"--junit", scenario}), "--junit: '" + scenario + "' is what is to run"));
  CHECK(contains(refused({"--junit", scenario, "--until", "soon"}), "is what is to run"));
  CHECK(contains(refused({"--junit", scenario, "--seed", "many"}), "--seed: "));
  std::filesystem::create_hard_link(scenario, folder.at("other_name"));
  CHECK(contains(refused({"--record", folder.at("other_name")}), "is what is to run"));
  CHECK(contains(refused({"--record", folder.at("x"), "--junit", folder.at("./x")}),
                 "is the file of --record too"));
  CHECK(contains(refused({"--record", folder.at("x"), "--record", folder.at("y")}),
                 "--record was given 2 times"));
  CHECK(contains(refused({"--record-on-failure", scenario}),
                 "--record-on-failure: '" + scenario + "' is a file"));
}

TEST_CASE("failures that share a name but for what a file's name cannot hold are recorded apart",
          "[cli][reports][recording]") {
  const Folder folder;
  const std::string fails = "[[expect]]\nthat = \"round_trip.n == 7\"\n";
  folder.write("a/x.toml", small_scenario(fails));
  folder.write("b/x.toml", small_scenario(fails));
  folder.write("a_x.toml", small_scenario(fails));
  CHECK(run_program({"run", folder.at(""), "--record-on-failure", folder.at("failed")}).exit_code == 1);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.at("failed")), {}) == 3);
}
