#pragma once
// What expectations ask of a recording. An interface, so that they neither know how recordings are stored nor
// whether one came from the model or from the real kernel.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sim/script/value.hpp"
#include "sim/time.hpp"

namespace stackscope {

class RecordQuery {
 public:
  using Kind = std::uint16_t;

  class Record {
   public:
    virtual ~Record() = default;
    virtual Kind kind() const = 0;
    virtual Instant at() const = 0;
    /// By position in fields(kind()): a number, a boolean or a string (enums by name). REQUIRES: in range.
    virtual script::Value field(std::size_t index) const = 0;
  };
  /// False ends the walk.
  using Visit = std::function<bool(const Record&)>;

  virtual ~RecordQuery() = default;
  /// nullopt: this recording's schema has no record of this name. (Whether one occurred is another question.)
  virtual std::optional<Kind> kind(std::string_view name) const = 0;
  virtual std::vector<std::string> names() const = 0;
  virtual std::vector<std::string> fields(Kind kind) const = 0;
  /// In the order of the recording. The record is valid during the visit only.
  virtual void for_each(std::span<const Kind> kinds, const Visit& visit) const = 0;
};

/// The functions of this page, as an expression sees them; nullopt for another name.
///
///   first('name')  last('name')      when, in ns; where none occurred: Fault::kAbsent
///   count('name')                     how often
///     each with {field = value} behind the name: only records that have these values
///   sometimes(f, 'name')              whether f(record) is true at least once
///   always(f, 'name')                 whether f is true each time; where none occurred: Fault::kAbsent, because an expectation
///                                     about nothing must not pass
///   never(f, 'name')  never('name')   whether f is never true; holds where none occurred: that is what it asks for
///   sequence('a', 'b', 'c')           whether they occurred in this order, others in between or not
///
/// A record has its fields and `at` (ns). A name or a field that the schema lacks is Fault::kName.
/// `query` must outlive the value.
std::optional<script::Value> record_function(const RecordQuery& query, std::string_view name);
std::span<const std::string> record_function_names();

}  // namespace stackscope
