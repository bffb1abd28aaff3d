// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/run_index.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include <fmt/format.h>

namespace faultline::reports {
namespace {

namespace fs = std::filesystem;

constexpr int depth_max = 8;  // folders below the one that is served
constexpr std::size_t folders_max = 200'000;

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a')
                                              : static_cast<char>(letter);
    });
    return text;
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::size_t at = 0;
    while ((at = text.find_first_not_of(" \t", at)) != std::string::npos) {
        const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
        words.push_back(lower(text.substr(at, end - at)));
        at = end;
    }
    return words;
}

bool newer(const RunIndex::Run* a, const RunIndex::Run* b) {
    if (a->entry.started != b->entry.started) return a->entry.started > b->entry.started;
    return a->entry.place > b->entry.place;
}

bool is_below(const std::string& path, const std::string& folder) {
    return path == folder ||
           (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

using Enter = std::function<void(const fs::path&)>;

void look_into(const fs::path& folder, int depth, const Enter& enter, FoundFolders& found) {
    if (enter) enter(folder);
    std::error_code error;
    if (fs::exists(folder / "run.json", error)) {
        found.runs.push_back(folder);
        return;
    }
    found.others.push_back(folder);
    if (found.runs.size() + found.others.size() > folders_max || depth > depth_max) {
        found.trouble = fmt::format(
            "{}: deeper than {} folders or beyond {} of them; what lies "
            "below is left out",
            folder.string(),
            depth_max,
            folders_max);
        return;
    }
    fs::directory_iterator entries(folder, error);
    if (error) {
        found.trouble = fmt::format("{}: {}", folder.string(), error.message());
        return;
    }
    while (entries != fs::directory_iterator()) {
        std::error_code unreadable;
        if (entries->symlink_status(unreadable).type() == fs::file_type::directory)
            look_into(entries->path(), depth + 1, enter, found);
        entries.increment(error);
        if (error) return;
    }
}

}  // namespace

const RunIndex::Run& RunIndex::put(RunEntry entry) {
    auto run = std::make_unique<Run>();
    run->json = json_of(entry);
    for (const std::string_view part : {std::string_view(entry.scenario),
                                        std::string_view(entry.parameters),
                                        std::string_view(entry.place),
                                        std::string_view(entry.id),
                                        status_of(entry),
                                        std::string_view(entry.reason),
                                        std::string_view(entry.trouble),
                                        std::string_view(entry.started)}) {
        run->words += part;
        run->words += '\n';
    }
    run->words = lower(std::move(run->words));
    run->entry = std::move(entry);
    auto& slot = runs_[run->entry.directory.string()];
    if (slot) by_id_.erase(slot->entry.id);
    slot = std::move(run);
    by_id_[slot->entry.id] = slot.get();
    ordered_ = false;
    return *slot;
}

const RunIndex::Run& RunIndex::read(const fs::path& directory) {
    return put(read_run_entry(root_, directory));
}

std::vector<std::string> RunIndex::forget(const fs::path& folder) {
    const std::string prefix = folder.string();
    std::vector<std::string> ids;
    for (auto at = runs_.lower_bound(prefix); at != runs_.end() && at->first.starts_with(prefix);) {
        if (is_below(at->first, prefix)) {
            ids.push_back(at->second->entry.id);
            by_id_.erase(at->second->entry.id);
            at = runs_.erase(at);
        } else {
            ++at;
        }
    }
    if (!ids.empty()) ordered_ = false;
    return ids;
}

void RunIndex::clear() {
    by_id_.clear();
    runs_.clear();
    ordered_ = false;
}

const RunIndex::Run* RunIndex::find(std::string_view id) const {
    if (id.empty()) return nullptr;
    const auto first = by_id_.lower_bound(id);
    if (first == by_id_.end() || !first->first.starts_with(id)) return nullptr;
    if (first->first == id) return first->second;
    const auto second = std::next(first);
    const bool many = second != by_id_.end() && second->first.starts_with(id);
    return many ? nullptr : first->second;
}

const RunIndex::Run* RunIndex::at(const fs::path& directory) const {
    const auto found = runs_.find(directory.string());
    return found == runs_.end() ? nullptr : found->second.get();
}

const std::vector<const RunIndex::Run*>& RunIndex::newest_first() const {
    if (ordered_) return order_;
    order_.clear();
    order_.reserve(runs_.size());
    for (const auto& [directory, run] : runs_)
        order_.push_back(run.get());
    std::sort(order_.begin(), order_.end(), newer);
    ordered_ = true;
    return order_;
}

std::vector<const RunIndex::Run*> RunIndex::select(const RunFilter& filter) const {
    const std::vector<std::string> words = words_of(filter.text);
    std::vector<const Run*> selected;
    for (const Run* run : newest_first()) {
        if (!filter.scenario.empty() && run->entry.scenario != filter.scenario) continue;
        if (!filter.status.empty() && status_of(run->entry) != filter.status) continue;
        const bool has_words = std::all_of(words.begin(), words.end(), [run](const auto& word) {
            return run->words.find(word) != std::string::npos;
        });
        if (has_words) selected.push_back(run);
    }
    return selected;
}

std::map<std::string, std::size_t> RunIndex::scenarios() const {
    std::map<std::string, std::size_t> names;
    for (const auto& [directory, run] : runs_)
        ++names[run->entry.scenario];
    return names;
}

std::map<std::string, std::size_t> RunIndex::statuses() const {
    std::map<std::string, std::size_t> names;
    for (const auto& [directory, run] : runs_)
        ++names[std::string(status_of(run->entry))];
    return names;
}

FoundFolders find_folders(const fs::path& folder, const Enter& enter) {
    FoundFolders found;
    look_into(folder, 0, enter, found);
    return found;
}

std::vector<RunEntry> read_run_entries(const fs::path& root,
                                       const std::vector<fs::path>& directories) {
    constexpr std::size_t alone_max = 64;  // fewer are read before a thread has started
    std::vector<RunEntry> entries(directories.size());
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < directories.size(); i = next++)
            entries[i] = read_run_entry(root, directories[i]);
    };
    if (directories.size() <= alone_max) {
        work();
        return entries;
    }
    std::thread other(work);
    work();
    other.join();
    return entries;
}

}  // namespace faultline::reports
