// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "targets/core/levels/settings_table.hpp"
#include "targets/core/runtime/node.hpp"
#include "targets/kvnode/service.hpp"

namespace kvnode {

/// Everything a kvnode can be told, checked.
struct Settings {
    ftcore::NodeSettings node{};
    ServiceSettings service{};
    std::optional<std::uint16_t> metrics_port{};
    ftcore::Duration drain = std::chrono::seconds(1);
};

[[nodiscard]] const ftcore::SettingTable& setting_table();

/// Decodes what was read and checks it as a whole; mistakes are added to `read`.
[[nodiscard]] Settings decode_settings(ftcore::SettingsRead& read);

}  // namespace kvnode
