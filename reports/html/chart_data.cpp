// SPDX-License-Identifier: Apache-2.0
#include "reports/html/chart_data.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/findings.hpp"
#include "reports/html/trial_choice.hpp"
#include "reports/html/trial_data.hpp"
#include "reports/plain.hpp"
#include "reports/recovery_condition.hpp"
#include "reports/stage_spread.hpp"

namespace faultline::reports {
namespace {

using Json = nlohmann::json;

constexpr std::size_t detailed_max = 24;  // with more trials only those worth a close look
constexpr DigestDetail coarse{
    .bins = 40, .bad_operations_max = 0, .events_max = 20, .only_telling_events = true};

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::int64_t microseconds_of(Duration span) {
    return std::chrono::round<std::chrono::microseconds>(span).count();
}
Json optional_microseconds(const std::optional<Duration>& span) {
    return span ? Json(microseconds_of(*span)) : Json();
}

/// "how it ended" of a recovery, by number; script/data.js knows the same.
enum class Ending { recovered, censored, masked, not_told };
Ending ending_of(const InjectionMeasures& measures) {
    if (measures.masked) return Ending::masked;
    if (measures.censored) return Ending::censored;
    return measures.recovery_time ? Ending::recovered : Ending::not_told;
}

const InjectionRecord* injection_of(const TrialRecord& trial, const std::string& id) {
    for (const InjectionRecord& record : trial.injections) {
        if (record.injection.id == id) return &record;
    }
    return nullptr;
}

/// The measures of one injection id as columns over all trials.
Json injection_columns(const RunRecord& run, const InjectionEvidence& injection, TextTable& texts) {
    Json columns{{"id", plain(injection.id)},
                 {"fault", plain(injection.fault)},
                 {"detection", Json::array()},
                 {"recovery", Json::array()},
                 {"detection_seen", Json::array()},
                 {"recovery_seen", Json::array()},
                 {"ending", Json::array()},
                 {"success", Json::array()},
                 {"by", Json::array()}};
    for (const TrialRecord& trial : run.trials) {
        static const InjectionMeasures nothing{};
        const InjectionRecord* record = injection_of(trial, injection.id);
        const InjectionMeasures& measures = record == nullptr ? nothing : record->measures;
        columns["detection"].push_back(optional_microseconds(measures.detection_time));
        columns["recovery"].push_back(optional_microseconds(measures.recovery_time));
        columns["detection_seen"].push_back(
            measures.detection_time ? 0 : microseconds_of(measures.detection_observed_for));
        columns["recovery_seen"].push_back(
            measures.censored ? microseconds_of(measures.observed_for) : 0);
        columns["ending"].push_back(static_cast<int>(ending_of(measures)));
        columns["success"].push_back(
            measures.success_rate ? Json(std::round(*measures.success_rate * 1e5) / 1e5) : Json());
        columns["by"].push_back(texts.of(measures.detected_by));
    }
    return columns;
}

Json trial_columns(const RunRecord& run, TextTable& texts) {
    Json columns{{"number", Json::array()},
                 {"control", Json::array()},
                 {"counted", Json::array()},
                 {"outcome", Json::array()},
                 {"marks", Json::array()},
                 {"lost", Json::array()},
                 {"stale", Json::array()},
                 {"injections", Json::array()}};
    for (const TrialRecord& trial : run.trials) {
        std::string marks;
        for (const std::string& mark : trial.marks)
            marks += (marks.empty() ? "" : ", ") + mark;
        columns["number"].push_back(trial.trial);
        columns["control"].push_back(trial.control ? 1 : 0);
        columns["counted"].push_back(is_invalid(trial) ? 0 : 1);
        columns["outcome"].push_back(texts.of(std::string(name_of(trial.outcome))));
        columns["marks"].push_back(texts.of(marks));
        columns["lost"].push_back(trial.lost_writes ? Json(*trial.lost_writes) : Json());
        columns["stale"].push_back(trial.stale_reads ? Json(*trial.stale_reads) : Json());
    }
    for (const InjectionEvidence& injection : evidence_of(run))
        columns["injections"].push_back(injection_columns(run, injection, texts));
    return columns;
}

Json stages(const RunRecord& run) {
    Json rows = Json::array();
    for (const StageSpread& spread : stage_spreads(run)) {
        rows.push_back({{"name", spread.name},
                        {"n", spread.n},
                        {"p10", microseconds_of(spread.p10)},
                        {"p50", microseconds_of(spread.p50)},
                        {"p90", microseconds_of(spread.p90)}});
    }
    Json typical = Json::array();
    const TrialRecord* trial = median_trial(run);
    if (trial != nullptr) {
        for (const NamedStage& stage : told_stages(trial->injections.front().measures.stages))
            typical.push_back({stage.name, microseconds_of(stage.at)});
    }
    return {{"spread", rows},
            {"typical", typical},
            {"trial", trial == nullptr ? Json() : Json(trial->trial)}};
}

Json success(const SuccessCurve& curve) {
    const auto rounded = [](double share) { return std::round(share * 1e4) / 1e4; };
    Json at = Json::array(), mean = Json::array(), low = Json::array(), high = Json::array(),
         all = Json::array();
    for (const SuccessCurve::Point& point : curve.points) {
        at.push_back(microseconds_of(point.at));
        mean.push_back(rounded(static_cast<double>(point.good) / static_cast<double>(point.all)));
        low.push_back(rounded(point.low));
        high.push_back(rounded(point.high));
        all.push_back(point.all);
    }
    return {{"trials", curve.trials},
            {"width", microseconds_of(curve.width)},
            {"at", at},
            {"mean", mean},
            {"low", low},
            {"high", high},
            {"all", all}};
}

std::vector<TrialDigest> read_digests(const std::filesystem::path& directory,
                                      const TrialChoice& choice,
                                      const DigestOptions& options) {
    std::vector<TrialWanted> wanted;
    for (std::size_t index = 0; index < choice.trials.size(); ++index) {
        const bool detailed = index < choice.telling || choice.trials.size() <= detailed_max;
        wanted.push_back({choice.trials[index], detailed ? DigestDetail{} : coarse});
    }
    return read_trials(directory, wanted, options);
}

/// The timelines that fit, those worth a close look first.
std::string timelines(const std::vector<TrialDigest>& digests,
                      std::size_t bytes_max,
                      TextTable& texts,
                      ChartData& data) {
    std::string list = "[";
    for (const TrialDigest& digest : digests) {
        if (!digest.missing.empty()) {
            ++data.missing;
            continue;
        }
        const bool detailed = digest.bins.size() > coarse.bins;
        const std::string encoded = encode_digest(digest, {.detailed = detailed}, texts);
        if (list.size() + encoded.size() > bytes_max) {
            ++data.left_out;
            continue;
        }
        ++data.timelines;
        data.detailed += detailed ? 1 : 0;
        list += (list.size() > 1 ? "," : "") + encoded;
    }
    return list + "]";
}

}  // namespace

ChartData chart_data(const RunRecord& run, const RenderOptions& options, std::size_t bytes_max) {
    ChartData data;
    TextTable texts;
    const DigestOptions digesting{.condition = recovery_condition(run),
                                  .grid = grid_around_injection(run)};
    const auto digests =
        read_digests(options.directory, choose_trials(run, options.trial), digesting);
    data.success = success_curve(run, digests, digesting.grid);
    const auto& latency = digesting.condition.latency;
    data.json = fmt::format(
        "{{\"shown\":{},\"latency_bound\":{},\"trials\":{},\"stages\":{},\"success\":{}",
        options.trial ? std::to_string(*options.trial) : "null",
        latency ? std::to_string(microseconds_of(*latency)) : "null",
        dump(trial_columns(run, texts)),
        dump(stages(run)),
        dump(success(data.success)));
    const std::size_t used = data.json.size();
    data.json += ",\"timelines\":" +
                 timelines(digests, bytes_max > used ? bytes_max - used : 0, texts, data);
    Json plain_texts = Json::array();
    for (const std::string& text : texts.texts()) {
        // Tabs part the text of an event.
        std::string clean;
        for (std::size_t from = 0; from <= text.size();) {
            const std::size_t tab = std::min(text.find('\t', from), text.size());
            clean += (from == 0 ? "" : "\t") + plain(text.substr(from, tab - from));
            from = tab + 1;
        }
        plain_texts.push_back(clean);
    }
    data.json += ",\"texts\":" + dump(plain_texts) + "}";
    return data;
}

}  // namespace faultline::reports
