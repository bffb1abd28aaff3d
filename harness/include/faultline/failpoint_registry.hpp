// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fcntl.h>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <sys/file.h>
#include <unistd.h>
#include <vector>

#include "failpoint_site.hpp"

namespace faultline {

/// Whether something worked, and if not, a sentence with the reason and the remedy. What the
/// embedded headers have for a Result, which they must not depend on.
class [[nodiscard]] FailpointResult {
  public:
    FailpointResult() = default;
    explicit FailpointResult(std::string problem) : problem_(std::move(problem)) {}
    [[nodiscard]] explicit operator bool() const noexcept { return problem_.empty(); }
    [[nodiscard]] const std::string& message() const noexcept { return problem_; }

  private:
    std::string problem_;
};

/// What a point has seen of the order that holds, or of the last one.
struct FailpointStatus {
    bool armed = false;
    std::uint64_t hits = 0;  // while armed
    std::uint64_t triggered = 0;
    std::int64_t first_trigger_ns = 0;  // CLOCK_MONOTONIC; 0: not yet
};

/// A function of this process that stands for a point; its value is what FL_FAILPOINT has.
using FailpointCallback = std::function<int()>;

namespace embed {

/// "; did you mean ...?" or the names that there are.
inline std::string suggest_failpoint(std::string_view name, const std::vector<std::string>& known) {
    constexpr std::size_t listed_max = 12;
    if (known.empty()) {
        return "; this program has no fail points (was it compiled with "
               "FAULTLINE_NO_FAILPOINTS?)";
    }
    const std::string* best = nullptr;
    std::size_t best_distance = std::max<std::size_t>(1, (name.size() + 2) / 3) + 1;
    std::vector<std::size_t> row;
    for (const std::string& candidate : known) {  // Levenshtein, one row at a time
        row.resize(candidate.size() + 1);
        for (std::size_t column = 0; column < row.size(); ++column)
            row[column] = column;
        for (std::size_t line = 1; line <= name.size(); ++line) {
            std::size_t corner = row[0];
            row[0] = line;
            for (std::size_t column = 1; column < row.size(); ++column) {
                const std::size_t replaced =
                    corner + (name[line - 1] == candidate[column - 1] ? 0 : 1);
                corner = row[column];
                row[column] = std::min({replaced, row[column] + 1, row[column - 1] + 1});
            }
        }
        if (row.back() < best_distance) {
            best_distance = row.back();
            best = &candidate;
        }
    }
    if (best != nullptr) return "; did you mean \"" + *best + "\"?";
    std::string list;
    for (std::size_t index = 0; index < std::min(known.size(), listed_max); ++index)
        list += (list.empty() ? "; this program has " : ", ") + known[index];
    return known.size() > listed_max ? list + ", ..." : list;
}

/// The points of this process by name. Never destroyed: a point may be hit while the process ends.
/// Thread: any; a lock that no hit takes, except one that calls back.
class [[gnu::visibility("default")]] FailpointRegistry {
  public:
    static FailpointRegistry& get() {
        static auto* const registry = new FailpointRegistry;
        return *registry;
    }

    /// Gives every place the slot of its name.
    void adopt() {
        const std::lock_guard lock(mutex_);
        adopt_all();
    }

    [[nodiscard]] std::vector<std::string> names() {
        const std::lock_guard lock(mutex_);
        adopt_all();
        std::vector<std::string> all;
        for (const auto& [name, slot] : slots_)
            all.push_back(name);
        return all;
    }

    /// Null when no place has that name.
    [[nodiscard]] FailpointSlot* find(std::string_view name) {
        const std::lock_guard lock(mutex_);
        adopt_all();
        const auto found = slots_.find(name);
        return found == slots_.end() ? nullptr : found->second;
    }

    void set_callback(FailpointSlot & slot, FailpointCallback callback) {
        const std::lock_guard lock(mutex_);
        callbacks_[&slot] = std::make_shared<FailpointCallback>(std::move(callback));
        run_callback.store(&FailpointRegistry::call, std::memory_order_release);
    }

    /// From now on the slots are those of the file, where the harness writes its orders. Requires:
    /// this process has given no orders of its own yet; they would be left behind.
    FailpointResult attach(const char* path) {
        const std::lock_guard lock(mutex_);
        if (control_ != nullptr) return {};
        const int fd = ::open(path, O_RDWR | O_CLOEXEC);
        if (fd < 0) return problem("opening", path, errno);
        FailpointResult result = map(fd, path);
        // A lock, because workers of one service may start at the same time; the kernel takes it
        // back from a process that dies.
        if (result && ::flock(fd, LOCK_EX) != 0) result = problem("locking", path, errno);
        if (result) {
            slots_.clear();
            result = publish(path);
        }
        ::close(fd);
        if (!result) control_ = nullptr;
        adopt_all();
        return result;
    }

  private:
    static FailpointResult problem(const char* what, const char* path, int error) {
        return FailpointResult(std::string(what) + " the control file of the fail points, " + path +
                               ": " + std::strerror(error));
    }

    static int call(FailpointSlot & slot) {
        FailpointRegistry& registry = get();
        std::shared_ptr<FailpointCallback> callback;
        {
            const std::lock_guard lock(registry.mutex_);
            const auto found = registry.callbacks_.find(&slot);
            if (found != registry.callbacks_.end()) callback = found->second;
        }
        return callback && *callback ? (*callback)() : 0;
    }

    FailpointResult map(int fd, const char* path) {
        control_ = map_failpoints(fd).control;  // stays mapped as long as the process lives
        if (control_ != nullptr) return {};
        return errno == EPROTO ? foreign(path) : problem("mapping", path, errno);
    }

    static FailpointResult foreign(const char* path) {
        return FailpointResult(std::string(path) +
                               " is not a control file for fail points of version " +
                               std::to_string(FailpointControl::version_now) +
                               "; the harness and this program must be built from the same "
                               "faultline/failpoint.hpp");
    }

    FailpointResult publish(const char* path) {
        const bool again = control_->attached.fetch_add(1, std::memory_order_acq_rel) > 0;
        for (std::uint32_t index = 0;
             again && index < control_->slot_count.load(std::memory_order_acquire);
             ++index) {
            FailpointSlot& slot = control_->slots()[index];
            if (slot.ends_with_process.load(std::memory_order_acquire) != 0) disarm(slot);
        }
        control_->pid.store(::getpid(), std::memory_order_release);
        for (const FailpointSite* site = first_site.load(std::memory_order_acquire);
             site != nullptr;
             site = site->next) {
            if (slot_in_file(site->name) == nullptr) {
                return FailpointResult("more than " + std::to_string(control_->slots_max) +
                                       " fail points, the most that " + path + " has room for");
            }
        }
        return {};
    }

    /// Requires: the file is mapped. Null when it is full.
    FailpointSlot* slot_in_file(const char* name) {
        if (FailpointSlot* const known = find_slot(*control_, name)) return known;
        const std::uint32_t count = control_->slot_count.load(std::memory_order_acquire);
        if (count >= control_->slots_max) return nullptr;
        FailpointSlot& slot = control_->slots()[count];
        std::memcpy(slot.name, name, std::strlen(name) + 1);
        control_->slot_count.store(count + 1, std::memory_order_release);
        return &slot;
    }

    /// Requires: the lock is held.
    void adopt_all() {
        adopt_sites.store(
            +[] { get().adopt(); }, std::memory_order_release);
        for (FailpointSite* site = first_site.load(std::memory_order_acquire); site != nullptr;
             site = site->next) {
            const auto known = slots_.find(std::string_view(site->name));
            FailpointSlot* slot = known == slots_.end() ? nullptr : known->second;
            if (slot == nullptr) {
                // A library loaded later may find the file full; its points are then known to this
                // process only.
                slot = control_ != nullptr ? slot_in_file(site->name) : nullptr;
                if (slot == nullptr) {
                    slot = &own_slots_.emplace_back();
                    std::memcpy(slot->name, site->name, std::strlen(site->name) + 1);
                }
                slots_.emplace(site->name, slot);
            }
            site->slot.store(slot, std::memory_order_release);
        }
    }

    std::mutex mutex_;  // guards all below
    std::map<std::string, FailpointSlot*, std::less<>> slots_;
    std::deque<FailpointSlot> own_slots_;  // while there is no file
    std::map<FailpointSlot*, std::shared_ptr<FailpointCallback>> callbacks_;
    FailpointControl* control_ = nullptr;
};

}  // namespace embed
}  // namespace faultline
