// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/inject/link/effect.hpp"
#include "harness/scenario/parameter.hpp"

namespace faultline::link {

/// The ways a toxic works on, in the API's words.
enum class Stream : std::uint8_t {
    upstream,
    downstream,
    both,  // only for our own types
};
[[nodiscard]] std::string_view name_of(Stream stream);

/// A type of toxic: one of the eight that every client knows, or one of our own kinds of link
/// faults ("link.corrupt") with the parameters it has in scenarios.
struct ToxicType {
    std::string name;
    ParameterTable attributes{};
    bool own = false;
    /// False: it works on the connection as a whole, and there is no stream to choose.
    bool directed = true;
    /// Of our own: "probability" says for which connections, which is what the toxicity is here.
    bool draws_connections = true;
    /// Errors: attributes that contradict each other.
    std::function<Result<std::shared_ptr<Effect>>(const Parameters& attributes, Stream stream)>
        make;

    [[nodiscard]] Stream default_stream() const { return own ? Stream::both : Stream::downstream; }
};

/// The eight first, as documented, then our own, sorted by name.
[[nodiscard]] const std::vector<ToxicType>& toxic_types();
/// Null: there is none.
[[nodiscard]] const ToxicType* find_toxic_type(std::string_view name);
[[nodiscard]] std::vector<std::string> toxic_type_names();

}  // namespace faultline::link
