#include "runner/results/text.hpp"

#include <catch2/catch.hpp>

using namespace stackscope;

TEST_CASE("width counts columns, not bytes", "[results][text]") {
  CHECK(display_width("abc") == 3);
  CHECK(display_width("1–2 ✔ ×") == 7);
  CHECK(display_width("e\u0301") == 1);  // an accent that combines
  CHECK(display_width("寿司") == 4);
  CHECK(display_width("\xff\xc0\x80") == 3);  // bytes that are no character, each one replacement
  CHECK(display_width("\xed\xa0\x80") == 3);  // a surrogate
}

TEST_CASE("padding aligns by width", "[results][text]") {
  CHECK(pad_left("寿", 4) == "  寿");
  CHECK(pad_right("✔", 3) == "✔  ");
  CHECK(pad_left("too long", 3) == "too long");
}

TEST_CASE("eliding keeps what tells things apart", "[results][text]") {
  CHECK(elide_end("a sentence that is long", 11) == "a sentence…");
  CHECK(elide_middle("each-edge-exclusive", 11) == "each-…usive");
  CHECK(elide_middle("fits", 4) == "fits");
  CHECK(elide_end("寿司寿司", 4) == "寿…");
  CHECK(display_width(elide_middle("寿司寿司寿司", 6)) <= 6);
  CHECK(elide_end("abc", 0) == "");
}

TEST_CASE("wrapping breaks at spaces, and inside a word only when it must", "[results][text]") {
  using Lines = std::vector<std::string>;
  CHECK(wrap("one two three", 7) == Lines{"one two", "three"});
  CHECK(wrap("abcdefghij kl", 4) == Lines{"abcd", "efgh", "ij", "kl"});
  CHECK(wrap("  ", 4) == Lines{});
  CHECK(wrap("寿司寿司", 1) == Lines{"寿", "司", "寿", "司"});  // narrower than a character: still ends
}

TEST_CASE("a message about a place flows around words that stay whole", "[results][text]") {
  CHECK(flowed("one two three", 9) == "one two\n  three");
  CHECK(flowed("one two  three", 80) == "one two  three");
  CHECK(flowed("a/path/that/is/long:1:2: error: no", 10) == "a/path/that/is/long:1:2:\n  error:\n  no");
  CHECK(flowed("never so long in a pipe", 0) == "never so long in a pipe");
}

TEST_CASE("printable text keeps its meaning and loses its power", "[results][text]") {
  CHECK(printable("a\x1b[2Jb\n\tc") == "a\\x1b[2Jb  c");
  CHECK(printable("\xff") == "\uFFFD");
  CHECK(printable("\xc2\x9b") == "\\x9b");  // CSI as one character
}
