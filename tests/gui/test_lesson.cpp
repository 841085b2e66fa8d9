// How one goes through a lesson: a question hides its moment, going back takes back what going on did.

#include <catch2/catch.hpp>

#include "gui/app/lesson.hpp"

namespace stackscope::gui {
namespace {

LessonStep step(const std::string& ask) { return {{}, ask, {}, "said"}; }

bool same(const LessonLook& a, const LessonLook& b) {
  return a.step == b.step && a.chosen == b.chosen && a.revealed == b.revealed;
}

TEST_CASE("Going on reveals before it leaves; going back is the same way") {
  const std::vector<LessonStep> steps{step(""), step("why?"), step("")};
  LessonLook look;
  std::vector<LessonLook> way{look};
  while (go_on(look, steps)) way.push_back(look);
  REQUIRE(way.size() == 5);  // 1 hidden, 1, 2 asked, 2 answered, 3
  CHECK(same(way[1], {0, std::nullopt, true}));
  CHECK(same(way[2], {1, std::nullopt, false}));
  CHECK(same(way[3], {1, std::nullopt, true}));
  CHECK(same(way[4], {2, std::nullopt, true}));
  for (std::size_t i = way.size() - 1; i > 0; --i) {
    REQUIRE(go_back(look, steps));
    CHECK(same(look, way[i - 1]));
  }
  CHECK_FALSE(go_back(look, steps));
}

TEST_CASE("What was chosen stays while it is revealed, and is gone at the next step") {
  const std::vector<LessonStep> steps{step("why?"), step("when?")};
  LessonLook look;
  look.chosen = 1;
  REQUIRE(go_on(look, steps));
  CHECK(look.chosen == 1U);
  REQUIRE(go_on(look, steps));
  CHECK(look.chosen == std::nullopt);
}

TEST_CASE("A hidden answer stands on the record before its moment") {
  const std::vector<StepMoment> moments{{RecordId{7}, ""}, {std::nullopt, "never"}, {RecordId{0}, ""}};
  CHECK(place_of({0, std::nullopt, false}, moments) == RecordId{6});
  CHECK(place_of({0, std::nullopt, true}, moments) == RecordId{7});
  CHECK(place_of({1, std::nullopt, true}, moments) == std::nullopt);
  CHECK(place_of({2, std::nullopt, false}, moments) == RecordId{0});
}

}  // namespace
}  // namespace stackscope::gui
