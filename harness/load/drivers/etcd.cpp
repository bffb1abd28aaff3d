// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <map>

#include "harness/base/base64.hpp"
#include "harness/load/drivers/drivers.hpp"
#include "harness/load/drivers/etcd_check.hpp"
#include "harness/load/drivers/http_reply.hpp"
#include "harness/load/drivers/redis_writes.hpp"

namespace faultline {
namespace {

// Values and keys are those of the redis driver, so that both are judged by the same rules.
constexpr auto put = static_cast<std::uint8_t>(RedisOperation::set);
constexpr auto get = static_cast<std::uint8_t>(RedisOperation::get);

struct EtcdSettings {
    double put_share = 0.5;
    std::uint32_t keys = 0;  // 0: a new key for each put
    std::string key_prefix;
    std::size_t value_bytes = 0;
    bool linearizable = true;
};

/// The text after `"name":"` up to the next quote. Empty: there is none.
std::optional<std::string_view> text_field(std::string_view json, std::string_view name) {
    const std::string opening = '"' + std::string(name) + "\":\"";
    const std::size_t begin = json.find(opening);
    if (begin == std::string_view::npos) return std::nullopt;
    const std::string_view rest = json.substr(begin + opening.size());
    const std::size_t end = rest.find('"');
    if (end == std::string_view::npos) return std::nullopt;
    return rest.substr(0, end);
}

/// One request at a time on a kept-alive connection to etcd's JSON gateway.
/// Source: https://etcd.io/docs/v3.4/dev-guide/api_grpc_gateway
class EtcdProtocol final : public Protocol {
  public:
    EtcdProtocol(EtcdSettings settings,
                 std::unique_ptr<Route> route,
                 std::vector<SocketAddress> members)
        : settings_(std::move(settings)), route_(std::move(route)), members_(std::move(members)) {}

    [[nodiscard]] const std::vector<std::string>& operation_kinds() const override {
        static const std::vector<std::string> kinds{"put", "get"};
        return kinds;
    }
    [[nodiscard]] ProtocolTraits traits() const override { return {}; }
    [[nodiscard]] Route& route() override { return *route_; }

    void draw(Operation& operation, std::uint32_t, Random& random) override {
        operation.kind = random.uniform() < settings_.put_share ? put : get;
        if (settings_.keys > 0) {
            operation.key = static_cast<std::uint32_t>(random.below(settings_.keys));
        } else if (operation.kind == put) {
            operation.key = new_keys_++;
        } else if (new_keys_ > 0) {
            operation.key = static_cast<std::uint32_t>(random.below(new_keys_));
        }
    }

    void encode(const Operation& operation, std::uint32_t sequence, std::string& out) override {
        body_ = R"({"key":")";
        append_base64(body_, redis_key(settings_.key_prefix, RedisOperation::set, operation.key));
        body_ += '"';
        if (operation.kind == put) {
            body_ += R"(,"value":")";
            append_base64(body_, value_of(sequence));
            body_ += '"';
        } else if (!settings_.linearizable) {
            body_ += R"(,"serializable":true)";
        }
        body_ += '}';
        out += operation.kind == put ? "POST /v3/kv/put" : "POST /v3/kv/range";
        out += " HTTP/1.1\r\nHost: etcd\r\nContent-Length: " + std::to_string(body_.size());
        out += "\r\n\r\n" + body_;
    }

    [[nodiscard]] Reply parse(const Operation& operation,
                              std::uint32_t,
                              std::string_view input,
                              bool ended) override {
        const HttpParse parsed = parse_http(input, /*head_request=*/false, ended);
        switch (parsed.state) {
            case HttpParse::State::incomplete:
                return {};
            case HttpParse::State::broken:
                return {.bytes = input.size(),
                        .settlement = {Outcome::unknown, Failure::unexpected},
                        .last = true};
            case HttpParse::State::complete:
                break;
        }
        Reply reply{.bytes = parsed.bytes, .last = !parsed.keep_alive};
        if (parsed.status == 200) {
            if (operation.kind == get) reply.settlement.version = version_in(input, parsed.bytes);
            return reply;
        }
        reply.settlement.failure = Failure::error_reply;
        // A member that lost its leader on the way cannot say whether the put was done.
        const bool maybe_done = operation.kind == put && parsed.status >= 500;
        reply.settlement.outcome = maybe_done ? Outcome::unknown : Outcome::failed;
        reply.last = true;  // another member may know better
        return reply;
    }

    [[nodiscard]] WriteCheck check_writes(const OperationLog& log, Instant deadline) override {
        WriteCheck check = check_etcd_writes(log, settings_.key_prefix, members_, deadline);
        const ReadModel model{.write_kind = put, .read_kind = get};
        find_stale_reads(log, model).report(check, [this](std::uint32_t key) {
            return redis_key(settings_.key_prefix, RedisOperation::set, key);
        });
        return check;
    }

  private:
    [[nodiscard]] std::string value_of(std::uint32_t sequence) const {
        std::string value = std::to_string(sequence);
        if (value.size() + 1 < settings_.value_bytes) {
            value += ':';
            value.append(settings_.value_bytes - value.size(), 'x');
        }
        return value;
    }

    /// The sequence number of the value that was read, plus one; 0: there was no value.
    [[nodiscard]] static std::uint32_t version_in(std::string_view input, std::size_t bytes) {
        const auto value = text_field(input.substr(0, bytes), "value");
        if (!value) return 0;
        return version_read(decode_base64(*value).value_or(""));
    }

    const EtcdSettings settings_;
    std::unique_ptr<Route> route_;
    const std::vector<SocketAddress> members_;
    std::uint32_t new_keys_ = 0;
    std::string body_;
};

}  // namespace

Result<std::unique_ptr<Protocol>> make_etcd(const LoadSpec& spec, const LoadTargets& targets) {
    using Weights = std::map<std::string, double>;
    EtcdSettings settings;
    const auto weights =
        spec.parameters.find<Weights>("operations").value_or(Weights{{"put", 0.5}, {"get", 0.5}});
    const auto weight = [&](const char* name) {
        const auto found = weights.find(name);
        return found == weights.end() ? 0.0 : found->second;
    };
    const double total = weight("put") + weight("get");
    if (total <= 0) return fail("load: the weights in \"operations\" add up to nothing");
    settings.put_share = weight("put") / total;
    settings.keys =
        static_cast<std::uint32_t>(spec.parameters.find<std::int64_t>("keys").value_or(0));
    settings.key_prefix = spec.parameters.find<std::string>("key_prefix").value_or("faultline:");
    if (settings.key_prefix.empty()) return fail("load: \"key_prefix\" cannot be empty");
    settings.value_bytes =
        static_cast<std::size_t>(spec.parameters.find<std::int64_t>("value_bytes").value_or(16));
    settings.linearizable =
        spec.parameters.find<std::string>("reads").value_or("linearizable") == "linearizable";
    FL_TRY(auto members, resolve_all(targets.endpoints));
    std::unique_ptr<Route> route;
    if (spec.to.role || spec.to.any) {
        FL_TRY(route, SpreadRoute::make(targets));
    } else {
        FL_TRY(route, RotatingRoute::make(targets.endpoints));
    }
    return std::make_unique<EtcdProtocol>(
        std::move(settings), std::move(route), std::move(members));
}

Kind etcd_kind() {
    constexpr double u32_max = std::numeric_limits<std::uint32_t>::max();
    Kind kind{.name = "etcd",
              .about =
                  "etcd's JSON gateway (v3): puts with unique values and gets; a connection "
                  "that fails goes on to the next member; read back at the end to count lost "
                  "writes"};
    kind.checks_writes = true;
    kind.parameters = {
        {.name = "operations",
         .type = ParameterType::weights,
         .help = "how often each operation is drawn",
         .default_value = R"({"put": 0.5, "get": 0.5})",
         .choices = {"put", "get"}},
        {.name = "keys",
         .type = ParameterType::integer,
         .help = "how many keys; 0: a new key for each put, so that every acknowledged put can be "
                 "checked; else only the last of each key can",
         .default_value = "0",
         .minimum = 0,
         .maximum = u32_max},
        {.name = "key_prefix",
         .type = ParameterType::text,
         .help = "what every key starts with",
         .default_value = "faultline:"},
        {.name = "value_bytes",
         .type = ParameterType::bytes,
         .help = "a put pads its unique value to this length",
         .default_value = "16B",
         .minimum = 0,
         .maximum = 1 << 20},
        {.name = "reads",
         .type = ParameterType::choice,
         .help = "linearizable reads need a leader; serializable ones are answered by any member "
                 "and may be stale",
         .default_value = "linearizable",
         .choices = {"linearizable", "serializable"}},
    };
    return kind;
}

}  // namespace faultline
