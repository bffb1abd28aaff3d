// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "targets/core/errors/error_code.hpp"
#include "targets/core/runtime/node.hpp"

namespace kvnode {

/// How a node tells clients that another one is the primary.
enum class Redirect : std::uint8_t {
    readonly,  // "-READONLY ...": what clients of Sentinel and plain replicas understand
    moved      // "-MOVED slot host:port": what clients of Redis Cluster follow
};

/// The slot of Redis Cluster. Source: https://redis.io/docs/reference/cluster-spec (CRC16, hash
/// tags)
[[nodiscard]] unsigned key_slot(std::string_view key);

/// The reply for a command that was refused with `code`; `primary` may be null.
[[nodiscard]] std::string refusal(ftcore::ErrorCode code,
                                  const ftcore::NodeAddress* primary,
                                  Redirect redirect,
                                  std::string_view key);

}  // namespace kvnode
