// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace faultline {

/// The version of this program, from the build system.
inline constexpr const char* faultline_version = FAULTLINE_VERSION;

}  // namespace faultline
