// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/toxic_type.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "harness/inject/link/kinds/bandwidth.hpp"
#include "harness/inject/link/kinds/latency.hpp"
#include "harness/inject/link/kinds/limit.hpp"
#include "harness/inject/link/kinds/noop.hpp"
#include "harness/inject/link/kinds/reset_peer.hpp"
#include "harness/inject/link/kinds/slice.hpp"
#include "harness/inject/link/kinds/slow_close.hpp"
#include "harness/inject/link/kinds/stall.hpp"
#include "harness/inject/link/kinds/timeout.hpp"
#include "harness/inject/link/link_kind.hpp"

namespace faultline::link {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::uint64_t kilobyte = 1000;  // of "rate"

Ways ways_of(Stream stream) {
    return {.up = stream != Stream::downstream, .down = stream != Stream::upstream};
}

struct Range {
    double minimum;
    double maximum;
};
constexpr Range milliseconds_range{0, double(duration_cast<milliseconds>(delay_max).count())};
constexpr Range microseconds_range{0, double(duration_cast<microseconds>(delay_max).count())};

Parameter whole_number(std::string name, std::string help, Range range) {
    return {.name = std::move(name),
            .type = ParameterType::integer,
            .help = std::move(help),
            .default_value = "0",
            .minimum = range.minimum,
            .maximum = range.maximum};
}

std::int64_t count_of(const Parameters& attributes, const std::string& name) {
    return attributes.get<std::int64_t>(name);
}
std::uint64_t bytes_of(const Parameters& attributes, const std::string& name) {
    return static_cast<std::uint64_t>(count_of(attributes, name));  // the table allows no negative
}

ToxicType latency() {
    return {.name = "latency",
            .attributes = {whole_number("latency", "Milliseconds", milliseconds_range),
                           whole_number("jitter", "Milliseconds more or less", milliseconds_range)},
            .make = [](const Parameters& attributes, Stream stream) {
                const DelaySpec delay{.shape = DelayShape::uniform,
                                      .delay = milliseconds(count_of(attributes, "latency")),
                                      .spread = milliseconds(count_of(attributes, "jitter"))};
                return make_latency({.delay = delay, .ways = ways_of(stream)});
            }};
}

ToxicType bandwidth() {
    constexpr Range range{0, double(rate_max / kilobyte)};
    return {.name = "bandwidth",
            .attributes = {whole_number(
                "rate", "Kilobytes (1000 bytes) per second; 0: nothing passes for now", range)},
            .make = [](const Parameters& attributes, Stream stream) {
                const std::uint64_t rate = bytes_of(attributes, "rate") * kilobyte;
                // Clients use rate 0 to cut a link that shall go on when the toxic is removed.
                if (rate == 0)
                    return Result<std::shared_ptr<Effect>>(
                        make_stall({.silent = false, .ways = ways_of(stream)}));
                return make_bandwidth({.rate = rate, .ways = ways_of(stream)});
            }};
}

ToxicType slow_close() {
    return {
        .name = "slow_close",
        .attributes = {whole_number("delay", "Milliseconds before the end", milliseconds_range)},
        .make = [](const Parameters& attributes, Stream stream) {
            return make_slow_close(
                {.delay = milliseconds(count_of(attributes, "delay")), .ways = ways_of(stream)});
        }};
}

ToxicType timeout() {
    return {
        .name = "timeout",
        .attributes = {whole_number(
            "timeout", "Milliseconds until the close; 0: when it is removed", milliseconds_range)},
        .make = [](const Parameters& attributes, Stream stream) {
            return make_timeout({.timeout = milliseconds(count_of(attributes, "timeout")),
                                 .ways = ways_of(stream)});
        }};
}

ToxicType reset_peer() {
    return {
        .name = "reset_peer",
        .attributes = {whole_number("timeout", "Milliseconds until the reset", milliseconds_range)},
        .make = [](const Parameters& attributes, Stream stream) {
            return make_reset_peer({.timeout = milliseconds(count_of(attributes, "timeout")),
                                    .ways = ways_of(stream)});
        }};
}

Result<std::shared_ptr<Effect>> make_slicer(const Parameters& attributes, Stream stream) {
    const std::uint64_t average = bytes_of(attributes, "average_size");
    const std::uint64_t variation = bytes_of(attributes, "size_variation");
    if (variation > average)
        return fail(
            fmt::format("\"size_variation\" is {}, with this \"average_size\" it can be 0 to {}",
                        variation,
                        average),
            ErrorCode::invalid);
    // As much variation as the average is fine with the clients' own server; no slice is empty.
    return make_slice({.average = average,
                       .variation = std::min(variation, average - 1),
                       .delay = microseconds(count_of(attributes, "delay")),
                       .ways = ways_of(stream)});
}

ToxicType slicer() {
    Parameter average_size =
        whole_number("average_size", "Bytes of a slice", {1, double(slice_max)});
    average_size.default_value.clear();
    average_size.required = true;
    return {.name = "slicer",
            .attributes = {std::move(average_size),
                           whole_number("size_variation",
                                        "Bytes more or less; at most average_size",
                                        {0, double(slice_max)}),
                           whole_number(
                               "delay", "Microseconds between two slices", microseconds_range)},
            .make = make_slicer};
}

ToxicType limit_data() {
    return {
        .name = "limit_data",
        .attributes = {whole_number("bytes", "Bytes until the close", {0, double(limit_max)})},
        .make = [](const Parameters& attributes, Stream stream) {
            return make_limit({.bytes = bytes_of(attributes, "bytes"), .ways = ways_of(stream)});
        }};
}

ToxicType noop() {
    return {.name = "noop", .make = [](const Parameters&, Stream) {
                return Result<std::shared_ptr<Effect>>(make_noop());
            }};
}

/// One of our own kinds: the API says the direction as "stream" and for which connections it is as
/// "toxicity".
ToxicType own_type(const LinkKind& kind) {
    ToxicType type{.name = kind.kind.name,
                   .own = true,
                   .directed = false,
                   .draws_connections = kind.draws_connections};
    for (const Parameter& parameter : kind.kind.parameters) {
        if (parameter.name == direction_parameter().name) {
            type.directed = true;
        } else if (!kind.draws_connections || parameter.name != probability_parameter().name) {
            type.attributes.push_back(parameter);
        }
    }
    type.make =
        [make = kind.make, directed = type.directed, draws_connections = type.draws_connections](
            const Parameters& attributes, Stream stream) {
            Parameters parameters = attributes;
            if (directed) parameters.set(direction_parameter().name, std::string(name_of(stream)));
            if (draws_connections) parameters.set(probability_parameter().name, 1.0);
            return make(parameters);
        };
    return type;
}

std::vector<ToxicType> all_types() {
    std::vector<ToxicType> types{latency(),
                                 bandwidth(),
                                 slow_close(),
                                 timeout(),
                                 reset_peer(),
                                 slicer(),
                                 limit_data(),
                                 noop()};
    for (const LinkKind& kind : link_kinds())
        types.push_back(own_type(kind));
    return types;
}

}  // namespace

std::string_view name_of(Stream stream) {
    switch (stream) {
        case Stream::upstream:
            return "upstream";
        case Stream::downstream:
            return "downstream";
        case Stream::both:
            return "both";
    }
    return "";
}

const std::vector<ToxicType>& toxic_types() {
    static const std::vector<ToxicType> types = all_types();
    return types;
}

const ToxicType* find_toxic_type(std::string_view name) {
    const auto& types = toxic_types();
    const auto found = std::find_if(
        types.begin(), types.end(), [&](const ToxicType& type) { return type.name == name; });
    return found == types.end() ? nullptr : &*found;
}

std::vector<std::string> toxic_type_names() {
    std::vector<std::string> names;
    for (const ToxicType& type : toxic_types())
        names.push_back(type.name);
    return names;
}

}  // namespace faultline::link
