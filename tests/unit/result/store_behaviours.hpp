// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace faultline {

/// Something that is true of a store, whatever database it is in. `where` is an empty one.
struct StoreBehaviour {
    std::string name;
    std::function<void(const std::string& where)> check;
};
[[nodiscard]] const std::vector<StoreBehaviour>& store_behaviours();

/// Sends statements to a database as they are.
void send_statements(const std::string& where, const std::vector<std::string>& statements);

}  // namespace faultline
