#pragma once
// A map from ordinals to values that is cheap to copy: copies share their pages, and a write clones the one page that it
// touches. So a view of 50,000 sockets can be kept every few thousand records.
//
// Values lie in pages of kPage, pages on shelves of kShelf. Ordinals that were given out densely, and whose oldest have
// gone, are found without a search; a stray one costs one shelf and one page, however large it is.
//
// Invariant: iteration is in the order of the keys. A reference to a value stays valid until the map is copied, the
//            value is erased, or the map is destroyed.
// One thread at a time, for all copies together: whether a page is shared is read from its reference count.

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "sim/id.hpp"

namespace stackscope {

/// A key is an Id, or any integer: its ordinal is the key as an unsigned number.
template <class Key>
constexpr std::uint32_t ordinal_of(Key key) {
  if constexpr (std::integral<Key>) {
    return static_cast<std::uint32_t>(key);
  } else {
    return key.value;
  }
}

template <class Key, class T, std::size_t kPage = 16>
class PagedMap {
  static_assert(kPage <= 64 && std::has_single_bit(kPage));
  static constexpr std::size_t kShelf = 64;
  static constexpr std::size_t kPerShelf = kPage * kShelf;

  struct Page {
    std::uint64_t present = 0;
    std::array<T, kPage> values{};
  };
  struct Shelf {
    std::uint64_t present = 0;
    std::array<std::shared_ptr<Page>, kShelf> pages;
  };
  struct Place {
    std::uint32_t number = 0;
    std::shared_ptr<Shelf> shelf;
  };

 public:
  using value_type = std::pair<Key, const T&>;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool contains(Key key) const { return find(key) != nullptr; }

  /// The value, or null.
  const T* find(Key key) const {
    const std::uint32_t ordinal = ordinal_of(key);
    const std::size_t place = place_of(ordinal / kPerShelf);
    if (place == shelves_.size()) return nullptr;
    const Page* page = shelves_[place].shelf->pages[page_of(ordinal)].get();
    return page != nullptr && holds(*page, ordinal) ? &page->values[ordinal % kPage] : nullptr;
  }

  /// The value to write to, in a page of this map's own; or null.
  T* edit(Key key) {
    const std::uint32_t ordinal = ordinal_of(key);
    const std::size_t place = place_of(ordinal / kPerShelf);
    if (place == shelves_.size()) return nullptr;
    const Page* shared = shelves_[place].shelf->pages[page_of(ordinal)].get();
    if (shared == nullptr || !holds(*shared, ordinal)) return nullptr;
    return &own_page(place, page_of(ordinal)).values[ordinal % kPage];
  }

  /// The value to write to, which is made where there is none.
  T& operator[](Key key) {
    const std::uint32_t ordinal = ordinal_of(key);
    const std::size_t place = make_place(ordinal / kPerShelf);
    Page& page = own_page(place, page_of(ordinal));
    if (!holds(page, ordinal)) page.present |= bit(ordinal), ++size_;
    return page.values[ordinal % kPage];
  }

  /// Returns whether there was one. Empty pages and shelves are given back.
  bool erase(Key key) {
    const std::uint32_t ordinal = ordinal_of(key);
    T* const value = edit(key);
    if (value == nullptr) return false;
    const std::size_t place = place_of(ordinal / kPerShelf);
    Shelf& shelf = *shelves_[place].shelf;
    Page& page = *shelf.pages[page_of(ordinal)];
    *value = T{};
    --size_;
    page.present &= ~bit(ordinal);
    if (page.present != 0) return true;
    shelf.pages[page_of(ordinal)].reset();
    shelf.present &= ~(std::uint64_t{1} << page_of(ordinal));
    if (shelf.present == 0) shelves_.erase(shelves_.begin() + static_cast<std::ptrdiff_t>(place));
    return true;
  }

  void clear() { shelves_.clear(), size_ = 0; }

  /// Visits (key, value) pairs in the order of the keys.
  class Iterator {
   public:
    using value_type = PagedMap::value_type;
    using difference_type = std::ptrdiff_t;
    Iterator() = default;
    explicit Iterator(const PagedMap& map) : map_(&map) { settle(); }
    value_type operator*() const {
      return {map_->key_at(place_, page_ * kPage + slot_), page().values[slot_]};
    }
    Iterator& operator++() { return ++slot_, settle(), *this; }
    Iterator operator++(int) {
      Iterator before = *this;
      return ++*this, before;
    }
    bool operator==(std::default_sentinel_t) const { return place_ == map_->shelves_.size(); }

   private:
    const Shelf& shelf() const { return *map_->shelves_[place_].shelf; }
    const Page& page() const { return *shelf().pages[page_]; }
    // On to the next value at or after (place, page, slot).
    void settle() {
      for (; place_ < map_->shelves_.size(); ++place_, page_ = 0) {
        for (; page_ < kShelf; ++page_, slot_ = 0) {
          if (shelf().pages[page_] == nullptr) continue;
          const std::uint64_t rest = slot_ < 64 ? page().present >> slot_ << slot_ : 0;
          slot_ = static_cast<std::size_t>(std::countr_zero(rest));
          if (rest != 0) return;
        }
      }
    }
    const PagedMap* map_ = nullptr;
    std::size_t place_ = 0, page_ = 0, slot_ = 0;
  };
  Iterator begin() const { return Iterator(*this); }
  std::default_sentinel_t end() const { return {}; }

  /// Calls `visit` with each page of this map that `other` does not share: what it costs to keep both. `visit` gets the
  /// values of the page which exist, as visit(key, value), after `page(bytes)`.
  template <class PageVisitor, class ValueVisitor>
  void visit_unshared(const PagedMap& other, PageVisitor page, ValueVisitor value) const {
    for (std::size_t i = 0; i < shelves_.size(); ++i) {
      const std::size_t theirs = other.place_of(shelves_[i].number);
      const Shelf* shelf = theirs == other.shelves_.size() ? nullptr : other.shelves_[theirs].shelf.get();
      if (shelf == shelves_[i].shelf.get()) continue;
      page(sizeof(Shelf));
      for (std::size_t p = 0; p < kShelf; ++p) {
        const Page* ours = shelves_[i].shelf->pages[p].get();
        if (ours == nullptr || (shelf != nullptr && shelf->pages[p].get() == ours)) continue;
        page(sizeof(Page));
        for (std::size_t slot = 0; slot < kPage; ++slot) {
          if (holds(*ours, static_cast<std::uint32_t>(slot)))
            value(key_at(i, p * kPage + slot), ours->values[slot]);
        }
      }
    }
  }

 private:
  static constexpr std::uint64_t bit(std::uint32_t ordinal) { return std::uint64_t{1} << ordinal % kPage; }
  static constexpr std::size_t page_of(std::uint32_t ordinal) { return ordinal / kPage % kShelf; }
  static bool holds(const Page& page, std::uint32_t ordinal) { return (page.present & bit(ordinal)) != 0; }

  Key key_at(std::size_t place, std::size_t rest) const {
    const auto ordinal = static_cast<std::uint32_t>(shelves_[place].number * kPerShelf + rest);
    if constexpr (std::integral<Key>) {
      return static_cast<Key>(ordinal);
    } else {
      return Key{ordinal};
    }
  }

  // Where a shelf lies, or shelves_.size(). Without gaps it lies where it is guessed to.
  std::size_t place_of(std::size_t number) const {
    if (shelves_.empty()) return 0;
    const std::size_t guess = number - shelves_.front().number;
    if (guess < shelves_.size() && shelves_[guess].number == number) return guess;
    const auto found = std::ranges::lower_bound(shelves_, number, {}, &Place::number);
    return found != shelves_.end() && found->number == number
               ? static_cast<std::size_t>(found - shelves_.begin())
               : shelves_.size();
  }

  std::size_t make_place(std::size_t number) {
    if (const std::size_t place = place_of(number); place != shelves_.size()) return place;
    const auto after = std::ranges::lower_bound(shelves_, number, {}, &Place::number);
    const auto made =
        shelves_.insert(after, Place{static_cast<std::uint32_t>(number), std::make_shared<Shelf>()});
    return static_cast<std::size_t>(made - shelves_.begin());
  }

  Page& own_page(std::size_t place, std::size_t number) {
    std::shared_ptr<Shelf>& shelf = shelves_[place].shelf;
    if (shelf.use_count() != 1) shelf = std::make_shared<Shelf>(*shelf);
    std::shared_ptr<Page>& page = shelf->pages[number];
    if (page == nullptr) {
      page = std::make_shared<Page>();
      shelf->present |= std::uint64_t{1} << number;
    } else if (page.use_count() != 1) {
      page = std::make_shared<Page>(*page);
    }
    return *page;
  }

  std::vector<Place> shelves_;  // by number
  std::size_t size_ = 0;
};

}  // namespace stackscope
