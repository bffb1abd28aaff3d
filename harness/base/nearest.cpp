// SPDX-License-Identifier: Apache-2.0
#include "harness/base/nearest.hpp"

#include <algorithm>
#include <vector>

namespace faultline {
namespace {

constexpr std::size_t listed_max = 12;

std::size_t edit_distance(std::string_view a, std::string_view b) {
    const std::size_t width = b.size() + 1;
    std::vector<std::size_t> cell((a.size() + 1) * width);
    for (std::size_t j = 0; j < width; ++j)
        cell[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        cell[i * width] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            std::size_t best = std::min({cell[(i - 1) * width + j] + 1,
                                         cell[i * width + j - 1] + 1,
                                         cell[(i - 1) * width + j - 1] + cost});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                best = std::min(best, cell[(i - 2) * width + j - 2] + 1);
            }
            cell[i * width + j] = best;
        }
    }
    return cell.back();
}

}  // namespace

std::string nearest_name(std::string_view name, std::span<const std::string> candidates) {
    std::string best;
    std::size_t best_distance = std::max<std::size_t>(1, (name.size() + 2) / 3) + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(name, candidate);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

std::string suggestion(std::string_view name, std::span<const std::string> candidates) {
    if (const std::string near = nearest_name(name, candidates); !near.empty()) {
        return "; did you mean \"" + near + "\"?";
    }
    if (candidates.empty()) return "; none is defined";
    std::string list;
    for (std::size_t i = 0; i < std::min(candidates.size(), listed_max); ++i) {
        list += (list.empty() ? "; known: " : ", ") + candidates[i];
    }
    return candidates.size() > listed_max ? list + ", ..." : list;
}

}  // namespace faultline
