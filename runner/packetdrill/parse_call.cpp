// System calls: `...0.3 read(4, ..., 1000) = -1 EAGAIN (Resource temporarily unavailable)`, and what stands in them.

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include "runner/packetdrill/call_names.hpp"
#include "runner/packetdrill/parser.hpp"
#include "runner/packetdrill/symbols.hpp"

namespace stackscope::packetdrill {

namespace {

constexpr int kDeepest = 32;  // lists in lists

const std::vector<std::string> kFields{
    "sa_family",  "sin_port",  "sin_addr",  "msg_name", "msg_iov",  "msg_flags", "msg_control",
    "cmsg_level", "cmsg_type", "cmsg_data", "fd",       "events",   "revents",   "ptr",
    "u32",        "u64",       "onoff",     "linger",   "ee_errno", "ee_origin", "ee_type",
    "ee_code",    "ee_info",   "ee_data",   "scm_sec",  "scm_nsec", "tv_sec",    "tv_usec"};
const std::vector<std::string> kFunctions{"htons", "inet_addr", "inet6_addr"};

bool is_known(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// Its arguments would be read past, so they are counted here.
std::string arguments_text(const CallName& call) {
  return call.least == call.most ? fmt::format("{}", call.least)
                                 : fmt::format("{} or {}", call.least, call.most);
}

}  // namespace

const Expression* Expression::field(std::string_view name) const {
  for (const Expression& part : parts) {
    if (part.is(Kind::kField) && part.text == name) return &part.parts[0];
  }
  return nullptr;
}

std::string text(const Expression& e) {
  using Kind = Expression::Kind;
  const auto joined = [&](const char* between) {
    std::string out;
    for (const Expression& part : e.parts) out += (out.empty() ? "" : between) + text(part);
    return out;
  };
  switch (e.kind) {
    case Kind::kEllipsis:
      return "...";
    case Kind::kInteger:
      return e.text;
    case Kind::kString:
      return '"' + e.text + '"';
    case Kind::kOr:
      return joined("|");
    case Kind::kList:
      return "[" + joined(", ") + "]";
    case Kind::kRecord:
      return "{" + joined(", ") + "}";
    case Kind::kCall:
      return e.text + "(" + joined(", ") + ")";
    case Kind::kField:
      break;
  }
  const std::string number = e.parts.size() > 1 ? "(" + text(e.parts[1]) + ")" : "";
  return e.text + number + "=" + text(e.parts[0]);
}

SystemCall Parser::read_call() {
  SystemCall call;
  if (peek().is(Token::Kind::kEllipsis)) {
    take();
    call.end = read_seconds();
  }
  const Token& name = expect(Token::Kind::kWord, "the name of a system call");
  call.name = name.text;
  const CallName* const known = find_call(name.text);
  if (known == nullptr) {
    refuse(name, fmt::format("there is no system call '{}' here", name.text),
           did_you_mean(name.text, call_names()));
  }
  expect_sign('(', "after the name of a system call");
  if (!peek().is_sign(')')) {
    do call.arguments.push_back(read_expression());
    while (take_sign(','));
  }
  expect_sign(')', "after the arguments");
  if (call.arguments.size() < known->least || call.arguments.size() > known->most) {
    refuse(name, fmt::format("{}() takes {} arguments, here are {}", name.text, arguments_text(*known),
                             call.arguments.size()));
  }
  expect_sign('=', "before the result of a system call");
  call.result = read_expression();
  if (peek().is(Token::Kind::kWord)) {
    const Token& error = take();
    call.error = error.text;
    if (!error_number(error.text)) {
      refuse(error, fmt::format("there is no error '{}'", error.text),
             did_you_mean(error.text, error_names()));
    }
  }
  skip_note();
  return call;
}

/// (Resource temporarily unavailable): for people.
void Parser::skip_note() {
  if (!peek().is_sign('(')) return;
  const Token& open = take();
  while (!peek().is_sign(')')) {
    if (peek().is(Token::Kind::kEnd) || peek().is_sign('(')) refuse(open, "this note is not closed by ')'");
    take();
  }
  take();
}

Expression Parser::read_expression() {
  Expression first = read_primary();
  if (!peek().is_sign('|')) return first;
  Expression all;
  all.kind = Expression::Kind::kOr, all.at = first.at;
  all.parts.push_back(std::move(first));
  while (take_sign('|')) all.parts.push_back(read_primary());
  return all;
}

Expression Parser::read_primary() {
  const Token& token = peek();
  Expression e;
  e.at = token.at;
  switch (token.kind) {
    case Token::Kind::kEllipsis:
      take();
      return e;
    case Token::Kind::kInteger: {
      e.kind = Expression::Kind::kInteger, e.text = token.text;
      const std::optional<std::int64_t> value = parse_integer(token.text);
      if (!value) refuse(token, "this number is too large");
      e.number = *value;
      take();
      return e;
    }
    case Token::Kind::kHex:
      e.kind = Expression::Kind::kInteger, e.text = token.text;
      if (token.text.size() > 18) refuse(token, "this number is too large");
      e.number = static_cast<std::int64_t>(std::stoull(token.text, nullptr, 16));
      take();
      return e;
    case Token::Kind::kWord:
      return read_word();
    case Token::Kind::kString:
      return read_text();
    default:
      if (token.is_sign('[')) return read_list(Expression::Kind::kList, ']');
      if (token.is_sign('{')) return read_list(Expression::Kind::kRecord, '}');
      refuse(token, "expected a value", "a number, a constant, \"text\", [a list], {a struct} or ...");
  }
}

/// A constant, or a function of what stands in parentheses.
Expression Parser::read_word() {
  const Token& word = take();
  Expression e;
  e.at = word.at, e.text = word.text;
  if (!peek().is_sign('(') || !is_known(kFunctions, word.text)) {
    e.kind = Expression::Kind::kInteger;
    const std::optional<std::int64_t> value = word.text == "NULL" ? 0 : constant(word.text);
    if (!value) {
      refuse(word, fmt::format("there is no constant '{}'", word.text),
             did_you_mean(word.text, constant_names()));
    }
    e.number = *value;
    return e;
  }
  e.kind = Expression::Kind::kCall;
  take();
  e.parts.push_back(read_expression());
  expect_sign(')', "after a function's argument");
  return e;
}

/// "text" "more", as one; "text"... too.
Expression Parser::read_text() {
  Expression e;
  e.kind = Expression::Kind::kString, e.at = peek().at;
  while (peek().is(Token::Kind::kString)) e.text += take().text;
  if (peek().is(Token::Kind::kEllipsis)) take();
  return e;
}

Expression Parser::read_list(Expression::Kind kind, char close) {
  const Token& open = take();
  if (++depth_ > kDeepest) refuse(open, "lists stand too deep in each other");
  Expression e;
  e.kind = kind, e.at = open.at;
  if (!peek().is_sign(close)) {
    do e.parts.push_back(kind == Expression::Kind::kRecord && is_field() ? read_field() : read_expression());
    while (take_sign(','));
  }
  if (!take_sign(close)) refuse(peek(), fmt::format("expected ',' or '{}' here", close));
  --depth_;
  return e;
}

/// name=…, or name(number)=…
bool Parser::is_field() const {
  return peek().is(Token::Kind::kWord) &&
         (peek(1).is_sign('=') || (peek(1).is_sign('(') && peek(3).is_sign(')') && peek(4).is_sign('=')));
}

Expression Parser::read_field() {
  const Token& name = take();
  Expression field;
  field.kind = Expression::Kind::kField, field.at = name.at, field.text = name.text;
  if (!is_known(kFields, name.text)) {
    refuse(name, fmt::format("there is no field '{}'", name.text), did_you_mean(name.text, kFields));
  }
  std::vector<Expression> number;
  if (take_sign('(')) {
    number.push_back(read_expression());
    expect_sign(')', "after a field's length");
  }
  expect_sign('=', "after a field's name");
  field.parts.push_back(read_expression());
  for (Expression& one : number) field.parts.push_back(std::move(one));
  return field;
}

}  // namespace stackscope::packetdrill
