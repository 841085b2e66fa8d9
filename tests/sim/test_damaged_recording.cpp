// Files that are cut off, foreign or damaged: an error that says why and where, or what is whole of them.
// Under ASan and UBSan these loops say more than their checks do.

#include <catch2/catch.hpp>
#include <sstream>

#include "sim/recording_file.hpp"
#include "sim/recording_writer.hpp"
#include "tests/sim/example_run.hpp"

using namespace stackscope;
using namespace stackscope::examples;

namespace {

constexpr std::uint64_t kRecords = 300;

/// What is right: each record's line, each blob.
struct Original {
  Original() {
    MemoryRecording recording;
    run_example(recording, 42, kRecords);
    for (const RawRecord& record : recording.records()) lines.push_back(recording.text(record));
    for (std::uint32_t i = 0; i <= recording.blobs(); ++i) blobs.push_back(recording.blob(BlobId{i}));
  }
  std::vector<std::string> lines;
  std::vector<Bytes> blobs;
};

Bytes whole_file() {
  std::ostringstream out;
  RecordingWriter writer(out, {.chunk_bytes = 2'000});
  run_example(writer, 42, kRecords);
  const std::string text = out.str();
  return {bytes_of(text).begin(), bytes_of(text).end()};
}

/// Reads all that a file offers. Whatever it gives must be so; whatever it cannot give is a RecordingError.
/// Returns how many records could be read.
std::uint64_t read_all(Bytes bytes, const Original& original) {
  const std::uint64_t size = bytes.size();
  std::uint64_t read = 0;
  try {
    const RecordingFile file(ByteSource::memory(std::move(bytes)));
    REQUIRE(file.size() <= kRecords);
    if (!file.damage()) REQUIRE(file.size() == kRecords);
    for (const RawRecord& record : file.records()) {
      if (file.text(record) != original.lines[record.id.value - 1]) FAIL("record " << record.id.value);
      ++read;
    }
    for (std::uint32_t i = 1; i <= file.blobs(); ++i) {
      if (file.blob(BlobId{i}) != original.blobs.at(i)) FAIL("blob " << i);
    }
  } catch (const RecordingError& error) {
    REQUIRE(error.offset() <= size);
  }
  return read;
}

/// The same without knowing what is right: the bytes may hold anything that has valid digests.
void read_whatever_is_there(Bytes bytes) {
  try {
    const RecordingFile file(ByteSource::memory(std::move(bytes)));
    std::size_t characters = 0;
    for (const RawRecord& record : file.records()) characters += file.text(record).size();
    for (std::uint32_t i = 1; i <= file.blobs(); ++i) characters += file.blob(BlobId{i}).size();
    (void)fingerprints_of(file);
    REQUIRE((characters > 0 || file.size() == 0));
  } catch (const RecordingError& error) {
    REQUIRE(std::string(error.what()).find("at byte") != std::string::npos);
  }
}

struct Section {
  std::size_t offset, stored_bytes;
};
std::vector<Section> sections_of(const Bytes& bytes) {
  std::vector<Section> sections;
  for (std::size_t at = format::kFileHeaderBytes; at < bytes.size() - format::kTrailerBytes;) {
    sections.push_back({at, load<std::uint32_t>(bytes.data() + at + 4)});
    at += format::kSectionHeaderBytes + sections.back().stored_bytes;
  }
  return sections;
}

/// Gives a section that was changed a digest that says it was not.
void seal(Bytes& bytes, const Section& section) {
  const ByteView content =
      ByteView(bytes).subspan(section.offset + format::kSectionHeaderBytes, section.stored_bytes);
  Bytes digested(bytes.begin() + static_cast<std::ptrdiff_t>(section.offset),
                 bytes.begin() + static_cast<std::ptrdiff_t>(section.offset) + 24);
  ByteWriter(digested).put(content_digest(content));
  store(bytes.data() + section.offset + 24, content_digest(digested));
}

}  // namespace

TEST_CASE("a file that is cut off opens up to the cut, and says so", "[recording][damage]") {
  const Bytes bytes = whole_file();
  const Original original;
  REQUIRE(read_all(bytes, original) == kRecords);
  const std::vector<Section> sections = sections_of(bytes);
  REQUIRE(sections.size() > 10);

  std::uint64_t before = 0;
  for (std::size_t size = 0; size < bytes.size(); size += size < 800 || bytes.size() - size < 800 ? 1 : 7) {
    const std::uint64_t records =
        read_all(Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)), original);
    REQUIRE(records >= before);
    before = records;
  }
  CHECK(before == kRecords);

  const auto cut_at = static_cast<std::ptrdiff_t>(sections[sections.size() / 2].offset + 40);
  const RecordingFile cut(ByteSource::memory(Bytes(bytes.begin(), bytes.begin() + cut_at)));
  CHECK(cut.size() > 0);
  CHECK(cut.size() < kRecords);
  CHECK_FALSE(cut.totals());
  CHECK(cut.metadata() == "seed 42");
  CHECK_THAT(*cut.damage(), Catch::Contains("cut off") && Catch::Contains(std::to_string(cut_at - 40)));
}

TEST_CASE("a writer that died leaves its full chunks", "[recording][damage]") {
  std::ostringstream out;
  {
    RecordingWriter writer(out, {.chunk_bytes = 2'000});
    run_example(writer, 42, kRecords, false);
  }
  const std::string text = out.str();
  const std::uint64_t records = read_all({bytes_of(text).begin(), bytes_of(text).end()}, Original());
  CHECK(records > kRecords / 2);
  CHECK(records < kRecords);
}

TEST_CASE("foreign files are refused with a reason", "[recording][damage]") {
  const auto open = [](std::string_view text) {
    RecordingFile(ByteSource::memory({bytes_of(text).begin(), bytes_of(text).end()}));
  };
  CHECK_THROWS_WITH(open(""), Catch::Contains("not a recording"));
  CHECK_THROWS_WITH(open("version = 1\ntitle = \"a scenario\"\n"), Catch::Contains("not a recording"));
  CHECK_THROWS_WITH(open(std::string(100'000, '\0')), Catch::Contains("not a recording"));

  Bytes newer = whole_file();
  store(newer.data() + 8, std::uint32_t{2});
  CHECK_THROWS_WITH(RecordingFile(ByteSource::memory(newer)),
                    Catch::Contains("format 2") && Catch::Contains("reads 1"));

  Bytes unknown_schema = whole_file();
  unknown_schema[format::kFileHeaderBytes + format::kSectionHeaderBytes + 5] ^= std::byte{1};
  CHECK_THROWS_WITH(RecordingFile(ByteSource::memory(unknown_schema)),
                    Catch::Contains("damaged (at byte 12)"));
}

TEST_CASE("flipped bits give an error or the same records", "[recording][damage]") {
  const Bytes bytes = whole_file();
  const Original original;
  Lcg random(1);
  for (std::size_t i = 0; i < bytes.size(); i += 1 + random.below(8)) {
    Bytes flipped = bytes;
    flipped[i] ^= std::byte(1 << random.below(8));
    INFO("byte " << i);
    read_all(std::move(flipped), original);
  }
}

TEST_CASE("damage in the middle costs the records after it, not those before", "[recording][damage]") {
  Bytes bytes = whole_file();
  const std::vector<Section> sections = sections_of(bytes);
  bytes[sections[sections.size() / 2].offset + format::kSectionHeaderBytes + 9] ^= std::byte{4};
  const std::uint64_t records = read_all(bytes, Original());
  CHECK(records > 10);
  CHECK(records < kRecords);
}

TEST_CASE("what has a valid digest is not believed either", "[recording][damage][fuzz]") {
  const std::uint64_t seed = 20'240'611;
  INFO("seed " << seed);
  Lcg random(seed);
  const Bytes bytes = whole_file();
  const std::vector<Section> sections = sections_of(bytes);

  for (int round = 0; round < 1'500; ++round) {
    INFO("round " << round);
    Bytes changed = bytes;
    const Section& section =
        sections[random.below(3) == 0 ? sections.size() - 1 : random.below(sections.size())];
    // Its header's numbers, or its content.
    const std::size_t start = section.offset + (random.below(2) == 0 ? 0 : format::kSectionHeaderBytes);
    const std::size_t length = start == section.offset ? 24 : section.stored_bytes;
    for (std::uint64_t flips = 1 + random.below(3); flips > 0; --flips) {
      changed[start + random.below(length)] = static_cast<std::byte>(random.any<std::uint8_t>());
    }
    seal(changed, section);
    read_whatever_is_there(std::move(changed));
  }
}

TEST_CASE("sections that are well packed and hold nonsense", "[recording][damage][fuzz]") {
  const std::uint64_t seed = 7;
  INFO("seed " << seed);
  Lcg random(seed);
  const Schema schema = Schema::of<Records>();
  Bytes serialised = schema.serialised();
  for (int round = 0; round < 3'000; ++round) {
    Bytes changed = serialised;
    changed[random.below(changed.size())] = static_cast<std::byte>(random.any<std::uint8_t>());
    try {
      const Schema parsed = Schema::parse(changed);
      CHECK(parsed.serialised().size() == changed.size());
    } catch (const RecordingError&) {
    }
  }
  for (int round = 0; round < 3'000; ++round) {
    Bytes chunk(random.below(400));
    for (std::byte& byte : chunk)
      byte = random.below(3) == 0 ? static_cast<std::byte>(random.next()) : std::byte{};
    LoadedChunk loaded(schema, 1);
    const auto records = static_cast<std::uint32_t>(random.below(9));
    try {
      loaded.extend(chunk, records);
      for (std::uint64_t id = 1; id <= records; ++id) {
        const RawRecord record = loaded.read(RecordId{id}, loaded.position(RecordId{id}));
        REQUIRE(record.fields.data() + record.fields.size() <= chunk.data() + chunk.size());
      }
    } catch (const RecordingError& error) {
      REQUIRE(error.offset() <= chunk.size());
    }
  }
}
