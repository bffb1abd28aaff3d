// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>

#include "harness/base/resp.hpp"
#include "harness/load/drivers/drivers.hpp"
#include "harness/load/drivers/redis_check.hpp"
#include "harness/load/drivers/redis_route.hpp"
#include "harness/load/drivers/redis_writes.hpp"
#include "harness/load/drivers/stale_reads.hpp"

namespace faultline {
namespace {

struct RedisSettings {
    std::array<double, 4> shares{};  // by RedisOperation, adding up to 1
    std::uint32_t keys = 0;          // 0: a new key for each write
    std::string key_prefix;
    std::size_t value_bytes = 0;
    int pipeline = 1;
    bool follow = false;  // look for the instance in the role
    bool timeout_drops = true;
    bool redirects = false;
    bool one_place = true;  // all writes go to one instance at a time
};

/// What a reply that is no error has to look like, per operation; "version" as documented in the
/// kind.
Settlement judge_reply(RedisOperation kind, const RespValue& value) {
    constexpr Settlement unexpected{Outcome::failed, Failure::unexpected};
    switch (kind) {
        case RedisOperation::set:
            return value.text == "OK" ? Settlement{} : unexpected;
        case RedisOperation::get:
            if (value.type == RespValue::Type::nil) return {};
            if (value.type != RespValue::Type::bulk) return unexpected;
            return {.version = version_read(value.text)};
        case RedisOperation::incr:
        case RedisOperation::append:
            if (value.type != RespValue::Type::integer) return unexpected;
            return {.version = static_cast<std::uint32_t>(value.integer)};
    }
    return unexpected;
}

class RedisProtocol final : public Protocol {
  public:
    RedisProtocol(RedisSettings settings, RedisSearch search, std::unique_ptr<Route> spread)
        : settings_(std::move(settings)), search_(search), spread_(std::move(spread)) {
        if (settings_.follow) following_ = std::make_unique<RedisRoute>(std::move(search));
        padding_.assign(settings_.value_bytes, 'x');
        for (const auto kind :
             {RedisOperation::set, RedisOperation::append, RedisOperation::incr}) {
            if (share(kind) > 0) {
                read_kind_ = kind;
                break;
            }
        }
    }

    [[nodiscard]] const std::vector<std::string>& operation_kinds() const override {
        static const std::vector<std::string> kinds{"set", "get", "incr", "append"};
        return kinds;
    }
    [[nodiscard]] ProtocolTraits traits() const override {
        return {.pipeline = settings_.pipeline,
                .timeout_drops = settings_.timeout_drops,
                .redirects = settings_.redirects};
    }
    [[nodiscard]] Route& route() override { return following_ ? *following_ : *spread_; }

    void draw(Operation& operation, std::uint32_t, Random& random) override;
    void encode(const Operation& operation, std::uint32_t sequence, std::string& out) override;
    [[nodiscard]] Reply parse(const Operation& operation,
                              std::uint32_t sequence,
                              std::string_view input,
                              bool ended) override;
    [[nodiscard]] WriteCheck check_writes(const OperationLog& log, Instant deadline) override;

  private:
    [[nodiscard]] double share(RedisOperation kind) const {
        return settings_.shares[static_cast<std::size_t>(kind)];
    }
    [[nodiscard]] RedisOperation draw_kind(Random& random) const;
    void check_reads(const OperationLog& log, WriteCheck& check) const;
    [[nodiscard]] Reply refuse(const Operation& operation,
                               std::string_view error,
                               std::size_t bytes);

    const RedisSettings settings_;
    const RedisSearch search_;
    std::unique_ptr<Route> spread_;
    std::unique_ptr<RedisRoute> following_;
    RedisOperation read_kind_ = RedisOperation::set;  // whose keys GET reads
    std::array<std::uint32_t, 4> new_keys_{};         // with keys = 0: how many there are, by kind
    std::string padding_;
    std::string key_;
    std::string value_;
};

RedisOperation RedisProtocol::draw_kind(Random& random) const {
    double point = random.uniform();
    RedisOperation last = RedisOperation::set;
    for (std::size_t i = 0; i < settings_.shares.size(); ++i) {
        if (settings_.shares[i] <= 0) continue;
        last = static_cast<RedisOperation>(i);
        point -= settings_.shares[i];
        if (point < 0) break;
    }
    return last;  // rounding may leave the point a little above the last share
}

void RedisProtocol::draw(Operation& operation, std::uint32_t, Random& random) {
    const RedisOperation kind = draw_kind(random);
    operation.kind = static_cast<std::uint8_t>(kind);
    if (settings_.keys > 0) {
        operation.key = static_cast<std::uint32_t>(random.below(settings_.keys));
    } else if (kind == RedisOperation::get) {
        const std::uint32_t known = new_keys_[static_cast<std::size_t>(read_kind_)];
        operation.key = known == 0 ? 0 : static_cast<std::uint32_t>(random.below(known));
    } else {
        operation.key = new_keys_[operation.kind]++;
    }
}

void RedisProtocol::encode(const Operation& operation, std::uint32_t sequence, std::string& out) {
    const auto kind = static_cast<RedisOperation>(operation.kind);
    // The strings are members so that no operation allocates.
    key_.clear();
    append_redis_key(
        key_, settings_.key_prefix, kind == RedisOperation::get ? read_kind_ : kind, operation.key);
    std::array<char, 16> digits{};
    char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), sequence).ptr;
    value_.assign(digits.data(), end);
    switch (kind) {
        case RedisOperation::set:
            if (value_.size() + 1 < settings_.value_bytes) {
                value_ += ':';
                value_.append(padding_, 0, settings_.value_bytes - value_.size());
            }
            return append_command(out, {"SET", key_, value_});
        case RedisOperation::get:
            return append_command(out, {"GET", key_});
        case RedisOperation::incr:
            return append_command(out, {"INCR", key_});
        case RedisOperation::append:
            value_ += ',';
            return append_command(out, {"APPEND", key_, value_});
    }
}

/// The first word of an error, which is its kind.
std::string_view code_of(std::string_view error) {
    return error.substr(0, error.find(' '));
}

/// What says that the operation was surely not executed, and may be elsewhere or later.
bool is_redirection(std::string_view code) {
    constexpr std::array<std::string_view, 9> codes{"MOVED",
                                                    "ASK",
                                                    "READONLY",
                                                    "LOADING",
                                                    "MASTERDOWN",
                                                    "CLUSTERDOWN",
                                                    "TRYAGAIN",
                                                    "NOPRIMARY",
                                                    "NOTREADY"};
    return std::find(codes.begin(), codes.end(), code) != codes.end();
}

/// The place in "MOVED 3999 127.0.0.1:6381". Absent: there is none, or only a name, which could not
/// be looked up without waiting. Source: Redis cluster specification, "MOVED Redirection".
std::optional<SocketAddress> place_in(std::string_view error) {
    const std::size_t blank = error.rfind(' ');
    if (blank == std::string_view::npos) return std::nullopt;
    const std::string_view text = error.substr(blank + 1);
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    const std::string_view host = text.substr(0, colon);
    if (host.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [read, problem] = std::from_chars(text.data() + colon + 1, end, port);
    if (problem != std::errc() || read != end) return std::nullopt;
    const auto address = resolve(std::string(host), port);
    if (!address) return std::nullopt;
    return *address;
}

Reply RedisProtocol::refuse(const Operation& operation, std::string_view error, std::size_t bytes) {
    Reply reply{.bytes = bytes, .settlement = {Outcome::failed, Failure::error_reply}};
    // A server that cannot say whether it was done; Redis itself has no such reply.
    if (code_of(error) == "UNKNOWN") reply.settlement.outcome = Outcome::unknown;
    if (settings_.redirects && is_redirection(code_of(error))) {
        reply.again = reply.last = true;
        const auto place = code_of(error) == "MOVED" ? place_in(error) : std::nullopt;
        const bool known = place && following_ && following_->hint(*place, operation.endpoint);
        reply.search = !known;
        return reply;
    }
    if (!settings_.follow) return reply;
    // These say "not me": a client that follows the primary goes and looks for it.
    for (const std::string_view code : {"READONLY", "LOADING", "MASTERDOWN"}) {
        if (error.starts_with(code)) reply.last = reply.search = true;
    }
    return reply;
}

Reply RedisProtocol::parse(const Operation& operation,
                           std::uint32_t,
                           std::string_view input,
                           bool) {
    const RespParse parsed = parse_resp(input);
    switch (parsed.state) {
        case RespParse::State::incomplete:
            return {};
        case RespParse::State::broken:
            return {.bytes = input.size(),
                    .settlement = {Outcome::unknown, Failure::unexpected},
                    .last = true};
        case RespParse::State::complete:
            break;
    }
    if (parsed.value.type == RespValue::Type::error)
        return refuse(operation, parsed.value.text, parsed.bytes);
    return {.bytes = parsed.bytes,
            .settlement = judge_reply(static_cast<RedisOperation>(operation.kind), parsed.value)};
}

WriteCheck RedisProtocol::check_writes(const OperationLog& log, Instant deadline) {
    WriteCheck check;
    if (settings_.one_place) {
        const auto find = [this](Instant until) {
            return settings_.follow ? find_in_role(search_, until) : spread_->destination(0);
        };
        check = check_redis_writes(log, settings_.key_prefix, find, deadline);
    } else {
        check.note =
            "the writes went to several instances at once (follow is \"none\" and "
            "`to` means more than one), so there is no one place to read them from";
    }
    check_reads(log, check);
    return check;
}

/// Lists are not checked: the reply to a GET of one says only how it begins.
void RedisProtocol::check_reads(const OperationLog& log, WriteCheck& check) const {
    if (read_kind_ == RedisOperation::append) return;
    const ReadModel model{.write_kind = static_cast<std::uint8_t>(read_kind_),
                          .read_kind = static_cast<std::uint8_t>(RedisOperation::get),
                          .counters = read_kind_ == RedisOperation::incr};
    find_stale_reads(log, model).report(check, [this](std::uint32_t key) {
        return redis_key(settings_.key_prefix, read_kind_, key);
    });
}

template <class T>
T value_or(const LoadSpec& spec, const std::string& name, T fallback) {
    return spec.parameters.find<T>(name).value_or(std::move(fallback));
}

Result<std::array<double, 4>> shares_of(const LoadSpec& spec) {
    const auto weights =
        value_or<std::map<std::string, double>>(spec, "operations", {{"set", 0.5}, {"get", 0.5}});
    std::array<double, 4> shares{};
    double total = 0;
    for (const auto& [name, weight] : weights)
        total += weight;
    if (total <= 0) return fail("load: the weights in \"operations\" add up to nothing");
    const std::array<std::string, 4> names{"set", "get", "incr", "append"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (const auto found = weights.find(names[i]); found != weights.end()) {
            shares[i] = found->second / total;
        }
    }
    return shares;
}

}  // namespace

Result<std::unique_ptr<Protocol>> make_redis(const LoadSpec& spec, const LoadTargets& targets) {
    const auto follow = value_or<std::string>(spec, "follow", "direct");
    RedisSettings settings;
    FL_TRY(settings.shares, shares_of(spec));
    settings.keys = static_cast<std::uint32_t>(value_or<std::int64_t>(spec, "keys", 0));
    settings.key_prefix = value_or<std::string>(spec, "key_prefix", "faultline:");
    settings.value_bytes =
        static_cast<std::size_t>(value_or<std::int64_t>(spec, "value_bytes", 16));
    settings.pipeline = static_cast<int>(value_or<std::int64_t>(spec, "pipeline", 1000));
    settings.redirects = value_or<bool>(spec, "redirects", false);
    settings.timeout_drops = value_or<std::string>(spec, "on_timeout", "reconnect") == "reconnect";
    settings.follow = follow == "sentinel" || (follow == "direct" && spec.to.role);
    settings.one_place = settings.follow || spec.to.role || targets.endpoints.size() == 1;

    RedisSearch search;
    FL_TRY(search.endpoints, resolve_all(targets.endpoints));
    for (std::size_t i = 0; i < targets.endpoints.size(); ++i) {
        for (const auto& [host, port] : targets.endpoints[i].also) {
            FL_TRY(const SocketAddress address, resolve(host, port));
            search.aliases.push_back({address, i});
        }
    }
    if (follow == "sentinel") {
        if (targets.sentinels.empty()) {
            return fail(
                "load: \"follow\": \"sentinel\" needs \"sentinel\": the name of the target "
                "whose instances are the sentinels");
        }
        FL_TRY(search.sentinels, resolve_all(targets.sentinels));
    }
    search.master_name = value_or<std::string>(spec, "master", "mymaster");
    search.role = value_or<std::string>(spec, "role", "master");
    search.pause_first = spec.reconnect_first;
    search.pause_max = spec.reconnect_max;
    search.answer_max = spec.timeout;

    FL_TRY(auto spread, SpreadRoute::make(targets));
    return std::make_unique<RedisProtocol>(
        std::move(settings), std::move(search), std::move(spread));
}

Kind redis_kind() {
    constexpr double u32_max = std::numeric_limits<std::uint32_t>::max();
    Kind kind{.name = "redis",
              .about =
                  "Redis protocol (RESP2): pipelined SET, GET, INCR, APPEND with unique values, "
                  "read back at the end to count lost writes"};
    kind.checks_writes = true;
    kind.parameters = {
        {.name = "operations",
         .type = ParameterType::weights,
         .help = "how often each operation is drawn",
         .default_value = R"({"set": 0.5, "get": 0.5})",
         .choices = {"set", "get", "incr", "append"}},
        {.name = "keys",
         .type = ParameterType::integer,
         .help =
             "how many keys; 0: a new key for each write, so that every acknowledged write can be "
             "checked; else only the last SET of each key can (every APPEND always can)",
         .default_value = "0",
         .minimum = 0,
         .maximum = u32_max},
        {.name = "key_prefix",
         .type = ParameterType::text,
         .help = "what every key starts with",
         .default_value = "faultline:"},
        {.name = "value_bytes",
         .type = ParameterType::bytes,
         .help = "SET pads its unique value to this length",
         .default_value = "16B",
         .minimum = 0,
         .maximum = 1 << 20},
        {.name = "follow",
         .type = ParameterType::choice,
         .help =
             "where connections go: direct asks every instance for its ROLE (when `to` names a "
             "role; else connections are spread over `to`), sentinel asks the sentinels for the "
             "address and verifies it by ROLE, none spreads",
         .default_value = "direct",
         .choices = {"direct", "sentinel", "none"}},
        {.name = "role",
         .type = ParameterType::choice,
         .help = "the first word of ROLE that direct and sentinel look for",
         .default_value = "master",
         .choices = {"master", "slave"}},
        {.name = "sentinel",
         .type = ParameterType::target,
         .help = "the target whose instances are the sentinels, for follow: sentinel"},
        {.name = "master",
         .type = ParameterType::text,
         .help = "what the sentinels call the group",
         .default_value = "mymaster"},
        {.name = "on_timeout",
         .type = ParameterType::choice,
         .help =
             "reconnect: a timeout ends the connection and the primary is looked for again; keep: "
             "the connection stays, as stale clients do that lose writes",
         .default_value = "reconnect",
         .choices = {"reconnect", "keep"}},
        {.name = "pipeline",
         .type = ParameterType::integer,
         .help = "requests in flight on one connection at most; 1: unpipelined",
         .default_value = "1000",
         .minimum = 1,
         .maximum = 1000000},
        {.name = "redirects",
         .type = ParameterType::boolean,
         .help =
             "whether an operation that was surely not executed (MOVED, ASK, READONLY, LOADING, "
             "MASTERDOWN, CLUSTERDOWN, TRYAGAIN, NOPRIMARY, NOTREADY, or nothing could be sent) is "
             "sent again within its timeout, as cluster clients do; its latency still counts from "
             "the intended start",
         .default_value = "false"},
    };
    return kind;
}

}  // namespace faultline
