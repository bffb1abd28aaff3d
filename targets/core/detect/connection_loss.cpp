// SPDX-License-Identifier: Apache-2.0
#include "targets/core/detect/connection_loss.hpp"

namespace ftcore {

void ConnectionLossDetector::lost(Instant /*now*/) {
    trust_ = Trust::suspected;
}

void ConnectionLossDetector::arrived(Instant /*now*/,
                                     std::uint64_t /*sequence*/,
                                     Duration /*interval*/) {
    trust_ = Trust::trusted;
}

Assessment ConnectionLossDetector::assess(Instant /*now*/) const {
    return {trust_, trust_ == Trust::suspected ? 1.0 : 0.0};
}

void ConnectionLossDetector::reset(Instant /*now*/) {
    trust_ = Trust::unknown;
}

}  // namespace ftcore
