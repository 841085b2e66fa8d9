#include "gui/app/record_objects.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace stackscope::gui {
namespace {

constexpr std::pair<std::string_view, ObjectKind> kByField[] = {
    {"task", ObjectKind::kTask},       {"who", ObjectKind::kTask},
    {"prev", ObjectKind::kTask},       {"next", ObjectKind::kTask},
    {"owner", ObjectKind::kTask},      {"wait_queue", ObjectKind::kWaitQueue},
    {"waiter", ObjectKind::kWaiter},   {"epoll", ObjectKind::kEpoll},
    {"item", ObjectKind::kItem},       {"successor", ObjectKind::kItem},
    {"parent", ObjectKind::kItem},     {"socket", ObjectKind::kSocket},
    {"listener", ObjectKind::kSocket}, {"packet", ObjectKind::kPacket},
    {"file", ObjectKind::kFile},       {"other_end", ObjectKind::kFile},
    {"napi", ObjectKind::kNapi},
};

ObjectKind kind_of(std::string_view record, const FieldSchema& field) {
  if (field.type != FieldType::kId) return ObjectKind::kNone;
  if (field.name == "queue") return record.starts_with("nic:") ? ObjectKind::kNic : ObjectKind::kWaitQueue;
  for (const auto& [name, kind] : kByField) {
    if (field.name == name) return kind;
  }
  return ObjectKind::kNone;
}

}  // namespace

RecordObjects::RecordObjects(const Schema& schema) : schema_(schema) {
  for (const KindSchema& kind : schema.kinds()) {
    Kind found;
    for (std::size_t i = 0; i < kind.fields.size(); ++i) {
      const ObjectKind object = kind_of(kind.name, kind.fields[i]);
      if (object != ObjectKind::kNone) found.named.push_back({i, object});
      if (object == ObjectKind::kPacket) found.has_packet = true;
    }
    found.is_entry = kind.name.starts_with("syscalls:sys_enter_");
    found.is_exit = kind.name.starts_with("syscalls:sys_exit_");
    found.is_waking = kind.name == "sched:sched_waking";
    found.is_drop = kind.name == "skb:kfree_skb" || kind.name == "nic:frame_dropped" ||
                    kind.name == "udp:udp_fail_queue_rcv_skb";
    kinds_.push_back(std::move(found));
  }
}

std::vector<ObjectRef> RecordObjects::of(const RawRecord& record) const {
  std::vector<ObjectRef> objects;
  const KindSchema& kind = schema_.kind(record.header.kind);
  const Place place = record.header.place;
  for (const Named& named : kinds_[record.header.kind].named) {
    const std::uint64_t id = unsigned_value(kind.fields[named.field], record);
    const std::uint8_t host = named.kind == ObjectKind::kPacket ? std::uint8_t{0} : place.host;
    if (id != 0) objects.push_back({named.kind, host, id});
  }
  if (place.cpu != Place::kNoCpu) objects.push_back(ObjectRef::cpu(place.host, place.cpu));
  return objects;
}

bool RecordObjects::names(const RawRecord& record, const ObjectRef& object) const {
  if (object.kind == ObjectKind::kRecord) return record.id.value == object.id;
  const std::vector<ObjectRef> objects = of(record);
  return std::find(objects.begin(), objects.end(), object) != objects.end();
}

}  // namespace stackscope::gui
