// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>
#include <utility>

#include "targets/core/guard/call.hpp"

namespace ftcore::guard {

/// Layers round a call, the first one outermost:
///
///   auto guarded = guard::compose(DeadlineLayer(clock, 2s),     // by when, over all attempts
///                                 RetryLayer(clock, {}, random),  // again, if it may be
///                                 BreakerLayer(clock, {}),      // not at all, if it is hopeless
///                                 BulkheadLayer(clock, {}));    // not too many at a time
///   auto reply = guarded([&](const CallContext& context) { return ask(server, context.deadline);
///   });
///
/// A layer is any callable `layer(context, next)` that answers what `next(context)` answers, a
/// CallResult. Order matters: a breaker inside a retry sees every attempt, outside it every call.
/// Thread: as its layers; those in layers.hpp may be used from many.
template <class... Layers>
class Guarded {
  public:
    explicit Guarded(Layers... layers) : layers_(std::move(layers)...) {}

    template <class Call>
    auto operator()(CallContext context, Call&& call) {
        return run<0>(context, call);
    }
    template <class Call>
    auto operator()(Call&& call) {
        return run<0>(CallContext{}, call);
    }

  private:
    template <std::size_t index, class Call>
    auto run(const CallContext& context, Call& call)
        -> std::invoke_result_t<Call&, const CallContext&> {
        if constexpr (index == sizeof...(Layers)) {
            return call(context);
        } else {
            return std::get<index>(layers_)(
                context, [&](const CallContext& inner) { return run<index + 1>(inner, call); });
        }
    }

    std::tuple<Layers...> layers_;
};

template <class... Layers>
[[nodiscard]] Guarded<std::decay_t<Layers>...> compose(Layers&&... layers) {
    return Guarded<std::decay_t<Layers>...>(std::forward<Layers>(layers)...);
}

}  // namespace ftcore::guard
