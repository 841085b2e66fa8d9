#pragma once
// The kernel's lists as views hold them: links inside the values of a map, so that each operation costs the same however
// long the list is, and copies share what did not change.
//
// Invariant: from `first`, following `next`, one comes to `last` after `size` values; `previous` is the way back.

#include <cstdint>

namespace stackscope {

template <class IdType>
struct ListLink {
  IdType previous, next;
  void describe(auto&& field) const { field("previous", previous), field("next", next); }
};

template <class IdType>
struct ListView {
  IdType first, last;
  std::uint32_t size = 0;
  void describe(auto&& field) const { field("first", first), field("last", last), field("size", size); }
};

/// Where the values' links are, in `member` of the map's values.
template <class Map, class Value, class IdType>
class ListEditor {
 public:
  ListEditor(Map& map, ListLink<IdType> Value::* member) : map_(map), member_(member) {}

  /// REQUIRES: the value exists and is on no list of this member.
  void push(ListView<IdType>& list, IdType id, bool at_head) {
    link(id) = at_head ? ListLink<IdType>{{}, list.first} : ListLink<IdType>{list.last, {}};
    const IdType neighbour = at_head ? list.first : list.last;
    if (neighbour) (at_head ? link(neighbour).previous : link(neighbour).next) = id;
    if (at_head || !list.first) list.first = id;
    if (!at_head || !list.last) list.last = id;
    ++list.size;
  }
  /// REQUIRES: the value is on this list.
  void remove(ListView<IdType>& list, IdType id) {
    const ListLink<IdType> gone = link(id);
    (gone.previous ? link(gone.previous).next : list.first) = gone.next;
    (gone.next ? link(gone.next).previous : list.last) = gone.previous;
    link(id) = {};
    --list.size;
  }
  /// All of `from` goes before what is in `to`.
  void splice_to_head(ListView<IdType>& to, ListView<IdType>& from) {
    if (!from.first) return;
    if (to.first) {
      link(from.last).next = to.first;
      link(to.first).previous = from.last;
    } else {
      to.last = from.last;
    }
    to.first = from.first;
    to.size += from.size;
    from = {};
  }

 private:
  ListLink<IdType>& link(IdType id) { return map_.edit(id)->*member_; }

  Map& map_;
  ListLink<IdType> Value::* member_;
};

/// Calls `visit(id, value)` in the list's order.
template <class Map, class Value, class IdType>
void for_each_in(const Map& map, const ListView<IdType>& list, ListLink<IdType> Value::* member, auto visit) {
  for (IdType id = list.first; id;) {
    const Value& value = *map.find(id);
    visit(id, value);
    id = (value.*member).next;
  }
}

}  // namespace stackscope
