// Recordings in memory and in files: the same story from both, at any place, and from an older program too.

#include <catch2/catch.hpp>
#include <filesystem>
#include <sstream>
#include <unistd.h>

#include "sim/recording_file.hpp"
#include "sim/recording_writer.hpp"
#include "tests/sim/example_run.hpp"

using namespace stackscope;
using namespace stackscope::examples;

namespace {

const std::filesystem::path kOldRecording = STACKSCOPE_SOURCE_DIR "/tests/sim/data/format-1.recording";

std::shared_ptr<ChunkPool> chunks_of(std::size_t bytes) { return std::make_shared<ChunkPool>(bytes); }

Bytes file_of(std::uint64_t seed, std::uint64_t records, std::size_t chunk_bytes) {
  std::ostringstream out;
  RecordingWriter writer(out, {.chunk_bytes = chunk_bytes});
  run_example(writer, seed, records);
  const std::string text = out.str();
  CHECK(writer.bytes_written() == text.size());
  return {bytes_of(text).begin(), bytes_of(text).end()};
}

}  // namespace

TEST_CASE("a recording grows, and every record can be read at once", "[recording]") {
  Moment moment;
  const Schema schema = Schema::of<Records>();
  MemoryRecording recording(chunks_of(200));
  Trace trace(moment, schema, recording);
  CHECK(recording.size() == 0);
  CHECK(recording.records().begin() == recording.records().end());
  for (std::uint32_t i = 1; i <= 300; ++i) {
    const RecordId id = trace.emit(FrameArrived{QueueId{i}, i, i});
    CHECK(recording.size() == i);
    CHECK(decode_fields<FrameArrived>(recording.at(id).fields.data()).ring_slot == i);
    const RecordId earlier{i / 2 + 1};
    CHECK(decode_fields<FrameArrived>(recording.at(earlier).fields.data()).ring_slot == earlier.value);
  }
  CHECK_FALSE(recording.totals());
  const Totals totals = trace.finish();
  CHECK(totals.records == 300);
  CHECK(recording.totals() == totals);
}

TEST_CASE("records are found by id, forwards, backwards and at random", "[recording]") {
  MemoryRecording recording(chunks_of(10'000));
  run_example(recording, 3, 20'000);
  std::vector<std::string> lines;
  for (const RawRecord& record : recording.records()) {
    CHECK(record.id.value == lines.size() + 1);
    lines.push_back(recording.text(record));
  }
  REQUIRE(lines.size() == 20'000);
  Lcg random(4);
  for (int i = 0; i < 5'000; ++i) {
    const RecordId id{random.below(lines.size()) + 1};
    REQUIRE(recording.text(recording.at(id)) == lines[id.value - 1]);
  }
  for (std::uint64_t id = lines.size(); id > lines.size() - 1000; --id) {
    REQUIRE(recording.text(recording.at(RecordId{id})) == lines[id - 1]);
  }
  std::uint64_t expected = 150;
  for (const RawRecord& record : recording.records(RecordId{150}, RecordId{1700}))
    CHECK(record.id.value == expected++);
  CHECK(expected == 1700);
  CHECK_THROWS_AS(recording.at(RecordId{}), RecordingError);
  CHECK_THROWS_AS(recording.at(RecordId{20'001}), RecordingError);
}

TEST_CASE("records are found by time", "[recording]") {
  MemoryRecording recording(chunks_of(1'000));
  run_example(recording, 8, 2'000);
  CHECK(recording.first_at(Instant::ns(-1)) == RecordId{1});
  CHECK(recording.first_at(Instant::never()) == RecordId{2'001});
  for (std::uint64_t id = 2; id <= 2'000; id += 13) {
    const Instant time = recording.at(RecordId{id}).header.at;
    const RecordId first = recording.first_at(time);
    CHECK(recording.at(first).header.at == time);
    if (first > RecordId{1}) CHECK(recording.at(RecordId{first.value - 1}).header.at < time);
  }
}

TEST_CASE("recordings give their chunks back to the pool", "[recording]") {
  const auto pool = chunks_of(1'000);
  {
    MemoryRecording recording(pool);
    run_example(recording, 1, 500);
  }
  const std::size_t chunks = pool->free_chunks();
  CHECK(chunks > 10);
  MemoryRecording again(pool), fresh(chunks_of(1'000));
  CHECK(run_example(again, 1, 500) == run_example(fresh, 1, 500));
  CHECK(pool->free_chunks() == 0);
  CHECK(difference(again, fresh).empty());
}

TEST_CASE("a file says what memory says, however it is cut into chunks", "[recording][file]") {
  MemoryRecording memory;
  const Totals totals = run_example(memory, 11, 6'000);
  for (const std::size_t chunk_bytes : {1, 500, 10'000, 1 << 20}) {
    const RecordingFile file(ByteSource::memory(file_of(11, 6'000, chunk_bytes)));
    CHECK_FALSE(file.damage());
    CHECK(difference(memory, file).empty());
    CHECK(file.totals() == totals);
    CHECK(file.metadata() == "seed 11");
    REQUIRE(file.strings() == memory.strings());
    REQUIRE(file.blobs() == memory.blobs());
    for (std::uint32_t i = 0; i <= file.strings(); ++i)
      CHECK(file.string(StringId{i}) == memory.string(StringId{i}));
    for (std::uint32_t i = 0; i <= file.blobs(); i += 7)
      CHECK(file.blob(BlobId{i}) == memory.blob(BlobId{i}));
    CHECK(fingerprints_of(file) == totals.fingerprints);
    CHECK_THROWS_AS(file.string(StringId{file.strings() + 1}), RecordingError);
    CHECK_THROWS_AS(file.blob(BlobId{file.blobs() + 1}), RecordingError);
  }
}

TEST_CASE("records of a file are found at random, and some stay side by side", "[recording][file]") {
  MemoryRecording memory;
  run_example(memory, 12, 5'000);
  const RecordingFile file(ByteSource::memory(file_of(12, 5'000, 1'000)));
  Lcg random(13);
  for (int i = 0; i < 1'000; ++i) {
    const RecordId a{random.below(5'000) + 1}, b{random.below(5'000) + 1};
    const RawRecord first = file.at(a), second = file.at(b);
    REQUIRE(file.text(first) == memory.text(memory.at(a)));
    REQUIRE(file.text(second) == memory.text(memory.at(b)));
  }
}

TEST_CASE("a recording on disk", "[recording][file]") {
  const auto path = std::filesystem::temp_directory_path() / ("test_recording." + std::to_string(getpid()));
  MemoryRecording memory;
  {
    RecordingWriter writer(path);
    CHECK(run_example(writer, 2, 1'000) == run_example(memory, 2, 1'000));
  }
  {
    CHECK(difference(RecordingFile(path), memory).empty());
  }
  std::filesystem::remove(path);
  CHECK_THROWS_WITH(RecordingFile(path), Catch::Contains("cannot read"));
  CHECK_THROWS_WITH(RecordingFile(std::filesystem::path("/")), Catch::Contains("cannot read"));
  CHECK_THROWS_WITH(RecordingWriter("/no/such/folder/file"), Catch::Contains("cannot write"));
}

TEST_CASE("a run without a record makes a file too", "[recording][file]") {
  const RecordingFile file(ByteSource::memory(file_of(1, 0, 1'000)));
  CHECK(file.size() == 0);
  CHECK(file.totals()->records == 0);
  CHECK(file.records().begin() == file.records().end());
  CHECK(file.schema() == Schema::of<Records>());
}

// The older program's recording, made once by `test_sim "make the old recording"` and committed: what was
// written then must be read for ever.
TEST_CASE("make the old recording", "[.make]") {
  Moment moment;
  const Schema schema = Schema::of<old::Records>();
  RecordingWriter writer(kOldRecording);
  Trace trace(moment, schema, writer);
  trace.set_metadata("an older program");
  trace.emit(old::FrameArrived{1514, 9});
  trace.emit(old::Forgotten{3, trace.intern("long ago"), trace.blob(bytes_of("payload"))});
  moment.now += Duration::us(1);
  trace.emit(old::Ticked{});
  trace.finish();
}

TEST_CASE("a recording of an older program is read by its own schema", "[recording][file][old]") {
  const RecordingFile file(kOldRecording);
  CHECK_FALSE(file.damage());
  REQUIRE(file.size() == 3);
  CHECK(file.metadata() == "an older program");
  CHECK(file.text(file.at(RecordId{1})) == "nic:frame_arrived length_bytes=1514 ring_slot=9");
  CHECK(file.text(file.at(RecordId{2})) == "nic:forgotten depth=3 name=\"long ago\" bytes=blob#1");
  CHECK(std::ranges::equal(file.blob(BlobId{1}), bytes_of("payload")));
  CHECK(file.at(RecordId{3}).header.at == Instant::ns(1'000));
  CHECK(file.totals()->fingerprints.whole.text() == "86a37afd6113bad3");
  CHECK(fingerprints_of(file) == file.totals()->fingerprints);

  const KindReader<FrameArrived> frames(file.schema());
  CHECK(frames.is_known());
  REQUIRE(frames.matches(file.at(RecordId{1})));
  CHECK_FALSE(frames.matches(file.at(RecordId{2})));
  CHECK(frames.read(file.at(RecordId{1})) == FrameArrived{QueueId{}, 9, 1514});
  CHECK(KindReader<Ticked>(file.schema()).matches(file.at(RecordId{3})));
  CHECK_FALSE(KindReader<Said>(file.schema()).is_known());
}

TEST_CASE("a reader of the same program's records takes them as they are", "[recording][old]") {
  Moment moment;
  const Schema schema = Schema::of<Records>();
  MemoryRecording recording;
  Trace trace(moment, schema, recording);
  Lcg random(21);
  const KindReader<Everything> reader(schema);
  for (int i = 0; i < 100; ++i) {
    const Everything record = any_record(random, trace);
    CHECK(reader.read(recording.at(trace.emit(record))) == record);
  }
}
