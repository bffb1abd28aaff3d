// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/code/control_file.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>

#include "harness/base/file.hpp"

namespace faultline {

Result<> ControlFile::create(const std::filesystem::path& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!fd) return fail_errno("creating " + path.string(), errno);
    constexpr auto bytes = FailpointControl::file_bytes(FailpointControl::slots_limit);
    // A hole: pages come into being for the points that there are.
    if (::ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0) {
        return fail_errno("sizing " + path.string(), errno);
    }
    FailpointControl head;
    head.begin(FailpointControl::slots_limit);
    if (::pwrite(fd.get(), &head, sizeof head, 0) != ssize_t{sizeof head}) {
        return fail_errno("writing " + path.string(), errno);
    }
    return {};
}

Result<ControlFile> ControlFile::open(const std::filesystem::path& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!fd) return fail_errno("opening " + path.string(), errno);
    const MappedFailpoints mapped = map_failpoints(fd.get());
    if (mapped.control == nullptr && errno == EPROTO) {
        return fail(path.string() + " is not a control file for fail points of this version",
                    ErrorCode::invalid);
    }
    if (mapped.control == nullptr) return fail_errno("mapping " + path.string(), errno);
    return ControlFile(mapped);
}

ControlFile::ControlFile(ControlFile&& other) noexcept
    : mapped_(std::exchange(other.mapped_, MappedFailpoints{})) {}

ControlFile& ControlFile::operator=(ControlFile&& other) noexcept {
    std::swap(mapped_, other.mapped_);
    return *this;
}

ControlFile::~ControlFile() {
    if (mapped_.control != nullptr) ::munmap(mapped_.control, mapped_.bytes);
}

bool ControlFile::attached() const {
    return mapped_.control->attached.load(std::memory_order_acquire) > 0;
}

std::vector<std::string> ControlFile::points() const {
    std::vector<std::string> names;
    const auto count = std::min(mapped_.control->slot_count.load(std::memory_order_acquire),
                                mapped_.control->slots_max);
    for (std::uint32_t index = 0; index < count; ++index) {
        const FailpointSlot& slot = mapped_.control->slots()[index];
        names.emplace_back(slot.name, ::strnlen(slot.name, sizeof slot.name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

FailpointSlot* ControlFile::find(const std::string& point) const {
    return find_slot(*mapped_.control, point);
}

}  // namespace faultline
