// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "harness/load/address.hpp"
#include "harness/load/load.hpp"
#include "harness/timeline/operation.hpp"

namespace faultline {

/// Reads everything below `key_prefix` from the first member that answers, page by page and
/// linearizably, and judges every written key; see Load::check_writes.
[[nodiscard]] WriteCheck check_etcd_writes(const OperationLog& log,
                                           const std::string& key_prefix,
                                           const std::vector<SocketAddress>& members,
                                           Instant deadline);

}  // namespace faultline
