// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/console.hpp"
#include "harness/judge/outcome.hpp"
#include "harness/result/result_directory.hpp"
#include "harness/result/store.hpp"

namespace faultline::cli {
namespace {

namespace fs = std::filesystem;

bool holds_run(const fs::path& folder) {
    std::error_code error;
    return fs::is_regular_file(folder / "run.json", error);
}

/// The result directories below `root`, itself included. What cannot be entered is passed over.
Result<std::vector<fs::path>> runs_below(const fs::path& root) {
    std::error_code error;
    if (!fs::is_directory(root, error))
        return fail(fmt::format("{}: there is no such folder", root.string()),
                    ErrorCode::not_found);
    if (holds_run(root)) return std::vector{root};
    std::vector<fs::path> found;
    auto entry = fs::recursive_directory_iterator(
        root, fs::directory_options::skip_permission_denied, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
        std::error_code ignored;
        if (!entry->is_directory(ignored) || !holds_run(entry->path())) continue;
        found.push_back(entry->path());
        entry.disable_recursion_pending();  // its trials
    }
    if (error) return fail_errno("reading " + root.string(), error.value());
    std::sort(found.begin(), found.end());
    return found;
}

struct Imported {
    std::size_t fresh = 0;  // taken, not known before
    std::size_t known = 0;  // taken, in the place of the same run
    std::size_t skipped = 0;
};

Result<Imported> import_into(Store& store, const std::vector<fs::path>& directories) {
    FL_TRY(const auto ids, store.ids());
    std::set<std::string> known(ids.begin(), ids.end());
    Imported imported;
    for (const fs::path& directory : directories) {
        const auto run = read_run(directory);
        if (!run) {
            fmt::print(stderr, "skipped {}: {}\n", directory.string(), run.error().message);
            ++imported.skipped;
            continue;
        }
        FL_TRY_VOID(store.put(*run, directory));
        ++(known.insert(stored_id(*run)).second ? imported.fresh : imported.known);
    }
    return imported;
}

}  // namespace

int history_import(const HistoryImportCommand& command) {
    const int usage = exit_code_of(RunOutcome::usage);
    const std::string where = store_location(command.store);
    if (where.empty())
        return complain("the store is \"none\"; name one with --store PATH or URL", usage);
    std::vector<fs::path> directories;
    for (const fs::path& root : command.directories) {
        auto found = runs_below(root);
        if (!found) return complain(found.error().message, usage);
        directories.insert(directories.end(), found->begin(), found->end());
    }
    if (directories.empty())
        return complain("there is no run (run.json) below these folders; the store is as it was",
                        usage);
    auto store = Store::open(where);
    Result<> ready = store ? Result<>() : Result<>(tl::unexpected(store.error()));
    if (ready && command.rebuild) ready = store->clear();
    if (!ready) return complain(ready.error().message, exit_code_of(RunOutcome::harness_error));
    const auto imported = import_into(*store, directories);
    if (!imported)
        return complain(imported.error().message, exit_code_of(RunOutcome::harness_error));
    fmt::print("{}: {} runs taken, {} of them new; {} skipped\n",
               shown_store(where),
               imported->fresh + imported->known,
               imported->fresh,
               imported->skipped);
    return imported->fresh + imported->known > 0 ? 0 : usage;
}

}  // namespace faultline::cli
