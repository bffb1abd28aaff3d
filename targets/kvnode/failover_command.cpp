// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/failover_command.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "harness/base/resp_reply.hpp"
#include "targets/kvnode/service.hpp"

namespace kvnode {

namespace reply = faultline::resp_reply;

namespace {

/// Ignores case. `upper`: letters only.
bool says(std::string_view word, std::string_view upper) {
    constexpr int case_bit = 0x20;
    return std::equal(word.begin(), word.end(), upper.begin(), upper.end(), [](char a, char b) {
        return (a & ~case_bit) == b;
    });
}

/// The member that clients reach at this address, as this node's settings say; nobody when there is
/// none.
ftcore::NodeId member_at(const Service& service, std::string_view host, std::string_view port) {
    for (const ftcore::NodeAddress& member : service.node.settings().members) {
        if (member.host_for_clients() == host && std::to_string(member.client_port) == port)
            return member.id;
    }
    return ftcore::nobody;
}

/// Milliseconds within reason, or absent.
std::optional<ftcore::Duration> timeout_of(std::string_view word) {
    constexpr std::int64_t most = std::chrono::milliseconds(std::chrono::hours(1)).count();
    std::int64_t ms = 0;
    const char* const end = word.data() + word.size();
    const auto [stop, error] = std::from_chars(word.data(), end, ms);
    if (error != std::errc() || stop != end || ms <= 0 || ms > most) return std::nullopt;
    return std::chrono::milliseconds(ms);
}

}  // namespace

std::string answer_failover(Service& service, const Words& words) {
    const auto refused = [](const std::string& why) {
        return reply::error("ERR FAILOVER: " + why);
    };
    const auto answer = [&refused](const ftcore::Result<>& result) {
        return result ? reply::simple("OK") : refused(result.error().message);
    };
    if (words.size() == 2 && says(words[1], "ABORT")) return answer(service.node.keep_lead());
    ftcore::HandOverOptions options;
    for (std::size_t at = 1; at < words.size();) {
        if (says(words[at], "TO") && at + 2 < words.size()) {
            options.to = member_at(service, words[at + 1], words[at + 2]);
            if (options.to == ftcore::nobody)
                return refused("no member's clients are at this host and port");
            at += 3;
        } else if (says(words[at], "TIMEOUT") && at + 1 < words.size()) {
            options.patience = timeout_of(words[at + 1]);
            if (!options.patience) return refused("the timeout must be 1 to 3600000 ms");
            at += 2;
        } else if (says(words[at], "FORCE")) {
            return refused("FORCE would lose writes; without it nothing is lost");
        } else {
            return reply::error("ERR syntax error");
        }
    }
    return answer(service.node.hand_over(options));
}

}  // namespace kvnode
