// SPDX-License-Identifier: Apache-2.0
#include "reports/serve/run_entry.hpp"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/file.hpp"
#include "reports/serve/json_pick.hpp"

namespace faultline::reports {
namespace {

namespace fs = std::filesystem;

/// A short name that says nothing about where the run lies. Source: FNV-1a, 32 bit.
std::uint32_t fingerprint(std::string_view text) {
    std::uint32_t hash = 2'166'136'261U;
    for (const char letter : text) {
        hash ^= static_cast<unsigned char>(letter);
        hash *= 16'777'619U;
    }
    return hash;
}

/// Runs of several scenarios in one invocation share their run id, and a copy of a run keeps it.
std::string address_of(std::string_view run, std::string_view place) {
    constexpr std::size_t run_letters_max = 32;
    std::string id;
    for (const char letter : run.substr(0, run_letters_max)) {
        const bool plain_letter = (letter >= 'a' && letter <= 'z') ||
                                  (letter >= 'A' && letter <= 'Z') ||
                                  (letter >= '0' && letter <= '9');
        id += plain_letter ? letter : '-';
    }
    return fmt::format("{}{}{:08x}", id, id.empty() ? "" : "-", fingerprint(place));
}

int whole(double number) {
    constexpr double most = 1e9;
    return static_cast<int>(std::clamp(number, 0.0, most));
}

Result<> read_manifest_into(RunEntry& entry) {
    FL_TRY(const std::string text, read_file(entry.directory / "run.json"));
    double asked = 0;
    int version = record_version;
    const auto picked = pick_json(text, [&](const PickedValue& value) {
        constexpr std::string_view parameter = "/parameters/";
        if (value.path == "/run") entry.run = value.text;
        if (value.path == "/scenario_name") entry.scenario = value.text;
        if (value.path == "/started") entry.started = value.text;
        if (value.path == "/seed") entry.seed = value.text;
        if (value.path == "/version" && value.is_number) version = whole(value.number);
        if (value.path == "/trials_asked" || value.path == "/control_asked") asked += value.number;
        if (value.path.starts_with(parameter)) {
            entry.parameters += fmt::format("{}{}={}",
                                            entry.parameters.empty() ? "" : ", ",
                                            value.path.substr(parameter.size()),
                                            value.text);
        }
    });
    if (!picked) return in_context("run.json", picked.error());
    if (version != record_version) {
        return fail(fmt::format(
            "run.json: version {}; this faultline reads version {}", version, record_version));
    }
    if (entry.run.empty() || entry.scenario.empty())
        return fail("run.json: names no run or no scenario");
    entry.asked = whole(asked);
    return {};
}

/// False: there is none.
Result<bool> read_summary_into(RunEntry& entry) {
    const auto text = read_file(entry.directory / "summary.json");
    if (!text && text.error().code == ErrorCode::not_found) return false;
    if (!text) return tl::unexpected(text.error());
    double trials = 0;
    const auto picked = pick_json(*text, [&](const PickedValue& value) {
        if (value.path.starts_with("/outcomes/")) trials += value.number;
        if (value.path == "/verdict") entry.verdict = value.text;
        if (value.path == "/reason") entry.reason = value.text;
        if (value.path == "/exit_code" && value.is_number) entry.exit_code = whole(value.number);
        if (value.path == "/measures/recovered/k") entry.recovered_k = value.number;
        if (value.path == "/measures/recovered/n") entry.recovered_n = value.number;
        if (value.path == "/measures/lost_writes/total") entry.lost_writes = value.number;
        for (std::size_t i = 0; i < listed_measures.size(); ++i) {
            if (value.is_number && value.path == listed_measures[i].pointer)
                entry.measures[i] = value.number;
        }
    });
    if (!picked) return in_context("summary.json", picked.error());
    if (entry.verdict.empty()) return fail("summary.json: names no verdict");
    entry.done = whole(trials);
    return true;
}

/// Complete lines; the last may be half written.
Result<> count_trials_into(RunEntry& entry) {
    const auto text = read_file(entry.directory / "trials.jsonl");
    if (!text && text.error().code == ErrorCode::not_found) return {};  // before the first
    if (!text) return tl::unexpected(text.error());
    entry.done = static_cast<int>(std::count(text->begin(), text->end(), '\n'));
    entry.trials_read = text->rfind('\n') + 1;  // 0 without a newline
    return {};
}

/// Whether a faultline holds the record lock with which a run is made.
bool is_held(const fs::path& directory) {
    const UniqueFd fd(::open((directory / "trials.jsonl").c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return false;
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    return ::fcntl(fd.get(), F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

Result<> read_all_into(RunEntry& entry) {
    FL_TRY_VOID(read_manifest_into(entry));
    FL_TRY(const bool finished, read_summary_into(entry));
    if (is_held(entry.directory)) {
        entry.state = RunState::under_way;
    } else {
        entry.state = finished ? RunState::finished : RunState::unfinished;
    }
    // Of a finished run the summary has said how many there are.
    return entry.state == RunState::finished ? Result<>() : count_trials_into(entry);
}

}  // namespace

std::string_view name_of(RunState state) {
    switch (state) {
        case RunState::under_way:
            return "under way";
        case RunState::finished:
            return "finished";
        case RunState::unfinished:
            return "unfinished";
        case RunState::broken:
            return "broken";
    }
    return "";
}

std::optional<std::size_t> find_listed_measure(std::string_view name) {
    for (std::size_t i = 0; i < listed_measures.size(); ++i) {
        if (listed_measures[i].name == name) return i;
    }
    return std::nullopt;
}

std::string_view status_of(const RunEntry& entry) {
    return entry.state == RunState::finished ? entry.verdict : name_of(entry.state);
}

RunEntry read_run_entry(const fs::path& root, const fs::path& directory) {
    RunEntry entry{.id = {}, .directory = directory};
    entry.place = directory.lexically_relative(root).generic_string();
    if (auto read = read_all_into(entry); !read) {
        entry.state = RunState::broken;
        entry.trouble = read.error().message;
        if (entry.scenario.empty()) entry.scenario = directory.filename().string();
    }
    entry.id = address_of(entry.run, entry.place);
    return entry;
}

Result<std::vector<TrialRecord>> read_new_trials(RunEntry& entry) {
    const fs::path path = entry.directory / "trials.jsonl";
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail_errno("opening " + path.string(), errno);
    std::string text;
    std::array<char, std::size_t{64} << 10> block{};
    for (;;) {
        const ssize_t got = ::pread(fd.get(),
                                    block.data(),
                                    block.size(),
                                    static_cast<off_t>(entry.trials_read + text.size()));
        if (got < 0) return fail_errno("reading " + path.string(), errno);
        if (got == 0) break;
        text.append(block.data(), static_cast<std::size_t>(got));
    }
    std::vector<TrialRecord> trials;
    for (std::size_t at = 0, end = 0; (end = text.find('\n', at)) != std::string::npos;
         at = end + 1) {
        entry.trials_read += end + 1 - at;
        ++entry.done;
        auto trial = decode_trial(text.substr(at, end - at));
        if (!trial) return in_context(path.string(), trial.error());
        trials.push_back(*std::move(trial));
    }
    return trials;
}

std::string json_of(const RunEntry& entry) {
    nlohmann::ordered_json json{{"id", entry.id},
                                {"run", entry.run},
                                {"scenario", entry.scenario},
                                {"parameters", entry.parameters},
                                {"started", entry.started},
                                {"seed", entry.seed},
                                {"place", entry.place},
                                {"state", name_of(entry.state)},
                                {"status", status_of(entry)},
                                {"trials_done", entry.done},
                                {"trials_asked", entry.asked}};
    const auto text_or_null = [&json](const char* name, const std::string& text) {
        json[name] = nullptr;
        if (!text.empty()) json[name] = text;
    };
    const auto number_or_null = [&json](const std::string& name, std::optional<double> number) {
        json[name] = nullptr;
        if (!number) return;
        if (*number == std::floor(*number)) {
            json[name] = static_cast<std::int64_t>(*number);
        } else {
            json[name] = *number;
        }
    };
    text_or_null("verdict", entry.verdict);
    text_or_null("reason", entry.reason);
    text_or_null("trouble", entry.trouble);
    text_or_null("last_trial", entry.last_trial);
    number_or_null("exit_code", entry.exit_code);
    for (std::size_t i = 0; i < listed_measures.size(); ++i) {
        const ListedMeasure& measure = listed_measures[i];
        number_or_null(std::string(measure.name) + (measure.is_share ? "" : "_ns"),
                       entry.measures[i]);
    }
    number_or_null("recovered", entry.recovered_k);
    number_or_null("recovered_of", entry.recovered_n);
    number_or_null("lost_writes", entry.lost_writes);
    return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace faultline::reports
