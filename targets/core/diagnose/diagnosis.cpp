// SPDX-License-Identifier: Apache-2.0
#include "targets/core/diagnose/diagnosis.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ftcore {

std::string_view name_of(Place place) {
    switch (place) {
        case Place::peer:
            return "peer";
        case Place::link:
            return "link";
        case Place::self:
            return "self";
        case Place::disk:
            return "disk";
    }
    return "peer";
}

std::string Diagnosis::evidence_text() const {
    return fmt::format("{}", fmt::join(evidence, "; "));
}

}  // namespace ftcore
