#include "analysis/fold_table.hpp"

#include <concepts>

#include "analysis/folding.hpp"

namespace stackscope {

/// Folds the records of one kind.
class FoldTable::Entry {
 public:
  virtual ~Entry() = default;
  virtual void fold(SimulationView& view, const RawRecord& record) const = 0;
};

namespace {

template <class R>
concept Foldable = requires(Folding& at, const R& record) { stackscope::fold(at, record); };

/// What happens outside of hosts, or makes one.
template <class R>
concept NeedsNoHost =
    std::same_as<R, HostStarted> || std::same_as<R, LinkSent> || std::same_as<R, LinkDelivered> ||
    std::same_as<R, ProgramNote> || std::same_as<R, RequestMark>;

template <Foldable R>
class EntryOf final : public FoldTable::Entry {
 public:
  explicit EntryOf(const Schema& schema) : reader_(schema) {}

  void fold(SimulationView& view, const RawRecord& record) const override {
    HostView* const host = NeedsNoHost<R> ? nullptr : view.hosts.edit(record.header.place.host);
    Folding at(view, host, record.id, record.header);
    if (host == nullptr && !NeedsNoHost<R>) {
      at.problem();
    } else {
      stackscope::fold(at, reader_.read(record));
    }
  }

 private:
  KindReader<R> reader_;
};

template <class R>
void add_entry(std::vector<std::unique_ptr<const FoldTable::Entry>>& entries, const Schema& schema) {
  if constexpr (Foldable<R>) {
    if (const auto kind = schema.find(R::kName)) entries[*kind] = std::make_unique<EntryOf<R>>(schema);
  }
}

template <class... R>
void add_entries(std::vector<std::unique_ptr<const FoldTable::Entry>>& entries, const Schema& schema,
                 RecordList<R...>) {
  (add_entry<R>(entries, schema), ...);
}

}  // namespace

FoldTable::FoldTable(const Schema& schema) : entries_(schema.size()) {
  add_entries(entries_, schema, Records{});
}

FoldTable::~FoldTable() = default;

void FoldTable::fold(SimulationView& view, const RawRecord& record) const {
  if (record.header.kind >= entries_.size()) return;
  if (const Entry* entry = entries_[record.header.kind].get()) entry->fold(view, record);
}

}  // namespace stackscope
