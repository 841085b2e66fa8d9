#pragma once
// An ideal host without TCP: connections take 20 us, and every byte comes back 40 us after it was sent.

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kernel_model/crowd.hpp"

namespace stackscope {

/// Runs one crowd program to its end, and writes down what it asks for, with the time.
class FakeCrowdPort final : public CrowdPort {
 public:
  explicit FakeCrowdPort(std::unique_ptr<CrowdProgram> program) : program_(std::move(program)) {}

  // --- the script ----------------------------------------------------------------------------------------------------
  void refuse_connection(std::uint32_t connection) { refused_.insert(connection); }
  /// A reset, that long after the connection was established.
  void reset_connection(std::uint32_t connection, Duration after) { resets_[connection] = after; }
  /// The server ends that connection after it answered so many bytes.
  void end_after(std::uint32_t connection, std::int64_t bytes) { ends_[connection] = bytes; }
  std::int64_t room = INT64_MAX;  // what send() takes before it says EAGAIN, until the bytes came back
  std::int64_t too_many = 0;      // further bytes that come with the first answer

  /// REQUIRES: the program ends.
  void run();
  std::vector<std::string> lines;

  Instant now() const override { return now_; }
  std::uint32_t address_of(std::string_view) const override { return 0x0100000a; }
  CrowdConnection connect(std::uint32_t address, std::uint16_t port, bool nodelay) override;
  std::int64_t send(CrowdConnection connection, ConstBuffer from) override;
  std::int64_t receive(CrowdConnection connection, Buffer to) override;
  void close(CrowdConnection connection) override;
  int spoof_syn(std::uint32_t address, std::uint16_t port, std::uint32_t number) override;
  int spoofing = 0;  // what spoof_syn() returns
  void set_timer(Instant at, std::uint64_t token) override;
  void finish() override;
  void note(std::string_view what, std::int64_t value) override;
  void request_begins(std::uint64_t number, CrowdConnection connection) override;
  void request_ends(std::uint64_t number, CrowdConnection connection) override;

 private:
  struct Open {
    std::int64_t in_flight = 0, readable = 0, answered = 0;
    bool waits_to_write = false, has_ended = false;
  };
  void say(const std::string& line);
  void later(Duration after, std::function<void()> what);
  void answer(CrowdConnection connection, std::int64_t bytes);
  void end(CrowdConnection connection, int error);

  std::unique_ptr<CrowdProgram> program_;
  Instant now_;
  bool is_finished_ = false;
  std::uint32_t next_ = 0;
  std::uint64_t sequence_ = 0;
  std::set<std::uint32_t> refused_;
  std::map<std::uint32_t, Duration> resets_;
  std::map<std::uint32_t, std::int64_t> ends_;
  std::map<CrowdConnection, Open> open_;
  std::map<std::pair<Instant, std::uint64_t>, std::function<void()>> due_;
};

}  // namespace stackscope
