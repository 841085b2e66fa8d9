#pragma once
// Views as data: every field by its name, as text, and the first one in which two views differ.
//
// A view is a struct with `describe(field)`, as records have it. Its fields are values that print (integers, enums, ids,
// times), other views, or containers of either: PagedMap, PagedQueue, std::vector, std::array.

#include <array>
#include <cassert>
#include <cstddef>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "analysis/paged_map.hpp"
#include "analysis/paged_queue.hpp"
#include "sim/record.hpp"

namespace stackscope {

template <class T>
concept Described = requires(const T& view) { view.describe([](std::string_view, const auto&) {}); };

/// Keyed containers, whose elements are pairs; and others.
template <class T>
struct ContainerTraits {
  static constexpr bool kIsContainer = false, kIsKeyed = false;
};
template <class Key, class T, std::size_t kPage>
struct ContainerTraits<PagedMap<Key, T, kPage>> {
  static constexpr bool kIsContainer = true, kIsKeyed = true;
};
template <class T>
struct ContainerTraits<PagedQueue<T>> {
  static constexpr bool kIsContainer = true, kIsKeyed = true;
};
template <class T>
struct ContainerTraits<std::vector<T>> {
  static constexpr bool kIsContainer = true, kIsKeyed = false;
};
template <class T, std::size_t kSize>
struct ContainerTraits<std::array<T, kSize>> {
  static constexpr bool kIsContainer = true, kIsKeyed = false;
};

/// A single value as a person reads it.
template <class T>
std::string value_text(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_enum_v<T>) {
    if constexpr (requires { std::string_view{name_of(value)}; }) {
      if (const std::string_view name = name_of(value); !name.empty()) return std::string(name);
    }
    return std::to_string(static_cast<long long>(value));
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    return std::string(std::string_view(value));
  } else if constexpr (requires { value.count(); }) {
    return fmt::format("{}ns", value.count());
  } else {
    return fmt::format("#{}", value.value);
  }
}

struct FieldText {
  std::string name, value;
  StringId string{};  // where the value is one of the recording's strings; `value` is its number then
};

/// Every field of a view, views inside it with their names joined by dots; of a container how many it holds.
template <Described View>
std::vector<FieldText> field_texts(const View& view, const std::string& prefix = {}) {
  std::vector<FieldText> texts;
  view.describe([&]<class T>(std::string_view name, const T& value) {
    const std::string path = prefix + std::string(name);
    if constexpr (ContainerTraits<T>::kIsContainer) {
      texts.push_back({path, fmt::format("{} entries", value.size())});
    } else if constexpr (Described<T>) {
      for (FieldText& text : field_texts(value, path + ".")) texts.push_back(std::move(text));
    } else if constexpr (std::is_same_v<T, StringId>) {
      texts.push_back({path, value_text(value), value});
    } else {
      texts.push_back({path, value_text(value)});
    }
  });
  return texts;
}

struct ViewDifference {
  std::string path;  // "hosts[1].sockets[17].state"
  std::string left, right;
  std::string text() const { return fmt::format("{}: {} / {}", path, left, right); }
};

namespace detail {

template <class T>
std::optional<ViewDifference> compare(const T& a, const T& b);

/// Paths are put together on the way out, so that comparing what is equal costs no text.
inline std::optional<ViewDifference> inside(std::string outer, std::optional<ViewDifference> found) {
  if (!found) return found;
  const bool joins = found->path.empty() || found->path.front() == '[';
  found->path = fmt::format("{}{}{}", outer, joins ? "" : ".", found->path);
  return found;
}

// The fields of the one are remembered by their places, then met in the same order in the other.
template <Described T>
std::optional<ViewDifference> compare_fields(const T& a, const T& b) {
  std::array<const void*, 64> places{};
  std::size_t count = 0, index = 0;
  b.describe([&]<class F>(std::string_view, const F& field) {
    assert(count < places.size());
    places[count++] = &field;
  });
  std::optional<ViewDifference> found;
  a.describe([&]<class F>(std::string_view name, const F& field) {
    const F& other = *static_cast<const F*>(places[index++]);
    if (found) return;
    if (auto difference = compare(field, other)) found = inside(std::string(name), std::move(difference));
  });
  return found;
}

template <class T>
std::optional<ViewDifference> compare_keyed(const T& a, const T& b) {
  auto i = a.begin(), j = b.begin();
  const auto at = [](auto key) { return fmt::format("[{}]", ordinal_of(key)); };
  for (; i != a.end() && j != b.end(); ++i, ++j) {
    const auto [key, value] = *i;
    const auto [other_key, other] = *j;
    if (ordinal_of(key) < ordinal_of(other_key)) return ViewDifference{at(key), "there", "missing"};
    if (ordinal_of(key) > ordinal_of(other_key)) return ViewDifference{at(other_key), "missing", "there"};
    if (&value == &other) continue;  // they share the page
    if (auto found = compare(value, other)) return inside(at(key), std::move(found));
  }
  if (i != a.end()) return ViewDifference{at((*i).first), "there", "missing"};
  if (j != b.end()) return ViewDifference{at((*j).first), "missing", "there"};
  return std::nullopt;
}

template <class T>
std::optional<ViewDifference> compare_ordered(const T& a, const T& b) {
  if (a.size() != b.size()) {
    return ViewDifference{{}, fmt::format("{} entries", a.size()), fmt::format("{} entries", b.size())};
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (auto found = compare(a[i], b[i])) return inside(fmt::format("[{}]", i), std::move(found));
  }
  return std::nullopt;
}

template <class T>
std::optional<ViewDifference> compare(const T& a, const T& b) {
  if constexpr (ContainerTraits<T>::kIsKeyed) {
    return compare_keyed(a, b);
  } else if constexpr (ContainerTraits<T>::kIsContainer) {
    return compare_ordered(a, b);
  } else if constexpr (Described<T>) {
    return compare_fields(a, b);
  } else {
    if (a == b) return std::nullopt;
    return ViewDifference{{}, value_text(a), value_text(b)};
  }
}

}  // namespace detail

/// The first field in which two views differ, or nothing: then they are equal in every field.
template <class View>
std::optional<ViewDifference> compare_views(const View& a, const View& b) {
  return detail::compare(a, b);
}

}  // namespace stackscope
