// SPDX-License-Identifier: Apache-2.0
#include "harness/base/result.hpp"

#include <cerrno>
#include <system_error>

namespace faultline {
namespace {

ErrorCode code_of(int errno_value) {
    switch (errno_value) {
        case ENOENT:
        case ESRCH:
            return ErrorCode::not_found;
        case EEXIST:
        case EADDRINUSE:
            return ErrorCode::exists;
        case EACCES:
        case EPERM:
        case EROFS:
            return ErrorCode::permission;
        case ENOSPC:
        case EDQUOT:
            return ErrorCode::no_space;
        case ETIMEDOUT:
            return ErrorCode::timeout;
        case ENOSYS:
        case EOPNOTSUPP:
            return ErrorCode::unsupported;
        case EINVAL:
            return ErrorCode::invalid;
        default:
            return ErrorCode::failed;
    }
}

}  // namespace

Error system_error(const std::string& doing, int errno_value) {
    return Error{code_of(errno_value), doing + ": " + std::generic_category().message(errno_value)};
}

}  // namespace faultline
