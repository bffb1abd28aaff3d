// SPDX-License-Identifier: Apache-2.0
#include "harness/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace faultline {

void check_failed(std::string_view condition, std::source_location where) {
    std::fprintf(stderr,
                 "faultline: internal error: %.*s does not hold at %s:%u\n",
                 static_cast<int>(condition.size()),
                 condition.data(),
                 where.file_name(),
                 static_cast<unsigned>(where.line()));
    std::abort();
}

}  // namespace faultline
