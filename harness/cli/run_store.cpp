// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/run_store.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "harness/result/result_directory.hpp"

namespace faultline::cli {
namespace {

std::size_t common_length(const std::string& a, const std::string& b) {
    const auto [end, ignored] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    return static_cast<std::size_t>(end - a.begin());
}

Result<FoundRun> find_in_store(const std::string& id, const std::string& asked) {
    FL_TRY(Store store, open_store_to_read(asked));
    FL_TRY(const StoredRun found, store.find(id));
    FoundRun run;
    FL_TRY(run.record, store.get(found.run));
    // Another run may be there by now.
    const auto there = read_run(found.directory);
    if (there && stored_id(*there) == found.run) run.directory = found.directory;
    return run;
}

}  // namespace

Result<Store> open_store_to_read(const std::string& asked) {
    const std::string where = store_location(asked);
    if (where.empty()) {
        return fail("the store is \"none\" (--store or FAULTLINE_STORE); name one with --store",
                    ErrorCode::invalid);
    }
    return Store::open_existing(where);
}

void remember_run(const RunRecord& run,
                  const std::filesystem::path& directory,
                  const std::string& asked) {
    const std::string where = store_location(asked);
    if (where.empty()) return;
    auto store = Store::open(where);
    const Result<> put =
        store ? store->put(run, directory) : Result<>(tl::unexpected(store.error()));
    if (put) return;
    fmt::print(stderr,
               "faultline: warning: the run is not remembered: {}\n  it is in {}; later: faultline "
               "history import {}\n",
               put.error().message,
               directory.string(),
               directory.string());
}

std::vector<std::string> words_without_passwords(std::vector<std::string> words) {
    for (std::string& word : words)
        word = shown_store(word);
    return words;
}

Result<FoundRun> find_run(const std::string& named, const std::string& asked) {
    std::error_code error;
    if (std::filesystem::exists(named, error)) {
        FoundRun run{.directory = named};
        FL_TRY(run.record, read_run(named));
        return run;
    }
    auto found = find_in_store(named, asked);
    if (found) return found;
    return fail(
        fmt::format("there is no result directory {}, and {}", named, found.error().message),
        found.error().code);
}

std::string short_id(const std::string& id, const std::vector<std::string>& ids) {
    const auto at = std::lower_bound(ids.begin(), ids.end(), id);
    std::size_t shared = 0;
    if (at != ids.begin()) shared = common_length(id, *(at - 1));
    if (at != ids.end() && at + 1 != ids.end())
        shared = std::max(shared, common_length(id, *(at + 1)));
    const std::size_t own = std::min(id.find('.'), id.size());
    return id.substr(0, std::max(own, shared + 1));
}

}  // namespace faultline::cli
