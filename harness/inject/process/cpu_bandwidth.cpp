// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/process/cpu_bandwidth.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace faultline {
namespace {

constexpr std::int64_t period_us = 100'000;
constexpr std::int64_t quota_us_min = 1'000;  // the kernel refuses less

std::string without_newline(std::string text) {
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

Result<> write_limit(int fd, const std::filesystem::path& path, const std::string& limit) {
    if (::pwrite(fd, limit.data(), limit.size(), 0) != std::ssize(limit)) {
        const int error = errno;
        return fail_errno("writing \"" + limit + "\" to " + path.string(), error);
    }
    return {};
}

}  // namespace

Result<CpuBandwidth> CpuBandwidth::open(const std::filesystem::path& cgroup, double share) {
    CpuBandwidth bandwidth;
    bandwidth.path_ = cgroup / "cpu.max";
    FL_TRY(const std::string before, read_file(bandwidth.path_));
    bandwidth.before_ = without_newline(before);
    bandwidth.control_.reset(::open(bandwidth.path_.c_str(), O_WRONLY | O_CLOEXEC));
    if (!bandwidth.control_) return fail_errno("opening " + bandwidth.path_.string(), errno);
    const auto quota = static_cast<std::int64_t>(share * static_cast<double>(period_us));
    bandwidth.limit_ =
        std::to_string(std::max(quota, quota_us_min)) + " " + std::to_string(period_us);
    return bandwidth;
}

Result<> CpuBandwidth::apply() const {
    return write_limit(control_.get(), path_, limit_);
}

Result<> CpuBandwidth::clear() const {
    auto written = write_limit(control_.get(), path_, before_);
    std::error_code error;
    // A cgroup that is gone throttles nobody.
    if (!written && !std::filesystem::exists(path_, error)) return {};
    return written;
}

bool CpuBandwidth::in_place() const {
    const auto content = read_file(path_);
    return content && without_newline(*content) == limit_;
}

Undo CpuBandwidth::undo() const {
    return {.kind = Undo::Kind::write_file, .path = path_, .content = before_};
}

}  // namespace faultline
