// One record: into bytes and back, its schema, its text, and how it becomes the cause of what follows.

#include <catch2/catch.hpp>

#include "sim/memory_recording.hpp"
#include "sim/trace.hpp"
#include "tests/sim/example_run.hpp"

using namespace stackscope;
using namespace stackscope::examples;

namespace {

template <class R>
R encoded_and_decoded(const R& record) {
  Bytes bytes(field_bytes<R>());
  REQUIRE(encode_fields(record, bytes.data()) == bytes.data() + bytes.size());
  return decode_fields<R>(bytes.data());
}

template <class T>
constexpr T kLeast = std::numeric_limits<T>::min();
template <class T>
constexpr T kMost = std::numeric_limits<T>::max();

struct Recorded {
  Moment moment;
  Schema schema = Schema::of<Records>();
  MemoryRecording recording;
  Trace trace{moment, schema, recording};
};

}  // namespace

TEST_CASE("a record takes the bytes of its fields, without padding", "[records]") {
  CHECK(field_bytes<FrameArrived>() == 12);
  CHECK(field_bytes<Everything>() == (1 + 2 + 4 + 8) * 2 + 1 + 1 + 2 + 4 + 8 + 8 + 8 + 4 + 4);
  CHECK(field_bytes<Ticked>() == 0);

  Bytes bytes(12);
  encode_fields(FrameArrived{QueueId{1}, 0x11223344, 74}, bytes.data());
  CHECK(bytes == Bytes{std::byte{1},
                       {},
                       {},
                       {},
                       std::byte{0x44},
                       std::byte{0x33},
                       std::byte{0x22},
                       std::byte{0x11},
                       std::byte{74},
                       {},
                       {},
                       {}});
}

TEST_CASE("every type of field comes back, at its extremes too", "[records]") {
  Everything least;
  least.i8 = kLeast<std::int8_t>, least.i16 = kLeast<std::int16_t>;
  least.i32 = kLeast<std::int32_t>, least.i64 = kLeast<std::int64_t>;
  least.nameless = Nameless::kLeast, least.wait = -Duration::max(), least.when = Instant::ns(INT64_MIN);
  CHECK(encoded_and_decoded(least) == least);

  Everything most;
  most.u8 = kMost<std::uint8_t>, most.u16 = kMost<std::uint16_t>, most.u32 = kMost<std::uint32_t>;
  most.u64 = kMost<std::uint64_t>, most.i8 = kMost<std::int8_t>, most.i16 = kMost<std::int16_t>;
  most.i32 = kMost<std::int32_t>, most.i64 = kMost<std::int64_t>;
  most.flag = true, most.color = Color::kBlue, most.nameless = Nameless::kMost, most.queue = {UINT32_MAX};
  most.wait = Duration::max(), most.when = Instant::never(), most.behind = {UINT64_MAX};
  most.text = {UINT32_MAX}, most.payload = {UINT32_MAX};
  CHECK(encoded_and_decoded(most) == most);
}

TEST_CASE("a header comes back, at its extremes too", "[records]") {
  const RecordHeader header{Instant::ns(INT64_MIN), RecordId{UINT64_MAX}, 0xfffe, Place{255, Place::kNoCpu}};
  Bytes bytes(kHeaderBytes);
  encode_header(header, bytes.data());
  const RecordHeader back = decode_header(bytes.data());
  CHECK(back.at == header.at);
  CHECK(back.cause == header.cause);
  CHECK(back.kind == header.kind);
  CHECK(back.place == header.place);
}

TEST_CASE("a record's kind is its position in the program's list, known when compiling", "[records]") {
  STATIC_REQUIRE(KindOf<FrameArrived>::value == 0);
  STATIC_REQUIRE(KindOf<Ticked>::value == 4);
  STATIC_REQUIRE(KindOf<old::FrameArrived>::value == 2);
  STATIC_REQUIRE(!ListedIn<old::Forgotten, Records>);
}

TEST_CASE("a schema says what the records look like", "[records][schema]") {
  const Schema schema = Schema::of<Records>();
  REQUIRE(schema.size() == 5);
  const KindSchema& all = schema.kind(*schema.find("test:everything"));
  CHECK(all.sentence == "One field of every type.");
  CHECK(all.layer == Layer::kKernel);
  CHECK(all.field_bytes == field_bytes<Everything>());
  std::string types;
  for (const FieldSchema& field : all.fields) types += field.type_name() + " ";
  CHECK(types == "u8 u16 u32 u64 i8 i16 i32 i64 bool enum8 enum16 id duration instant record string blob ");
  CHECK(all.fields[*all.find("u64")].offset == 7);
  const FieldSchema& color = all.fields[*all.find("color")];
  CHECK(color.names == std::vector<EnumName>{{0, "red"}, {1, "green"}, {2, "blue"}});
  CHECK(all.fields[*all.find("nameless")].names.empty());
  CHECK_FALSE(all.find("no such field"));
  CHECK_FALSE(schema.find("no:such_kind"));
}

TEST_CASE("a schema comes back from its bytes, and any shorter piece of them is refused",
          "[records][schema]") {
  const Schema schema = Schema::of<Records>();
  const Bytes bytes = schema.serialised();
  CHECK(Schema::parse(bytes) == schema);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    CHECK_THROWS_AS(Schema::parse(ByteView(bytes).first(size)), RecordingError);
  }
}

TEST_CASE("two kinds of one name are refused", "[records][schema]") {
  CHECK_THROWS_AS((Schema::of<RecordList<FrameArrived, old::FrameArrived>>()), std::invalid_argument);
}

TEST_CASE("values are read by the schema alone, and widened by their sign", "[records][schema]") {
  Recorded run;
  Everything record;
  record.u64 = UINT64_MAX, record.i8 = -1, record.u8 = 255, record.nameless = Nameless::kLeast;
  record.wait = Duration::ns(-5), record.flag = true;
  const RawRecord raw = run.recording.at(run.trace.emit(record));
  const KindSchema& kind = run.schema.kind(raw.header.kind);
  const auto read = [&](std::string_view name) { return value(kind.fields[*kind.find(name)], raw); };
  CHECK(unsigned_value(kind.fields[*kind.find("u64")], raw) == UINT64_MAX);
  CHECK(read("i8") == -1);
  CHECK(read("u8") == 255);
  CHECK(read("nameless") == INT16_MIN);
  CHECK(read("wait") == -5);
  CHECK(read("flag") == 1);
}

TEST_CASE("a record reads as one line", "[records][schema]") {
  Recorded run;
  const auto line = [&](RecordId id) { return run.recording.text(run.recording.at(id)); };
  CHECK(line(run.trace.emit(FrameArrived{QueueId{1}, 17, 74})) ==
        "nic:frame_arrived queue=1 ring_slot=17 length_bytes=74");
  CHECK(line(run.trace.emit(Ticked{})) == "timer:tick");
  CHECK(line(run.trace.emit(Said{run.trace.intern("it's \"so\"\n\x01")})) ==
        R"(program:said line="it's \"so\"\n\x01")");
  Everything all;
  all.i8 = -3, all.color = Color::kGreen, all.behind = RecordId{2}, all.wait = Duration::us(7);
  all.nameless = Nameless{-9};
  CHECK(line(run.trace.emit(all)) ==
        "test:everything u8=0 u16=0 u32=0 u64=0 i8=-3 i16=0 i32=0 i64=0 flag=false color=green nameless=-9 "
        "queue=0 wait=7000ns when=0ns behind=#2 text=\"\" payload=blob#0");
  all.color = Color{77};  // from a newer program, say
  CHECK(line(run.trace.emit(all)).find("color=77 ") != std::string::npos);
}

TEST_CASE("a record carries the moment, and causes what follows it", "[records][trace]") {
  Recorded run;
  run.moment = {Instant::ns(50), RecordId{}, Place{1, 3}};
  const RecordId first = run.trace.emit(Ticked{});
  CHECK(first == RecordId{1});
  CHECK(run.moment.cause == first);
  const RecordId second = run.trace.emit(Ticked{});
  const RecordId other = run.trace.emit(Ticked{}, first);
  CHECK(run.recording.at(first).header.cause == RecordId{});
  CHECK(run.recording.at(second).header.cause == first);
  CHECK(run.recording.at(other).header.cause == first);
  CHECK(run.moment.cause == other);
  CHECK(run.recording.at(second).header.at == Instant::ns(50));
  CHECK(run.recording.at(second).header.place == Place{1, 3});
}

TEST_CASE("the same string has the same id, the same bytes too", "[records][trace]") {
  Recorded run;
  const StringId hello = run.trace.intern("hello");
  CHECK(run.trace.intern("world") != hello);
  CHECK(run.trace.intern("hello") == hello);
  CHECK(run.trace.intern("") == StringId{});
  CHECK(run.recording.string(hello) == "hello");
  CHECK(run.recording.string(StringId{}).empty());
  const BlobId blob = run.trace.blob(bytes_of("payload"));
  CHECK(run.trace.blob(bytes_of("payload")) == blob);
  CHECK(run.trace.blob(bytes_of("payloae")) != blob);
  CHECK(run.trace.blob({}) == BlobId{});
  CHECK(std::ranges::equal(run.recording.blob(blob), bytes_of("payload")));
  CHECK_THROWS_AS(run.recording.string(StringId{3}), RecordingError);
  CHECK_THROWS_AS(run.recording.blob(BlobId{3}), RecordingError);
}

TEST_CASE("an observer sees every record after it was told, and changes nothing", "[records][trace]") {
  Recorded watched, unwatched;
  std::vector<std::string> seen;
  watched.trace.emit(Ticked{});
  watched.trace.set_observer([&](const RawRecord& record) {
    CHECK(watched.recording.size() == record.id.value);
    seen.push_back(watched.recording.text(record));
  });
  watched.trace.emit(Returned{-11});
  watched.trace.set_observer({});
  watched.trace.emit(Ticked{});
  CHECK(seen == std::vector<std::string>{"syscalls:sys_exit_read result=-11"});

  unwatched.trace.emit(Ticked{}), unwatched.trace.emit(Returned{-11}), unwatched.trace.emit(Ticked{});
  CHECK(watched.trace.fingerprints() == unwatched.trace.fingerprints());
  CHECK(difference(watched.recording, unwatched.recording).empty());
}

TEST_CASE("an observer that watches some kinds hears of no others", "[records][trace]") {
  Recorded run;
  std::vector<std::string> seen;
  std::vector<bool> is_watched(run.trace.schema().kinds().size());
  is_watched[KindOf<Returned>::value] = true;
  run.trace.set_observer([&](const RawRecord& record) { seen.push_back(run.recording.text(record)); },
                         is_watched);
  run.trace.emit(Ticked{}), run.trace.emit(Returned{-11}), run.trace.emit(Ticked{});
  CHECK(seen == std::vector<std::string>{"syscalls:sys_exit_read result=-11"});
}
