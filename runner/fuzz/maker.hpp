#pragma once
// Makes random programs: remembers which objects a program has so far, and chooses among them.

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runner/fuzz/random_program.hpp"
#include "sim/random.hpp"

namespace stackscope {

/// What a variable of a random program holds, as far as choosing a sensible call goes. A descriptor keeps its kind when it
/// is closed: calls on it are then EBADF, or meet whatever took its number.
enum class FuzzKind : std::uint8_t {
  kEventfd,
  kPipeRead,
  kPipeWrite,
  kTimerfd,
  kEpoll,
  kUnixStream,
  kUnixDatagram,
  kTcpFresh,
  kTcpListener,
  kTcp,
  kUdp
};

class Maker {
 public:
  Maker(std::uint64_t seed, std::string_view family);

  // --- chance
  bool chance(unsigned percent) { return random_.below(100) < percent; }
  std::int64_t between(std::int64_t low, std::int64_t high) { return random_.between(low, high); }
  std::string_view one_of(std::initializer_list<std::string_view> choices);
  /// Up to `most` of them joined by |, or "0".
  std::string some_of(std::initializer_list<std::string_view> flags, unsigned most);
  /// A number that is often small, and sometimes at a border.
  std::string number(std::initializer_list<std::int64_t> choices);

  // --- objects
  bool has(FuzzKind kind) const;
  /// The variable of an object of one of these kinds, the younger the likelier; now and then of another kind, or of none.
  std::string any(std::initializer_list<FuzzKind> kinds);
  std::string any_fd();
  /// A new variable that will hold such an object.
  std::string fresh(FuzzKind kind);
  bool is_concurrent() const { return program_.is_concurrent; }

  // --- statements
  /// `expression` is one call, whose name stands before its first parenthesis.
  void call(std::string expression, std::string results = "");
  /// The same, with a label of its own.
  void labelled(std::string_view label, std::string expression, std::string results = "");
  /// Lua that prints nothing itself.
  void plain(std::string expression);
  /// Numbers things within this program, from 1.
  int next_number() { return ++numbers_; }

  RandomProgram& program() { return program_; }

 private:
  struct Object {
    FuzzKind kind;
    std::string name;
  };
  RandomProgram program_;
  RandomStream random_;
  std::vector<Object> objects_;
  int numbers_ = 0;
};

/// One kind of statement, or a few that belong together.
struct Move {
  unsigned weight;
  void (*make)(Maker&);
};

/// A family of calls: what starts a program of it, and what may follow.
struct FuzzFamily {
  std::string_view name;
  void (*begin)(Maker&);
  std::span<const Move> moves;
  bool is_concurrent = false;
};

std::span<const FuzzFamily> fuzz_families();

/// Program number `seed` of this family: the same each time.
RandomProgram make_program(const FuzzFamily& family, std::uint64_t seed);

}  // namespace stackscope
