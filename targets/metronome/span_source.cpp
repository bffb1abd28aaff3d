// SPDX-License-Identifier: Apache-2.0
#include "targets/metronome/span_source.hpp"

#include <fmt/format.h>

#include "harness/base/units.hpp"

namespace metronome {

using faultline::Duration;

faultline::Result<SpanSource> SpanSource::parse(std::string_view text) {
    SpanSource source;
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
        FL_TRY(source.first_, faultline::parse_duration(text));
        return source;
    }
    const std::string_view shape = text.substr(0, colon);
    const std::string_view spans = text.substr(colon + 1);
    if (shape == "exponential") {
        source.shape_ = Shape::exponential;
        FL_TRY(source.first_, faultline::parse_duration(spans));
        return source;
    }
    const std::size_t dots = spans.find("..");
    if (shape != "uniform" || dots == std::string_view::npos) {
        return faultline::fail(
            fmt::format("\"{}\" is not a span; write \"300ms\", \"uniform:200ms..400ms\" or "
                        "\"exponential:300ms\"",
                        text),
            faultline::ErrorCode::invalid);
    }
    source.shape_ = Shape::uniform;
    FL_TRY(source.first_, faultline::parse_duration(spans.substr(0, dots)));
    FL_TRY(source.second_, faultline::parse_duration(spans.substr(dots + 2)));
    if (source.first_ > source.second_) {
        return faultline::fail(fmt::format("\"{}\": the lower end is above the upper end", text),
                               faultline::ErrorCode::invalid);
    }
    return source;
}

Duration SpanSource::draw(faultline::Random& random) const {
    switch (shape_) {
        case Shape::fixed:
            return first_;
        case Shape::uniform:
            return first_ +
                   Duration(static_cast<std::int64_t>(
                       random.uniform() * static_cast<double>((second_ - first_).count())));
        case Shape::exponential:
            return Duration(
                static_cast<std::int64_t>(random.exponential(static_cast<double>(first_.count()))));
    }
    return first_;
}

}  // namespace metronome
