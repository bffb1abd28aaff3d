// SPDX-License-Identifier: Apache-2.0
#include "harness/result/result_directory.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "harness/result/operations_file.hpp"
#include "harness/result/timeline_json.hpp"

namespace faultline {
namespace {

namespace fs = std::filesystem;

constexpr const char* manifest_name = "run.json";
constexpr const char* trials_name = "trials.jsonl";
constexpr const char* summary_name = "summary.json";
constexpr const char* timeline_name = "timeline.jsonl";
constexpr const char* operations_name = "operations.zst";
constexpr int runs_shown_max = 3;  // in the message about a folder of runs

/// Says what helps where something does.
tl::unexpected<Error> cannot_write(const fs::path& path, Error error) {
    if (error.code == ErrorCode::no_space) {
        error.message +=
            fmt::format("; free space on the file system of {}, then resume the run with --resume",
                        path.string());
    } else if (error.code == ErrorCode::permission) {
        error.message +=
            fmt::format("; {} cannot be written, choose another place with --out", path.string());
    }
    return tl::unexpected(std::move(error));
}

Result<> replace_file(const fs::path& path, const std::string& content) {
    if (auto written = write_file(path, content); !written) {
        return cannot_write(path, written.error());
    }
    return {};
}

/// In one step, but without waiting for the disk: a sync costs milliseconds, in every trial.
Result<> replace_unsynced(const fs::path& path, const std::string& content) {
    const fs::path temporary = path.string() + ".new";
    const UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd) return cannot_write(path, system_error("creating " + temporary.string(), errno));
    Result<> written = write_all(fd.get(), content);
    if (written && ::rename(temporary.c_str(), path.c_str()) != 0) {
        written = fail_errno("renaming", errno);
    }
    if (written) return {};
    ::unlink(temporary.c_str());
    Error error = written.error();
    error.message = path.string() + ": " + error.message;
    return cannot_write(path, std::move(error));
}

Result<> make_writable_folder(const fs::path& path) {
    if (auto made = make_folder(path); !made) return cannot_write(path, made.error());
    return {};
}

/// Opens trials.jsonl for appending, with a lock that the kernel drops when this process ends.
/// A record lock (fcntl), because a forked child does not inherit it; the price is that reading the
/// run in the same process drops it too, which harms nobody.
Result<UniqueFd> open_trials(const fs::path& path) {
    UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!fd) return cannot_write(path, system_error("opening " + path.string(), errno));
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    if (::fcntl(fd.get(), F_SETLK, &lock) != 0 && (errno == EACCES || errno == EAGAIN)) {
        return fail(fmt::format("{} is in use by another faultline; wait for it to end, or choose "
                                "another place with --out",
                                path.parent_path().string()),
                    ErrorCode::exists);
    }
    return fd;  // a file system without locks works too
}

/// What comes after the last newline was torn by a crash.
Result<> cut_torn_line(int fd, const fs::path& path) {
    FL_TRY(const std::string text, read_file(path));
    const std::size_t whole = text.rfind('\n') + 1;  // 0 without a newline
    if (whole == text.size()) return {};
    if (::ftruncate(fd, static_cast<off_t>(whole)) != 0 || ::fsync(fd) != 0) {
        return cannot_write(path,
                            system_error("cutting the torn last line of " + path.string(), errno));
    }
    return {};
}

tl::unexpected<Error> not_a_run(const fs::path& path) {
    std::string message = path.string() + " is not a result directory: it has no run.json";
    std::error_code ignored;
    int runs = 0;
    for (const auto& entry : fs::directory_iterator(path, ignored)) {
        if (!fs::exists(entry.path() / manifest_name, ignored)) continue;
        if (++runs > runs_shown_max) break;
        message += (runs == 1 ? "; it holds " : ", ") + entry.path().string();
    }
    if (runs > runs_shown_max) message += ", ...";
    return fail(std::move(message), ErrorCode::not_found);
}

Result<RunRecord> read_manifest(const fs::path& path) {
    auto text = read_file(path / manifest_name);
    if (!text && text.error().code == ErrorCode::not_found) return not_a_run(path);
    if (!text) return tl::unexpected(text.error());
    auto manifest = decode_manifest(*text);
    if (!manifest) return in_context((path / manifest_name).string(), manifest.error());
    return manifest;
}

Result<std::vector<TrialRecord>> read_trials(const fs::path& path) {
    std::vector<TrialRecord> trials;
    auto text = read_file(path);
    if (!text && text.error().code == ErrorCode::not_found)
        return trials;  // killed before the first
    if (!text) return tl::unexpected(text.error());
    text->resize(text->rfind('\n') + 1);
    std::istringstream lines(*std::move(text));
    std::string line;
    for (int number = 1; std::getline(lines, line); ++number) {
        auto trial = decode_trial(line);
        if (!trial) return in_context(fmt::format("{}:{}", path.string(), number), trial.error());
        trials.push_back(*std::move(trial));
    }
    // Trials that ran side by side ended in another order.
    std::stable_sort(trials.begin(), trials.end(), [](const TrialRecord& a, const TrialRecord& b) {
        return a.trial < b.trial;
    });
    return trials;
}

}  // namespace

Result<ResultDirectory> ResultDirectory::create(const fs::path& path, const RunRecord& manifest) {
    std::error_code ignored;
    if (fs::exists(path / manifest_name, ignored)) {
        return fail(
            fmt::format("{} already holds a run; continue it with --resume, or choose another "
                        "place with --out",
                        path.string()),
            ErrorCode::exists);
    }
    FL_TRY_VOID(make_writable_folder(path));
    FL_TRY(UniqueFd trials, open_trials(path / trials_name));
    FL_TRY_VOID(replace_file(path / manifest_name, encode_manifest(manifest)));
    return ResultDirectory(path, std::move(trials));
}

Result<ResultDirectory> ResultDirectory::resume(const fs::path& path) {
    FL_TRY_VOID(read_manifest(path));
    FL_TRY(UniqueFd trials, open_trials(path / trials_name));
    FL_TRY_VOID(cut_torn_line(trials.get(), path / trials_name));
    return ResultDirectory(path, std::move(trials));
}

Result<ResultDirectory> ResultDirectory::resume(const fs::path& path, const RunRecord& manifest) {
    FL_TRY(const RunRecord stored, read_manifest(path));
    // Through the same encoding, so that only a difference in content is one.
    FL_TRY(const RunRecord asked, decode_manifest(encode_manifest(manifest)));
    const auto differs = [&](const std::string& what) {
        return fail(
            fmt::format("{} cannot be resumed: {}; start a new run instead", path.string(), what),
            ErrorCode::invalid);
    };
    if (stored.scenario_name != asked.scenario_name) {
        return differs(fmt::format(
            "it holds scenario \"{}\", not \"{}\"", stored.scenario_name, asked.scenario_name));
    }
    if (stored.scenario_json != asked.scenario_json) {
        return differs(fmt::format("scenario \"{}\" has changed since", stored.scenario_name));
    }
    if (stored.seed != asked.seed) {
        return differs(fmt::format("it was started with seed {}, not {}", stored.seed, asked.seed));
    }
    return resume(path);
}

fs::path ResultDirectory::trial_folder(int trial) const {
    return path_ / "trials" / fmt::format("{:04}", trial);
}

Result<> ResultDirectory::append_trial(const TrialRecord& record) {
    const fs::path path = path_ / trials_name;
    struct stat before {};
    if (::fstat(trials_.get(), &before) != 0)
        return fail_errno("examining " + path.string(), errno);
    Result<> written = write_all(trials_.get(), encode_trial(record) + "\n");
    if (written && ::fsync(trials_.get()) != 0) written = fail_errno("syncing", errno);
    if (written) return {};
    Error error = written.error();
    if (::ftruncate(trials_.get(), before.st_size) != 0) {
        error.message += " (and half a line may be left)";
    }
    error.message =
        fmt::format("recording trial {} in {}: {}", record.trial, path.string(), error.message);
    return cannot_write(path, std::move(error));
}

Result<> ResultDirectory::write_timeline(int trial, const Timeline& timeline) {
    const fs::path folder = trial_folder(trial);
    FL_TRY_VOID(make_writable_folder(folder));
    FL_TRY_VOID(replace_unsynced(folder / timeline_name, encode_timeline(timeline)));
    const fs::path path = folder / operations_name;
    auto written = write_operations(path, timeline.operation_kinds, timeline.operations);
    if (!written) return cannot_write(path, written.error());
    return {};
}

Result<> ResultDirectory::write_summary(const Summary& summary, const InstrumentError& instrument) {
    return replace_file(path_ / summary_name, encode_summary(summary, instrument));
}

Result<> ResultDirectory::write_report(const std::string& name, const std::string& content) {
    return replace_file(path_ / name, content);
}

Result<std::vector<fs::path>> find_result_directories(const fs::path& root) {
    const auto holds_run = [](const fs::path& folder) {
        std::error_code ignored;
        return fs::is_regular_file(folder / manifest_name, ignored);
    };
    std::error_code error;
    if (!fs::is_directory(root, error))
        return fail(root.string() + ": there is no such folder", ErrorCode::not_found);
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

Result<RunRecord> read_run(const fs::path& path) {
    FL_TRY(RunRecord run, read_manifest(path));
    FL_TRY(run.trials, read_trials(path / trials_name));
    const auto text = read_file(path / summary_name);
    if (!text && text.error().code == ErrorCode::not_found) return run;  // unfinished
    if (!text) return tl::unexpected(text.error());
    auto summary = decode_summary(*text);
    if (!summary) return in_context((path / summary_name).string(), summary.error());
    run.summary = *std::move(summary);
    return run;
}

Result<Timeline> read_timeline(const fs::path& trial_folder) {
    FL_TRY(const std::string text, read_file(trial_folder / timeline_name));
    auto timeline = decode_timeline(text);
    if (!timeline) return in_context((trial_folder / timeline_name).string(), timeline.error());
    FL_TRY(OperationsRead read, read_operations(trial_folder / operations_name));
    timeline->operations = std::move(read.operations);
    return timeline;
}

}  // namespace faultline
