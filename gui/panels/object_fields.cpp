#include "gui/panels/object_fields.hpp"

#include <fmt/format.h>

#include "gui/draw/units.hpp"

namespace stackscope::gui {
namespace {

template <class Map, class Key>
std::vector<FieldText> fields_in(const Map& map, Key key) {
  const auto* found = map.find(key);
  return found == nullptr ? std::vector<FieldText>{} : field_texts(*found);
}

template <class IdType>
IdType id_of(const ObjectRef& object) {
  return IdType{static_cast<std::uint32_t>(object.id)};
}

std::vector<FieldText> socket_fields(const HostView& host, SocketId id) {
  std::vector<FieldText> fields = fields_in(host.sockets, id);
  if (const TcpView* tcp = host.tcp.find(id)) {
    for (FieldText& field : field_texts(*tcp, "tcp.")) fields.push_back(std::move(field));
  }
  return fields;
}

std::vector<FieldText> packet_fields(const SimulationView& view, PacketId id) {
  if (const auto* frame = view.links.in_flight.find(id)) return field_texts(*frame);
  for (const auto& [number, host] : view.hosts) {
    if (const auto* entry = host.backlogged.find(id)) return field_texts(*entry);
  }
  return {};
}

std::vector<FieldText> fields_on_host(const HostView& host, const ObjectRef& object) {
  switch (object.kind) {
    case ObjectKind::kHost:
      return field_texts(host);
    case ObjectKind::kCpu:
      return object.id <= host.cpus.size() ? field_texts(host.cpus[object.id - 1]) : std::vector<FieldText>{};
    case ObjectKind::kTask:
      return fields_in(host.tasks, id_of<TaskId>(object));
    case ObjectKind::kWaitQueue:
      return fields_in(host.wait_queues, id_of<WaitQueueId>(object));
    case ObjectKind::kWaiter:
      return fields_in(host.waiters, id_of<WaiterId>(object));
    case ObjectKind::kEpoll:
      return fields_in(host.epolls, id_of<EpollId>(object));
    case ObjectKind::kItem:
      return fields_in(host.items, id_of<ItemId>(object));
    case ObjectKind::kSocket:
      return socket_fields(host, id_of<SocketId>(object));
    case ObjectKind::kNic:
      return fields_in(host.nics, id_of<QueueId>(object));
    case ObjectKind::kFile:
      return fields_in(host.files, id_of<FileId>(object));
    default:
      return {};
  }
}

std::string text_of_value(const Recording& recording, const FieldSchema& field, const RawRecord& record) {
  const std::int64_t number = value(field, record);
  switch (field.type) {
    case FieldType::kString:
      return std::string(recording.string(StringId{static_cast<std::uint32_t>(number)}));
    case FieldType::kDuration:
      return short_time(Duration::ns(number));
    case FieldType::kInstant:
      return exact_time(Instant::ns(number));
    case FieldType::kBool:
      return number != 0 ? "true" : "false";
    case FieldType::kId:
    case FieldType::kRecord:
      return fmt::format("#{}", number);
    default:
      break;
  }
  const std::string_view name = field.name_of(number);
  if (!name.empty()) return std::string(name);
  return field.is_signed ? fmt::format("{}", number) : fmt::format("{}", unsigned_value(field, record));
}

}  // namespace

std::vector<FieldText> fields_of(const PanelContext& context, const ObjectRef& object) {
  if (object.kind == ObjectKind::kPacket) return packet_fields(context.view, id_of<PacketId>(object));
  const HostView* host = context.view.hosts.find(object.host);
  if (host == nullptr) return {};
  std::vector<FieldText> fields = fields_on_host(*host, object);
  for (FieldText& field : fields) {
    if (field.string.value != 0) field.value = context.string(field.string);
  }
  return fields;
}

std::vector<FieldText> record_fields(const Recording& recording, const RawRecord& record) {
  std::vector<FieldText> fields;
  for (const FieldSchema& field : recording.schema().kind(record.header.kind).fields) {
    fields.push_back({field.name, text_of_value(recording, field, record)});
  }
  return fields;
}

}  // namespace stackscope::gui
