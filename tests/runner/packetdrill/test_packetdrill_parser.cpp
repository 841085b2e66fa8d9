#include <catch2/catch.hpp>
#include <string>

#include "runner/packetdrill/parser.hpp"

namespace stackscope::packetdrill {

namespace {

ParsedScript read(const std::string& text) {
  return parse(std::make_shared<const Source>(Source{"test.pkt", text, 0}));
}
std::string first_error(const std::string& text) {
  const ParsedScript parsed = read(text);
  return parsed.errors.empty() ? "" : render(parsed.errors.front());
}
/// A packet as it is read, in the script's own notation.
std::string packet(const std::string& line) {
  const ParsedScript parsed = read("0 " + line);
  if (!parsed.errors.empty()) return render(parsed.errors);
  return text(std::get<PacketSpec>(parsed.script.steps.at(0).what));
}

}  // namespace

TEST_CASE("packets are read and written alike", "[packetdrill]") {
  for (const char* const line :
       {"S 0:0(0) win 1000 <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>", "P. 1:1001(1000) ack 1 win 257",
        "- 5:5(0)", "F. 1:1(0) ack 2 <nop,nop,sack 3:5 7:9>", ". 1:1(0) ack 1 <FO 1234abcd,eol>",
        "SEW 0:0(0) win 10", "PU. 1:2(1) ack 1 urg 1", "udp (100)",
        "icmp unreachable frag_needed mtu 1200 [1:1001(1000)]",
        "icmp unreachable port_unreachable [udp (100)]", "[ect0] . 1:1(0) ack 1", "[tos 0x10] R 1:1(0)"}) {
    CHECK(packet("> " + std::string(line)) == line);
  }
  CHECK(packet("> S. 0:0(0) ack 1 <...>") == "S. 0:0(0) ack 1 <...>");
}

TEST_CASE("times are exact, absolute, relative, ranges or any", "[packetdrill]") {
  const ParsedScript parsed = read(
      "0.25 `true`\n+.000001 `true`\n* > . 1:1(0) ack 1\n+.1~+.2 > . 1:1(0) ack 1\n1~2 > . 1:1(0) ack 1\n");
  REQUIRE(parsed.errors.empty());
  const auto& steps = parsed.script.steps;
  CHECK(steps[0].time.from == Duration::ms(250));
  CHECK((steps[1].time.kind == StepTime::Kind::kRelative && steps[1].time.from == Duration::us(1)));
  CHECK(steps[2].time.kind == StepTime::Kind::kAny);
  CHECK((steps[3].time.kind == StepTime::Kind::kRelativeRange && steps[3].time.to == Duration::ms(200)));
  CHECK((steps[4].time.kind == StepTime::Kind::kAbsoluteRange && steps[4].time.to == Duration::s(2)));
}

TEST_CASE("calls are read with their results, errors and ends", "[packetdrill]") {
  const ParsedScript parsed = read(
      "0...0.3 read(4, ..., 0x10) = -1 EAGAIN (Resource temporarily unavailable)\n"
      "+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 5}], msg_flags=MSG_TRUNC|MSG_OOB}, 0) = 5\n"
      "+0 bind(3, {sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr(\"1.2.3.4\")}, ...) = "
      "0\n");
  REQUIRE(render(parsed.errors).empty());
  const auto& read_call = std::get<SystemCall>(parsed.script.steps[0].what);
  CHECK((read_call.end == Duration::ms(300) && read_call.error == "EAGAIN" && read_call.result.number == -1));
  const auto& receive = std::get<SystemCall>(parsed.script.steps[1].what);
  CHECK(text(receive.arguments[1]) ==
        "{msg_name(...)=..., msg_iov(1)=[{..., 5}], msg_flags=MSG_TRUNC|MSG_OOB}");
}

TEST_CASE("options count, the command line's more; definitions stand for words", "[packetdrill]") {
  const auto source = std::make_shared<const Source>(Source{
      "t", "--ip_version=ipv6 --mtu=1280\n--define=WHAT=\"reno\"\n0 setsockopt(3, 6, 13, WHAT, 4) = 0\n", 0});
  const ParsedScript parsed = parse(source, {{"mtu", "1400"}});
  REQUIRE(render(parsed.errors).empty());
  CHECK(parsed.script.options.ip_version == IpVersion::kIpv6);
  CHECK(parsed.script.options.mtu == 1400);
  CHECK(text(std::get<SystemCall>(parsed.script.steps[0].what).arguments[3]) == "\"reno\"");
}

TEST_CASE("errors have a place and a suggestion, and all are told", "[packetdrill]") {
  CHECK(first_error("0 sockt(..., SOCK_STREAM, 0) = 3\n") ==
        "test.pkt:1:3: error: there is no system call 'sockt' here\n"
        "    1 | 0 sockt(..., SOCK_STREAM, 0) = 3\n"
        "      |   ^~~~~\n"
        "help: did you mean 'socket'?\n");
  for (const auto& [script, what] : {std::pair{"--mttu=3\n0 `true`", "did you mean --mtu?"},
                                     {"0 listen(3) = 0", "takes 2 arguments, here are 1"},
                                     {"0 close(3) = -1 EAGIAN", "did you mean 'EAGAIN'?"},
                                     {"0 > S 0:5(4)", "4, not 5"},
                                     {"0 < S 0:0(0) <...>", "for packets that the host sends"},
                                     {"0 > S 0:0(0) <msss 1>", "no TCP option 'msss'"},
                                     {"* close(3) = 0", "only packets that the host sends"},
                                     {"2~1 > . 1:1(0)", "backwards"},
                                     {"0 > X. 1:1(0)", "no flag of TCP"},
                                     {"0 `true", "not closed"},
                                     {"", "no events"},
                                     {"0 close(3", "expected ')'"},
                                     {"0 poll([{fdd=3}], 1, 0) = 0", "did you mean 'fd'?"},
                                     {"0 < icmp unreachabel", "did you mean 'unreachable'?"},
                                     {"0 > . 1:1(0) win 70000", "from 0 to 65535"}}) {
    INFO(script);
    CHECK_THAT(first_error(script), Catch::Contains(what));
  }
  CHECK(read("0 sockt() = 3\n+0 cloze(3) = 0\n+0 close(3) = 0\n").errors.size() == 2);
}

TEST_CASE("no damage to a script makes the parser crash or hang", "[packetdrill]") {
  const std::string script =
      "--mtu=1000\n`sysctl -q a=1`\n0 socket(..., 1|2, 6) = 3\n+0...0.1 poll([{fd=4, events=1}], 1, 0) = 1 "
      "(a note)\n"
      "+.1~+.2 > [ect0] S. 0:10(10) ack 1 win 5 <mss 1,sack 1:2,TS val 1 ecr 2>\n* > udp (5)\n"
      "+0 %{ assert a }%\n/* c */ +0 < icmp unreachable [1:2(1)]\n";
  for (std::size_t i = 0; i < script.size(); ++i) {
    (void)read(script.substr(0, i));
    (void)read(script.substr(0, i) + script.substr(i + 1));
    for (const char c : {'(', '{', '"', '`', '<', '.', ':', '-', '9', '\0', '\n', '\xff', '%'}) {
      std::string damaged = script;
      damaged[i] = c;
      (void)read(damaged);
    }
  }
  (void)read("0 bind(3, " + std::string(100'000, '[') + ", 0) = 0");
  (void)read("0 close(" + std::string(100'000, '1') + ") = 0");
  SUCCEED();
}

}  // namespace stackscope::packetdrill
