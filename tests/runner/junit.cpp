#include "runner/results/junit.hpp"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "runner/results/table.hpp"
#include "tests/runner/golden.hpp"
#include "tests/runner/sample_results.hpp"

using namespace stackscope;

namespace {

/// A file in the folder of temporary files that goes away with the test.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    std::string name = (std::filesystem::temp_directory_path() / "stackscope-junit-XXXXXX").string();
    const int fd = mkstemp(name.data());
    REQUIRE(fd >= 0);
    path_ = name;
    std::ofstream(path_) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Whether xmllint accepts the text. Fails the test where xmllint is not installed: a check that does not run
/// is not a check.
bool is_valid_junit(const std::string& xml) {
  if (std::system("command -v xmllint >/dev/null") != 0) {
    FAIL("xmllint is missing: install libxml2-utils (tools/packages.txt)");
  }
  const TemporaryFile file{xml};
  const std::string schema = std::string(STACKSCOPE_SOURCE_DIR) + "/tests/runner/junit.xsd";
  const std::string command = "xmllint --noout --schema '" + schema + "' '" + file.path() + "' 2>/dev/null";
  return std::system(command.c_str()) == 0;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++found;
  return found;
}

}  // namespace

TEST_CASE("JUnit: what CI reads is valid and says what failed", "[results][junit][golden]") {
  const std::string xml = junit_xml(sample::failing_herd(), "0.1.0");
  CHECK(xml == approved("herd_failing.junit.xml", xml));
  CHECK(is_valid_junit(xml));
  CHECK(count(xml, "<testsuite ") == 1);
  CHECK(count(xml, "<testcase ") == 4 * 3);  // each run, and its two expectations
  CHECK(count(xml, "<failure ") == 1);
  CHECK(count(xml, "<error ") == 2);
}

TEST_CASE("JUnit: a suite a scenario", "[results][junit]") {
  auto runs = sample::herd();
  runs.resize(3);
  runs[2].scenario = "first_request";
  const std::string xml = junit_xml(runs, "0.1.0");
  CHECK(is_valid_junit(xml));
  CHECK(count(xml, "<testsuite ") == 2);
  CHECK(xml.find("tests=\"6\" failures=\"0\" errors=\"0\" time=\"6.000000024\"") != std::string::npos);
  CHECK(xml.find("tests=\"3\" failures=\"0\" errors=\"0\" time=\"3.000000012\"") != std::string::npos);
}

TEST_CASE("JUnit: what did not run is an error, beside the runs of its scenario or in a suite of its own",
          "[results][junit]") {
  auto runs = sample::herd();
  runs.resize(2);
  const std::vector<NotRun> not_run{
      {"thundering_herd", "each", "interrupted", {{"", "it was interrupted", ""}}},
      {"other", "", "refused", {{"other.toml:1:2", "no <such> thing", ""}}}};
  const std::string xml = junit_xml(runs, "0.1.0", not_run);
  CHECK(is_valid_junit(xml));
  CHECK(count(xml, "<testsuite ") == 2);
  CHECK(xml.find("tests=\"7\" failures=\"0\" errors=\"1\"") != std::string::npos);
  CHECK(xml.find("tests=\"1\" failures=\"0\" errors=\"1\"") != std::string::npos);
  CHECK(xml.find("<error message=\"other.toml:1:2: no &lt;such&gt; thing\" type=\"refused\">") !=
        std::string::npos);
}

TEST_CASE("a run that is another one than the expected came to its end nevertheless",
          "[results][junit][table]") {
  auto runs = sample::herd();
  runs.resize(2);
  runs[1].outcome = Mismatch{"--expect-fingerprint", "1", "2"};
  const std::string xml = junit_xml(runs, "0.1.0");
  CHECK(is_valid_junit(xml));
  CHECK(count(xml, "<failure ") == 1);
  CHECK(count(xml, "<error ") == 0);
  CHECK(xml.find("<testcase name=\"is the same run\" classname=\"thundering_herd.shared\"") !=
        std::string::npos);
  const std::string report = scenario_report(runs, "0.1.0", Paint{false});
  CHECK(report.find("shared: --expect-fingerprint: expected 1, found 2") != std::string::npos);
  CHECK(report.find("did not finish") == std::string::npos);
  CHECK(report.find("1 of 2 runs differ from the expected ones") != std::string::npos);
}

TEST_CASE("JUnit: no run at all is still a valid report", "[results][junit]") {
  CHECK(is_valid_junit(junit_xml({}, "0.1.0")));
}

TEST_CASE("JUnit: nothing that a scenario or a program says breaks the XML", "[results][junit]") {
  auto runs = sample::failing_herd();
  runs[1].expectations[1].that = "a < b and \"c\" & 'd' ]]> \x01\x1b[31m";
  runs[1].expectations[1].detail = std::string("zero \0 byte, bad \xff byte, \xef\xbf\xbf, line\nend", 38);
  const std::string xml = junit_xml(runs, "0.1.0");
  CHECK(is_valid_junit(xml));
  CHECK(xml.find("a &lt; b and &quot;c&quot; &amp; 'd' ]]&gt; \\x01\\x1b[31m") != std::string::npos);
  CHECK(xml.find("zero \\x00 byte, bad \uFFFD byte") != std::string::npos);
  CHECK(xml.find("line&#10;end") != std::string::npos);
}

TEST_CASE("JUnit: the schema refuses what is not JUnit", "[results][junit]") {
  const std::string good = junit_xml(sample::failing_herd(), "0.1.0");
  const auto broken = [&](const std::string& from, const std::string& to) {
    std::string xml = good;
    REQUIRE(xml.find(from) != std::string::npos);
    return xml.replace(xml.find(from), from.size(), to);
  };
  CHECK_FALSE(is_valid_junit(broken(" tests=\"12\"", "")));
  CHECK_FALSE(is_valid_junit(broken("time=\"3.000000012\"", "time=\"3 s\"")));
  CHECK_FALSE(is_valid_junit(broken("<system-out/>", "<output/>")));
  CHECK_FALSE(is_valid_junit(broken("</testsuites>", "")));
}
