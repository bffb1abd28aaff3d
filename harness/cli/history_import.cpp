// SPDX-License-Identifier: Apache-2.0
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
        auto found = find_result_directories(root);
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
