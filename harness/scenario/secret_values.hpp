// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/secrets.hpp"

namespace faultline {

/// What an instance is started with, as far as secrets are concerned.
struct SecretPlaces {
    const std::vector<std::string>& command;
    const std::map<std::string, std::string>& environment;
};

/// The values that `name` has: of the environment variable of this name, or, for one that begins
/// with '-', of arguments "--name=VALUE" and "--name VALUE".
[[nodiscard]] std::vector<std::string> secret_values(const std::string& name,
                                                     const SecretPlaces& places);

/// Adds the values of all `names`, which have no templates any more.
/// Errors: `invalid` for one that is too short to be hidden.
[[nodiscard]] Result<> add_secret_values(Secrets& secrets,
                                         const std::vector<std::string>& names,
                                         const SecretPlaces& places);

/// Errors: `invalid` when `value`, of `name`, is too short to be hidden.
[[nodiscard]] Result<> check_secret(const std::string& name, std::string_view value);

}  // namespace faultline
