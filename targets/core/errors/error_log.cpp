// SPDX-License-Identifier: Apache-2.0
#include "targets/core/errors/error_log.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/base/check.hpp"
#include "harness/base/units.hpp"

namespace ftcore {

ErrorLog::ErrorLog(std::size_t recent_max)
    : recent_max_(recent_max), counts_(error_infos().size(), 0) {
    FL_CHECK_OP(>, recent_max, 0U);
}

void ErrorLog::record(Instant now, ErrorCode code, std::string_view detail) {
    ++counts_[error_position(code)];
    ++total_;
    detail = detail.substr(0, detail_bytes_max);
    if (recent_.size() < recent_max_) {
        recent_.push_back({now, code, std::string(detail)});
        return;
    }
    ErrorRecord& oldest = recent_[next_];
    oldest.at = now;
    oldest.code = code;
    oldest.detail.assign(detail);  // keeps the memory it has
    next_ = (next_ + 1) % recent_max_;
}

std::uint64_t ErrorLog::count(ErrorCode code) const {
    return counts_[error_position(code)];
}

std::vector<ErrorLog::Count> ErrorLog::counts() const {
    std::vector<Count> occurred;
    for (std::size_t position = 0; position < counts_.size(); ++position) {
        if (counts_[position] == 0) continue;
        occurred.push_back({error_infos()[position].code, counts_[position]});
    }
    return occurred;
}

std::vector<ErrorRecord> ErrorLog::recent(std::size_t max) const {
    std::vector<ErrorRecord> newest_first;
    const std::size_t size = recent_.size();
    for (std::size_t back = 1; back <= std::min(max, size); ++back) {
        newest_first.push_back(recent_[(next_ + size - back) % size]);
    }
    return newest_first;
}

std::vector<std::string> ErrorLog::lines(Instant now, std::size_t recent_max) const {
    std::vector<std::string> text;
    for (const Count& row : counts()) {
        const ErrorInfo& info = describe(row.code);
        text.push_back(fmt::format(
            "{} {} {}: {}", info.name, row.count, name_of(info.severity), info.message));
    }
    for (const ErrorRecord& record : recent(recent_max)) {
        text.push_back(fmt::format("{} ago {} {}",
                                   faultline::format_duration(now - record.at),
                                   describe(record.code).name,
                                   record.detail));
    }
    return text;
}

}  // namespace ftcore
