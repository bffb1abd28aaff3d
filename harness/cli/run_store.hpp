// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "harness/base/result.hpp"
#include "harness/result/store.hpp"

namespace faultline::cli {

// What subcommands do with the store of --store.

/// Opens it for reading. Errors: it is "none", or not there yet, with what makes it.
[[nodiscard]] Result<Store> open_store_to_read(const std::string& asked);

/// Puts a run into the store. That it cannot be written is a warning on standard error: the run is
/// in its directory and can be imported.
void remember_run(const RunRecord& run,
                  const std::filesystem::path& directory,
                  const std::string& asked);

/// Words of a command line as they may be recorded: no passwords of URLs.
[[nodiscard]] std::vector<std::string> words_without_passwords(std::vector<std::string> words);

struct FoundRun {
    RunRecord record;
    std::filesystem::path directory{};  // empty: gone, the run is from the store alone
};
/// `named` as a result directory, else as a run in the store. Errors: what both said.
[[nodiscard]] Result<FoundRun> find_run(const std::string& named, const std::string& asked);

/// The shortest beginning of `id` that names it alone, but at least the run's own id.
/// Requires: `ids` are sorted and `id` is one of them.
[[nodiscard]] std::string short_id(const std::string& id, const std::vector<std::string>& ids);

}  // namespace faultline::cli
