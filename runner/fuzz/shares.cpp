#include "runner/fuzz/shares.hpp"

#include <fmt/format.h>
#include <future>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "runner/process.hpp"

namespace stackscope {

void FuzzShare::merge(const FuzzShare& other) {
  programs += other.programs, unsteady += other.unsteady;
  for (const auto& [what, count] : other.coverage.counts()) coverage.add(what, count);
  if (difference.empty()) difference = other.difference;
}

FuzzShare share_of(const FuzzReport& report) {
  return {report.programs, report.unsteady, report.coverage,
          report.difference ? describe(*report.difference) : std::string{}};
}

std::string to_json(const FuzzShare& share) {
  nlohmann::json told{
      {"programs", share.programs}, {"unsteady", share.unsteady}, {"difference", share.difference}};
  told["counts"] = share.coverage.counts();
  return told.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

FuzzShare share_from_json(const std::string& text) {
  const nlohmann::json told = nlohmann::json::parse(text);
  FuzzShare share;
  told.at("programs").get_to(share.programs);
  told.at("unsteady").get_to(share.unsteady);
  told.at("difference").get_to(share.difference);
  for (const auto& [what, count] : told.at("counts").items())
    share.coverage.add(what, count.get<std::uint64_t>());
  return share;
}

FuzzShare fuzz_in_processes(const FuzzRequest& request, unsigned processes) {
  std::vector<std::future<ProcessOutput>> running;
  for (unsigned i = 0; i < processes; ++i) {
    std::vector<std::string> arguments{"stackscope", "fuzz", "--share", fmt::format("{}/{}", i, processes)};
    const auto option = [&](const char* name, std::string value) {
      arguments.insert(arguments.end(), {name, std::move(value)});
    };
    option("--programs", std::to_string(request.programs));
    option("--seed", std::to_string(request.seed));
    if (!request.only.empty()) option("--only", request.only);
    running.push_back(std::async(std::launch::async, [arguments = std::move(arguments)] {
      return run_process(own_program(), arguments);
    }));
  }
  FuzzShare all;
  for (std::future<ProcessOutput>& one : running) {
    const ProcessOutput output = one.get();
    if (output.exit_code > 1) throw std::runtime_error(output.err + output.out);
    all.merge(share_from_json(output.out));
  }
  return all;
}

}  // namespace stackscope
