// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/secret_values.hpp"

#include <fmt/format.h>

namespace faultline {

std::vector<std::string> secret_values(const std::string& name, const SecretPlaces& places) {
    std::vector<std::string> values;
    if (const auto variable = places.environment.find(name); variable != places.environment.end())
        values.push_back(variable->second);
    if (!name.starts_with('-')) return values;
    for (std::size_t index = 0; index < places.command.size(); ++index) {
        const std::string& word = places.command[index];
        if (word.starts_with(name + "=")) values.push_back(word.substr(name.size() + 1));
        if (word == name && index + 1 < places.command.size())
            values.push_back(places.command[index + 1]);
    }
    return values;
}

Result<> check_secret(const std::string& name, std::string_view value) {
    if (value.empty() || value.size() >= Secrets::length_min) return {};
    return fail(fmt::format("the secret {} has a value of {} characters: one that short cannot be "
                            "told from other text; use {} or more",
                            name,
                            value.size(),
                            Secrets::length_min),
                ErrorCode::invalid);
}

Result<> add_secret_values(Secrets& secrets,
                           const std::vector<std::string>& names,
                           const SecretPlaces& places) {
    for (const std::string& name : names) {
        for (const std::string& value : secret_values(name, places)) {
            FL_TRY_VOID(check_secret(name, value));
            secrets.add(value);
        }
    }
    return {};
}

}  // namespace faultline
