// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/integrity.hpp"

namespace ftcore {

bool IntegrityDetector::found(Instant now, const std::string& where) {
    ++count_;
    const bool full = places_.size() >= places_max && !places_.contains(where);
    const auto [place, is_new] = places_.try_emplace(full ? "elsewhere" : where, now);
    if (is_new) return true;
    if (now - place->second < repeat_after_) return false;
    place->second = now;
    return true;
}

}  // namespace ftcore
