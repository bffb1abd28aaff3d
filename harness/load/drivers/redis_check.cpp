// SPDX-License-Identifier: Apache-2.0
#include "harness/load/drivers/redis_check.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "harness/load/drivers/redis_ask.hpp"
#include "harness/load/drivers/redis_writes.hpp"

namespace faultline {
namespace {

constexpr std::size_t batch_keys = 500;
constexpr std::size_t lost_keys_max = 100;

constexpr Duration retry_pause = std::chrono::milliseconds(20);

struct KeyReader {
    const OperationLog& log;
    const std::vector<WrittenKey>& keys;
    const std::string& prefix;
    WriteCheck& check;
    std::size_t done = 0;  // keys judged so far; stays across reconnects

    /// Reads keys until all are judged. Errors: the connection's, or an error reply.
    Result<> read_all(RespClient& client, Instant deadline) {
        while (done < keys.size()) {
            const std::size_t count = std::min(batch_keys, keys.size() - done);
            std::string requests;
            for (std::size_t i = done; i < done + count; ++i) {
                append_command(requests, {"GET", redis_key(prefix, keys[i].kind, keys[i].key)});
            }
            std::string complaint;
            FL_TRY_VOID(client.exchange(requests, count, deadline, [&](const RespValue& reply) {
                if (reply.type == RespValue::Type::error) complaint = reply.text;
                if (complaint.empty()) judge(reply);
                return complaint.empty();
            }));
            if (!complaint.empty()) return fail("GET answered \"" + complaint + "\"");
        }
        return {};
    }

    void judge(const RespValue& reply) {
        const WrittenKey& key = keys[done++];
        std::optional<std::string_view> value;
        if (reply.type != RespValue::Type::nil) value = reply.text;
        const std::uint64_t lost = count_lost(log, key, value);
        check.lost += lost;
        if (lost > 0 && check.lost_keys.size() < lost_keys_max) {
            check.lost_keys.push_back(redis_key(prefix, key.kind, key.key));
        }
    }
};

}  // namespace

std::optional<Destination> find_in_role(const RedisSearch& search, Instant deadline) {
    Duration patience = search.pause_max;
    const Instant searching_since = now();
    while (now() < deadline) {
        const Instant begin = now();
        const RedisRound round = search_once(search, std::min(patience, deadline - begin), -1);
        if (!round.found.empty()) return round.found.front();
        patience = next_patience(search, patience, now() - searching_since, round.anyone_answered);
        std::this_thread::sleep_until(std::min(deadline, begin + search.pause_max));
    }
    return std::nullopt;
}

WriteCheck check_redis_writes(const OperationLog& log,
                              const std::string& key_prefix,
                              const FindPlace& find,
                              Instant deadline) {
    const WrittenKeys written(log);
    WriteCheck check;
    for (const WrittenKey& key : written.keys()) {
        for (const std::uint32_t write : key.writes) {
            if (log[write].outcome == Outcome::ok) ++check.acknowledged;
            if (log[write].outcome == Outcome::unknown) ++check.unknown;
        }
    }
    KeyReader reader{log, written.keys(), key_prefix, check};
    std::string trouble = "no instance is there to be asked";
    while (now() < deadline) {
        const auto destination = find(deadline);
        if (!destination) break;
        auto client = RespClient::connect(destination->address, deadline);
        Result<> read = client ? reader.read_all(*client, deadline) : fail(client.error().message);
        if (read) {
            check.checked = true;
            return check;
        }
        trouble = read.error().message;
        std::this_thread::sleep_until(std::min(deadline, now() + retry_pause));
    }
    check.note = fmt::format("only {} of {} written keys could be read back by the deadline: {}",
                             reader.done,
                             written.keys().size(),
                             trouble);
    return check;
}

}  // namespace faultline
