// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/live_runs.hpp"

#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/wording.hpp"

namespace faultline::reports {
namespace {

namespace fs = std::filesystem;
using Kind = FolderWatch::Kind;

constexpr std::size_t finished_watched_max = 512;

struct ThreeNumbers {
    std::optional<Duration> detection{}, recovery{};
    std::optional<double> success{};
    bool masked = false, censored = false;
};

/// Of the first injection, which is what unnamed measures mean.
ThreeNumbers numbers_of(const TrialRecord& trial) {
    if (trial.injections.empty()) return {};
    const InjectionMeasures& measures = trial.injections.front().measures;
    return {.detection = measures.detection_time,
            .recovery = measures.recovery_time,
            .success = measures.success_rate,
            .masked = measures.masked,
            .censored = measures.censored};
}

std::string say_trial(const TrialRecord& trial) {
    std::string text = fmt::format("trial {}: {}", trial.trial, name_of(trial.outcome));
    if (trial.outcome != TrialOutcome::pass) return text;
    if (trial.control) return text + ", control";
    const ThreeNumbers numbers = numbers_of(trial);
    if (numbers.detection) text += ", detected " + say_span(numbers.detection);
    if (numbers.masked) {
        text += ", masked";
    } else if (numbers.recovery) {
        text += ", recovered " + say_span(numbers.recovery);
    } else if (numbers.censored) {
        text += ", not recovered";
    }
    if (numbers.success) text += ", success " + say_share(numbers.success);
    return text;
}

nlohmann::ordered_json trial_json(const TrialRecord& trial, const RunEntry& entry) {
    const ThreeNumbers numbers = numbers_of(trial);
    nlohmann::ordered_json json{{"trial", trial.trial},
                                {"kind", trial.control ? "control" : "fault"},
                                {"outcome", name_of(trial.outcome)},
                                {"done", entry.done},
                                {"asked", entry.asked},
                                {"detection_time_ns", nullptr},
                                {"recovery_time_ns", nullptr},
                                {"success_rate", nullptr},
                                {"masked", numbers.masked},
                                {"censored", numbers.censored},
                                {"text", say_trial(trial)}};
    if (numbers.detection) json["detection_time_ns"] = numbers.detection->count();
    if (numbers.recovery) json["recovery_time_ns"] = numbers.recovery->count();
    if (numbers.success) json["success_rate"] = *numbers.success;
    return json;
}

RunNews news_of(const char* event, const RunIndex::Run& run) {
    return {event, fmt::format("{{\"run\":{}}}", run.json)};
}

}  // namespace

Result<LiveRuns> LiveRuns::open(const fs::path& folder) {
    std::error_code error;
    const fs::path root = fs::canonical(folder, error);
    if (error || !fs::is_directory(root, error)) {
        return fail(fmt::format("{}: there is no such folder; name one that holds result "
                                "directories, or make a run first (faultline run)",
                                folder.string()),
                    ErrorCode::not_found);
    }
    FL_TRY(FolderWatch watch, FolderWatch::open());
    LiveRuns runs(root, std::move(watch));
    runs.take_all(root);
    runs.leave_old_finished();
    return runs;
}

void LiveRuns::watch_folder(const fs::path& folder) {
    if (watch_.add(folder)) {
        unwatched_.erase(folder);
    } else {
        unwatched_.insert(folder);
    }
}

void LiveRuns::take_all(const fs::path& folder) {
    const FoundFolders found =
        find_folders(folder, [this](const fs::path& each) { watch_folder(each); });
    if (!found.trouble.empty()) trouble_ = found.trouble;
    for (RunEntry& entry : read_run_entries(index_.root(), found.runs))
        index_.put(std::move(entry));
}

void LiveRuns::leave_old_finished() {
    std::size_t finished = 0;
    for (const RunIndex::Run* run : index_.select({})) {
        if (run->entry.state != RunState::finished || ++finished <= finished_watched_max) continue;
        watch_.remove(run->entry.directory);
        unwatched_.erase(run->entry.directory);
    }
    // With those given back there may be enough for the others.
    for (const fs::path& folder : std::set<fs::path>(unwatched_))
        watch_folder(folder);
    if (!unwatched_.empty()) {
        trouble_ = fmt::format(
            "{} folders cannot be watched, such as {}; what changes there is not "
            "seen. Raise fs.inotify.max_user_watches",
            unwatched_.size(),
            unwatched_.begin()->string());
    }
}

std::vector<RunNews> LiveRuns::catch_up() {
    std::vector<RunNews> news;
    for (const FolderWatch::Change& change : watch_.read()) {
        if (change.kind != Kind::lost) {
            note(change, news);
            continue;
        }
        index_.clear();
        touched_.clear();
        take_all(index_.root());
        leave_old_finished();
        news = {{"runs-changed", "{}"}};
    }
    for (const auto& [directory, touched] : std::exchange(touched_, {}))
        look_again(directory, touched, news);
    return news;
}

void LiveRuns::note(const FolderWatch::Change& change, std::vector<RunNews>& news) {
    const fs::path path = change.folder / change.name;
    if (change.is_folder) {
        if (change.kind == Kind::gone) return forget(path, news);
        // In a result directory lie only its trials.
        if (change.kind != Kind::appeared || index_.at(change.folder) != nullptr) return;
        const FoundFolders found =
            find_folders(path, [this](const fs::path& each) { watch_folder(each); });
        for (const fs::path& directory : found.runs)
            touched_[directory].whole = true;
        return;
    }
    if (change.name == "run.json") {
        if (change.kind == Kind::gone) return forget(change.folder, news);
        touched_[change.folder].whole = true;
    } else if (change.name == "summary.json" && change.kind != Kind::changed) {
        touched_[change.folder].whole = true;
    } else if (change.name == "trials.jsonl") {
        if (change.kind == Kind::closed) touched_[change.folder].whole = true;
        if (change.kind == Kind::changed) touched_[change.folder].trials = true;
    }
}

void LiveRuns::forget(const fs::path& folder, std::vector<RunNews>& news) {
    watch_.remove(folder);
    for (const std::string& id : index_.forget(folder)) {
        const nlohmann::json data{{"id", id}};
        news.push_back({"run-removed", data.dump()});
    }
}

void LiveRuns::look_again(const fs::path& directory, Touched touched, std::vector<RunNews>& news) {
    const RunIndex::Run* before = index_.at(directory);
    if (before == nullptr && !touched.whole) return;  // its run.json is still to come
    if (before != nullptr && before->entry.state == RunState::under_way) {
        RunEntry entry = before->entry;
        tell_new_trials(entry, news);
        before = &index_.put(std::move(entry));
        if (!touched.whole) return;
    }
    std::error_code error;
    if (!fs::exists(directory / "run.json", error)) return;  // gone again, or not there yet
    const RunState was = before != nullptr ? before->entry.state : RunState::broken;
    const bool known = before != nullptr;
    RunEntry entry = read_run_entry(index_.root(), directory);
    if (known) entry.last_trial = before->entry.last_trial;
    const RunIndex::Run& after = index_.put(std::move(entry));
    const RunState is = after.entry.state;
    if (is == RunState::under_way && (!known || was != is)) {
        news.push_back(news_of("run-started", after));
    } else if (known && was == RunState::under_way && is != was) {
        news.push_back(news_of("run-finished", after));
    } else {
        news.push_back(news_of("run-changed", after));
    }
}

void LiveRuns::tell_new_trials(RunEntry& entry, std::vector<RunNews>& news) {
    const int done_before = entry.done;
    const auto trials = read_new_trials(entry);
    if (!trials) return;  // it is read whole when the run ends, and then says what is wrong
    int done = done_before;
    for (const TrialRecord& trial : *trials) {
        RunEntry then = entry;
        then.done = ++done;
        entry.last_trial = then.last_trial = say_trial(trial);
        const auto replace = nlohmann::json::error_handler_t::replace;
        news.push_back({"trial-done",
                        fmt::format("{{\"run\":{},\"trial\":{}}}",
                                    json_of(then),
                                    trial_json(trial, then).dump(-1, ' ', false, replace))});
    }
}

}  // namespace faultline::reports
