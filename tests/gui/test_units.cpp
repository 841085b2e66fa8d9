#include "gui/draw/layout.hpp"
#include "gui/draw/units.hpp"
#include "gui/platform/input.hpp"
#include "tests/gui/stage.hpp"

namespace stackscope::gui {
namespace {

TEST_CASE("Times have three digits and a unit, cut and never rounded up") {
  CHECK(short_time(Duration::ns(0)) == "0 ns");
  CHECK(short_time(Duration::ns(999)) == "999 ns");
  CHECK(short_time(Duration::ns(10'459)) == "10.4 µs");
  CHECK(short_time(Duration::ns(1'999'999)) == "1.99 ms");
  CHECK(short_time(Duration::ns(999'999)) == "999 µs");
  CHECK(short_time(Duration::s(2)) == "2 s");
  CHECK(short_time(Duration::ns(-1'500)) == "−1.50 µs");
}

TEST_CASE("Moments are exact to the nanosecond") {
  CHECK(exact_time(Instant::ns(104'207)) == "104.207 µs");
  CHECK(exact_time(Instant::ns(20'059'695)) == "20.059695 ms");
  CHECK(exact_time(Instant::ns(1'000'000'001)) == "1.000000001 s");
  CHECK(tick_time(Instant::ns(0)) == "0 µs");
  CHECK(tick_time(Instant::ns(10'000)) == "10 µs");
  CHECK(tick_time(Instant::ns(200'000'000)) == "200 ms");
  CHECK(tick_time(Instant::ns(20'050'000)) == "20.05 ms");
}

TEST_CASE("Bytes and counts") {
  CHECK(short_bytes(74) == "74 B");
  CHECK(short_bytes(28 * 1024) == "28 KiB");
  CHECK(short_bytes(65'500) == "63.9 KiB");
  CHECK(short_count(50'123) == "50.1k");
}

TEST_CASE("A grid shows what fits; its last cell is for the rest") {
  const Rect area{0, 0, 420, 210};
  const Grid all = grid(area, 4, {100, 50}, {200, 80}, 10);
  CHECK(all.shown == 4);
  CHECK(all.rest() == 0);
  const Grid some = grid(area, 1'000, {100, 50}, {200, 80}, 10);
  CHECK(some.cells.size() == 9);  // 3 across: a fourth would need 430
  CHECK(some.shown == 8);
  CHECK(some.rest() == 992);
  for (const Rect& cell : some.cells) {
    CHECK(cell.w >= 100);
    CHECK(cell.right() <= area.right() + 0.01F);
    CHECK(cell.bottom() <= area.bottom() + 0.01F);
  }
  const Grid one = grid({0, 0, 120, 90}, 7, {100, 50}, {200, 80}, 10);  // hardly room: the rest is a strip
  CHECK(one.shown == 1);
  CHECK(one.rest() == 6);
  REQUIRE(one.cells.size() == 2);
  CHECK(one.cells[0].h == Approx(60));
  CHECK(one.cells[1].y == Approx(70));
  CHECK(grid({0, 0, 20, 20}, 3, {100, 50}, {200, 80}, 10).cells.empty());
}

TEST_CASE("Keys are read as they are written") {
  CHECK(parse_key("Ctrl+Shift+P") == KeyPress{Key::kCharacter, 'p', true, true, false});
  CHECK(parse_key("+").character == '+');
  CHECK(parse_key("Home").key == Key::kHome);
  CHECK(parse_key("Hyper+P").key == Key::kNone);
  CHECK(parse_key("").key == Key::kNone);
}

TEST_CASE("A press and a release that came together are two frames") {
  InputQueue queue;
  InputEvent down{};
  down.kind = InputEvent::Kind::kButton;
  down.is_down = true;
  InputEvent up = down;
  up.is_down = false;
  InputEvent move{};
  move.kind = InputEvent::Kind::kMove;
  queue.push(move), queue.push(down), queue.push(up);
  CHECK(queue.take_frame().size() == 2);
  CHECK(queue.take_frame().size() == 1);
  CHECK(queue.empty());
}

}  // namespace
}  // namespace stackscope::gui
