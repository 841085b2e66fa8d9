#include <algorithm>
#include <fmt/core.h>

#include "kernel_model/vocabulary/host_parameters.hpp"
#include "runner/profile.hpp"
#include "runner/scenario/sections.hpp"

namespace stackscope::sections {
namespace {

constexpr std::string_view kHostTables[] = {"nic", "sysctl"};
constexpr std::string_view kPeerTables[] = {"sysctl"};
constexpr std::string_view kLinkKeys[] = {"between"};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// `[host.x.sysctl]` and its like: dotted names, quoted or not.
Arguments read_inner_table(const Value& machine, std::string_view key, const Section& section,
                           Diagnostics& diagnostics) {
  const Entry* entry = machine.find(key);
  if (!entry) return Arguments(section.parameters);
  if (!entry->value.is_table()) {
    diagnostics.add(entry->value.at, fmt::format("'{}' wants a table, not {}", key, entry->value.what()));
    return Arguments(section.parameters);
  }
  return read_arguments(section, flattened(entry->value), entry->key_at, diagnostics);
}

void check_profile(const Value& host, Diagnostics& diagnostics) {
  const Entry* const profile = host.find("profile");
  const std::vector<std::string> known = profile_names();
  if (!profile || !profile->value.is_text() || contains(known, profile->value.text)) return;
  if (profile->value.text.ends_with(".toml")) return;  // a file, read when the run begins
  diagnostics.add(profile->value.at, fmt::format("there is no profile '{}'", profile->value.text),
                  did_you_mean(profile->value.text, known));
}

std::optional<std::array<std::string, 2>> read_between(const NamedTable& link, const ResolvedScenario& into,
                                                       Diagnostics& diagnostics) {
  const Entry* entry = link.table->find("between");
  if (!entry) {
    diagnostics.add(link.at, "a link needs 'between'",
                    "the two machines it joins: between = [\"server\", \"clients\"]");
    return std::nullopt;
  }
  const std::vector<LocatedText> ends = read_texts(*link.table, "between", diagnostics);
  if (entry->value.kind != Value::Kind::kArray) return std::nullopt;
  if (ends.size() != 2 || ends[0].text == ends[1].text) {
    diagnostics.add(entry->value.at, "a link joins two different machines",
                    "for example between = [\"server\", \"clients\"]");
    return std::nullopt;
  }
  const std::vector<std::string> machines = machine_names(into);
  bool known = true;
  for (const LocatedText& end : ends) {
    if (contains(machines, end.text)) continue;
    diagnostics.add(end.at, fmt::format("there is no host or peer '{}'", end.text),
                    did_you_mean(end.text, machines));
    known = false;
  }
  if (!known) return std::nullopt;
  return std::array{ends[0].text, ends[1].text};
}

bool joins_the_same(const LinkSpec& link, const std::array<std::string, 2>& ends) {
  return link.between == ends || link.between == std::array{ends[1], ends[0]};
}

}  // namespace

std::vector<HostSpec> read_hosts(const Value& document, Diagnostics& diagnostics) {
  std::vector<HostSpec> hosts;
  for (const NamedTable& host : named_tables(document, "host", diagnostics)) {
    const Section own{"a host", host_parameters(), kHostTables};
    const Section nic{"a host's nic", nic_parameters()};
    const Section sysctl{"a host's sysctl", sysctl_parameters()};
    check_profile(*host.table, diagnostics);
    hosts.push_back({host.name, read_arguments(own, host.table->entries, host.at, diagnostics),
                     read_inner_table(*host.table, "nic", nic, diagnostics),
                     read_inner_table(*host.table, "sysctl", sysctl, diagnostics)});
  }
  return hosts;
}

std::vector<PeerSpec> read_peers(const Value& document, Diagnostics& diagnostics) {
  std::vector<PeerSpec> peers;
  for (const NamedTable& peer : named_tables(document, "peer", diagnostics)) {
    const Section own{"a peer (an ideal host, without CPUs)", peer_parameters(), kPeerTables};
    const Section sysctl{"a peer's sysctl", peer_sysctl_parameters()};
    if (const Entry* hosts = document.find("host"); hosts && hosts->value.find(peer.name)) {
      diagnostics.add(peer.at, fmt::format("'{}' is already the name of a host", peer.name));
    }
    peers.push_back({peer.name, read_arguments(own, peer.table->entries, peer.at, diagnostics),
                     read_inner_table(*peer.table, "sysctl", sysctl, diagnostics)});
  }
  return peers;
}

std::vector<LinkSpec> read_links(const Value& document, const ResolvedScenario& into,
                                 Diagnostics& diagnostics) {
  std::vector<LinkSpec> links;
  for (const NamedTable& link : named_tables(document, "link", diagnostics)) {
    const Section section{"a link", link_parameters(), kLinkKeys};
    Arguments own = read_arguments(section, link.table->entries, link.at, diagnostics);
    const auto between = read_between(link, into, diagnostics);
    if (!between) continue;
    const auto same = std::find_if(links.begin(), links.end(),
                                   [&](const LinkSpec& other) { return joins_the_same(other, *between); });
    if (same != links.end()) {
      diagnostics.add(link.at, fmt::format("'{}' and '{}' are already joined by link '{}'", (*between)[0],
                                           (*between)[1], same->name));
    }
    links.push_back({link.name, *between, std::move(own)});
  }
  return links;
}

}  // namespace stackscope::sections
