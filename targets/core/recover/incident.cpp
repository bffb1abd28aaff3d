// SPDX-License-Identifier: Apache-2.0
#include "targets/core/recover/incident.hpp"

#include <fmt/format.h>

#include "harness/base/units.hpp"

namespace ftcore {
namespace {

std::string_view name_of(Incident::Phase phase) {
    switch (phase) {
        case Incident::Phase::repairing:
            return "being repaired";
        case Incident::Phase::verifying:
            return "repaired, being verified";
        case Incident::Phase::settled:
            return "settled, not over";
        case Incident::Phase::closed:
            return "over";
    }
    return "over";
}

}  // namespace

void Incident::note(Instant now, std::string text) {
    if (notes.size() == notes_max) notes.erase(notes.begin());
    notes.push_back(fmt::format("+{} {}", faultline::format_duration(now - began), text));
}

std::vector<std::string> describe(const Incident& incident,
                                  Instant started,
                                  const std::string& about) {
    std::vector<std::string> lines;
    lines.push_back(fmt::format("at {:.3f} s: {} {} ({}), {}",
                                faultline::seconds_of(incident.began - started),
                                about,
                                name_of(incident.diagnosis.cause),
                                name_of(incident.diagnosis.place),
                                name_of(incident.phase)));
    for (const std::string& sentence : incident.diagnosis.evidence)
        lines.push_back("  evidence: " + sentence);
    for (const std::string& note : incident.notes)
        lines.push_back("  " + note);
    return lines;
}

}  // namespace ftcore
