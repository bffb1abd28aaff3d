// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/kinds/kernel_paths.hpp"

#include <utility>

namespace faultline {

Result<KernelPaths> KernelPaths::open(
    const std::map<KernelNetwork*, std::set<KernelNetwork::Path>>& paths) {
    KernelPaths opened;
    for (const auto& [network, own] : paths)
        opened.parts_.push_back({network, {own.begin(), own.end()}});
    FL_TRY(opened.before_, opened.count());
    return opened;
}

template <class Do>
Result<> KernelPaths::each(const Do& act) {
    Result<> result;
    for (Part& part : parts_) {
        auto done = act(part);
        if (!done && result) result = std::move(done);
    }
    return result;
}

Result<> KernelPaths::set_cut(bool cut) {
    return each([cut](Part& part) -> Result<> {
        if (part.cut == cut) return {};
        FL_TRY_VOID(cut ? part.network->cut(part.paths) : part.network->heal(part.paths));
        part.cut = cut;
        return {};
    });
}

Result<> KernelPaths::cut() {
    return set_cut(true);
}

Result<> KernelPaths::heal() {
    return set_cut(false);
}

Result<> KernelPaths::lose(double share) {
    return each([share](const Part& part) { return part.network->lose(part.paths, share); });
}

Result<std::uint64_t> KernelPaths::dropped() const {
    FL_TRY(const std::uint64_t all, count());
    return all - before_;
}

Result<std::uint64_t> KernelPaths::count() const {
    std::uint64_t all = 0;
    for (const Part& part : parts_) {
        for (const KernelNetwork::Path& path : part.paths) {
            FL_TRY(const std::uint64_t on_path, part.network->dropped(path));
            all += on_path;
        }
    }
    return all;
}

std::vector<std::string> KernelPaths::mechanisms() const {
    std::vector<std::string> texts;
    for (const Part& part : parts_)
        texts.push_back(part.network->mechanism());
    return texts;
}

}  // namespace faultline
