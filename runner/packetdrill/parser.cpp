#include "runner/packetdrill/parser.hpp"

#include <fmt/format.h>

#include "sim/suggest.hpp"

namespace stackscope::packetdrill {

std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& known) {
  const std::string near = suggestion(wrong, known);
  return near.empty() ? "" : fmt::format("did you mean '{}'?", near);
}

Parser::Parser(std::shared_ptr<const Source> source,
               const std::vector<std::pair<std::string, std::string>>& given)
    : source_(std::move(source)), tokens_(lex(source_, errors_)) {
  script_.source = source_;
  read_options(given);
}

ParsedScript Parser::parse() {
  read_steps();
  return {std::move(script_), errors_.take()};
}

// --- words -------------------------------------------------------------------------------------------------------------

const Token& Parser::peek(std::size_t ahead) const {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}
const Token& Parser::take() {
  const Token& token = peek();
  if (at_ + 1 < tokens_.size()) ++at_;
  return token;
}
bool Parser::take_sign(char c) { return peek().is_sign(c) && (take(), true); }
bool Parser::take_word(std::string_view word) { return peek().is_word(word) && (take(), true); }

void Parser::refuse(const Token& token, std::string message, std::string help) {
  report(token.at, std::move(message), std::move(help));
  throw Refused{};
}

const Token& Parser::expect(Token::Kind kind, const char* what) {
  if (!peek().is(kind)) refuse(peek(), fmt::format("expected {}", what));
  return take();
}
void Parser::expect_sign(char c, const char* where) {
  if (!take_sign(c)) refuse(peek(), fmt::format("expected '{}' {}", c, where));
}
void Parser::expect_word(std::string_view word, const char* where) {
  if (!take_word(word)) refuse(peek(), fmt::format("expected '{}' {}", word, where));
}

std::int64_t Parser::number(const char* what, std::int64_t least, std::int64_t most) {
  const Token& token = expect(Token::Kind::kInteger, what);
  const std::optional<std::int64_t> value = parse_integer(token.text);
  if (!value || *value < least || *value > most) {
    refuse(token, fmt::format("{} is from {} to {}", what, least, most));
  }
  return *value;
}

/// Words that --define names become what stands for them.
void Parser::define_words() {
  for (Token& token : tokens_) {
    const auto defined = token.is(Token::Kind::kWord) ? script_.options.defines.find(token.text)
                                                      : script_.options.defines.end();
    if (defined == script_.options.defines.end()) continue;
    const auto value = std::make_shared<const Source>(Source{"--define", defined->second, 0});
    Diagnostics unclosed;
    const std::vector<Token> read = lex(value, unclosed);
    if (read.size() != 2 || !unclosed.empty()) {
      report(token.at,
             fmt::format("'{}' is defined as '{}', which is not one word", token.text, defined->second));
      continue;
    }
    token.kind = read[0].kind;
    token.text = read[0].text;
  }
}

// --- the script --------------------------------------------------------------------------------------------------------

void Parser::read_options(const std::vector<std::pair<std::string, std::string>>& given) {
  while (peek().is(Token::Kind::kOption)) {
    const Token& option = take();
    read_option(option.at, option.text, option.value);
  }
  const auto line = std::make_shared<const Source>(Source{"command line", "", 0});
  for (const auto& [name, value] : given) read_option(Span{line}, name, value);
  define_words();
}

void Parser::read_option(const Span& at, std::string_view name, std::string_view value) {
  const bool is_quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
  if (is_quoted) value = value.substr(1, value.size() - 2);
  if (auto wrong = set_option(script_.options, name, value)) report(at, wrong->message, wrong->help);
}

void Parser::read_steps() {
  if (peek().is(Token::Kind::kBackquoted)) {
    script_.init = Step{peek().at, {}, Command{peek().text}};
    take();
  }
  while (!peek().is(Token::Kind::kEnd)) {
    const std::size_t before = at_;
    try {
      if (peek().is(Token::Kind::kBackquoted) && peek(1).is(Token::Kind::kEnd)) {
        script_.cleanup = Step{peek().at, {}, Command{peek().text}};
        take();
        return;
      }
      script_.steps.push_back(read_step());
    } catch (const Refused&) {
      depth_ = 0;
      if (at_ == before) take();
      skip_step();
    }
  }
  if (script_.steps.empty() && errors_.empty()) report(peek().at, "the script has no events");
}

/// To the next word that begins a line as a time does.
void Parser::skip_step() {
  const auto begins = [](const Token& token) {
    return token.begins_line &&
           (token.is_sign('+') || token.is_sign('*') || token.is(Token::Kind::kInteger) ||
            token.is(Token::Kind::kFloat) || token.is(Token::Kind::kEnd));
  };
  while (!peek().is(Token::Kind::kEnd) && !begins(peek())) take();
}

Step Parser::read_step() {
  Step step;
  step.at = peek().at;
  step.time = read_time();
  const Token& next = peek();
  step.what_at = next.at;
  if (next.is_sign('<') || next.is_sign('>')) {
    step.what = read_packet();
  } else if (next.is(Token::Kind::kBackquoted)) {
    step.what = Command{take().text};
  } else if (next.is(Token::Kind::kCode)) {
    step.what = Code{take().text};
  } else if (next.is(Token::Kind::kWord) || next.is(Token::Kind::kEllipsis)) {
    step.what = read_call();
  } else {
    refuse(next, "expected a packet, a system call, `a command` or %{ code }% after the time");
  }
  check_time(step);
  return step;
}

StepTime Parser::read_time() {
  StepTime time;
  if (take_sign('*')) {
    time.kind = StepTime::Kind::kAny;
    return time;
  }
  const bool is_relative = take_sign('+');
  time.kind = is_relative ? StepTime::Kind::kRelative : StepTime::Kind::kAbsolute;
  const Token& first = peek();
  time.from = read_seconds();
  if (!take_sign('~')) return time;
  if (is_relative) expect_sign('+', "before the end of a relative range: +1~+2");
  time.kind = is_relative ? StepTime::Kind::kRelativeRange : StepTime::Kind::kAbsoluteRange;
  time.to = read_seconds();
  if (time.to < time.from) refuse(first, "this time range is backwards");
  return time;
}

/// Seconds in decimal, exactly; at most nine digits behind the point, which are nanoseconds.
Duration Parser::read_seconds() {
  const Token& token = peek();
  if (!token.is(Token::Kind::kFloat) && !token.is(Token::Kind::kInteger)) {
    refuse(token, "expected a time in seconds", "0.1, +0.1, +.1~+.2 or *");
  }
  take();
  const std::size_t dot = std::min(token.text.find('.'), token.text.size());
  std::string fraction = token.text.substr(std::min(dot + 1, token.text.size()));
  const std::size_t digits = fraction.size();
  fraction.resize(9, '0');
  const std::string whole = dot == 0 ? "0" : token.text.substr(0, dot);
  const std::optional<std::int64_t> seconds = parse_integer(whole);
  if (token.text.front() == '-') refuse(token, "a time is never negative");
  if (!seconds || *seconds > 1'000'000 || digits > 9) {
    refuse(token, "a time is at most 1000000 seconds, with nine digits behind the point");
  }
  return Duration::s(*seconds) + Duration::ns(*parse_integer(fraction));
}

void Parser::check_time(const Step& step) {
  const auto* const packet = std::get_if<PacketSpec>(&step.what);
  const bool is_outbound = packet != nullptr && packet->frame.is_outbound;
  const bool is_definite =
      step.time.kind == StepTime::Kind::kAbsolute || step.time.kind == StepTime::Kind::kRelative;
  if (!is_outbound && !is_definite) {
    report(step.at, "only packets that the host sends may have '*' or a range for their time");
  }
}

ParsedScript parse(std::shared_ptr<const Source> source,
                   const std::vector<std::pair<std::string, std::string>>& given) {
  return Parser(std::move(source), given).parse();
}

}  // namespace stackscope::packetdrill
