#pragma once
// What `stackscope verify` prints: a table a variant, and one JSON object of all.
//
// Invariant: no line of the text is wider than `width`.

#include <span>
#include <string>
#include <string_view>

#include "runner/results/text.hpp"
#include "runner/verify/verify.hpp"

namespace stackscope {

/// Which scenario, on which kernel.
struct VerifyHeading {
  std::string scenario, path, title;
  std::string kernel;   // "6.18.44"
  std::string version;  // of stackscope
};

std::string verify_heading(const VerifyHeading& heading, Paint paint, int width = 80);
/// One variant: each metric in two rows, the model's and the real kernel's.
std::string verify_table(const VerifiedVariant& variant, Paint paint, int width = 80);
/// The last line, over all variants, and how to read the tables.
std::string verify_totals(std::span<const VerifiedVariant> variants, Paint paint, int width = 80);

/// `refused`: why there are not more variants.
std::string verify_json(const VerifyHeading& heading, std::span<const VerifiedVariant> variants,
                        const std::vector<std::string>& refused = {});

}  // namespace stackscope
