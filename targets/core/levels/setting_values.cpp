// SPDX-License-Identifier: Apache-2.0
#include "targets/core/levels/setting_values.hpp"

#include <cstdio>

#include "harness/base/check.hpp"

namespace ftcore {

std::string SettingValues::place_of(const std::string& name, std::size_t index) const {
    const auto found = values_.find(name);
    if (found == values_.end() || index >= found->second.size()) return "setting " + name;
    return found->second[index].place;
}

const std::vector<SettingValues::Placed>& SettingValues::at(const std::string& name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) {
        std::fprintf(stderr, "setting \"%s\" is absent\n", name.c_str());
        faultline::check_failed("the setting is required or has a default");
    }
    return found->second;
}

void SettingValues::wrong_type(const std::string& name) {
    std::fprintf(stderr, "setting \"%s\" has another type\n", name.c_str());
    faultline::check_failed("the setting is read with the type of its table");
}

}  // namespace ftcore
