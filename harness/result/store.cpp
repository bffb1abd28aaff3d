// SPDX-License-Identifier: Apache-2.0
#include "harness/result/store.hpp"

#include <algorithm>
#include <cstdlib>
#include <soci/soci.h>
#include <string_view>

#include <fmt/format.h>

#include "harness/base/nearest.hpp"
#include "harness/result/store_rows.hpp"
#include "harness/result/store_schema.hpp"
#include "harness/result/store_session.hpp"

namespace faultline {
namespace {

using Access = StoreSession::Access;

constexpr const char* default_store = "results/history.sqlite";
constexpr std::size_t shown_ids_max = 8;        // of those that begin alike
constexpr std::size_t compared_ids_max = 1000;  // with one that is not there

/// FNV-1a, 32 bits: the same on every machine. Source: Fowler, Noll and Vo, RFC 9923.
std::uint32_t fingerprint(std::string_view text) {
    std::uint32_t hash = 2166136261U;
    for (const char c : text)
        hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
    return hash;
}

Result<StoredRun> the_one(soci::session& sql, const std::string& id) {
    if (id.empty()) return fail("the id of a run is empty", ErrorCode::invalid);
    const auto found = read_run_rows_from(sql, id, shown_ids_max + 1);
    for (const StoredRun& run : found) {
        if (run.run == id || found.size() == 1) return run;
    }
    if (found.empty()) {
        std::vector<std::string> known;
        for (const StoredRun& run : read_run_rows(sql, {.last = compared_ids_max}))
            known.push_back(run.run.substr(0, std::max(id.size(), run.run.find('.'))));
        return fail(
            fmt::format("no run in the store begins with \"{}\"{}", id, suggestion(id, known)),
            ErrorCode::not_found);
    }
    std::string list;
    for (std::size_t index = 0; index < std::min(found.size(), shown_ids_max); ++index) {
        const StoredRun& run = found[index];
        list += fmt::format("\n  {}  {}  {} {}", run.run, run.started, run.scenario, run.case_key);
    }
    return fail(fmt::format("\"{}\" begins the ids of {} runs; write more of it:{}",
                            id,
                            found.size() > shown_ids_max ? "many" : std::to_string(found.size()),
                            list),
                ErrorCode::invalid);
}

}  // namespace

class Store::Implementation {
  public:
    explicit Implementation(StoreSession session) : session_(std::move(session)) {}

    /// Reads within one transaction, hence one state of the store.
    template <class T>
    Result<T> read(const std::string& doing, const std::function<Result<T>(soci::session&)>& work) {
        std::optional<T> value;
        FL_TRY_VOID(session_.transaction(doing, Access::read, [&](soci::session& sql) -> Result<> {
            value.reset();
            FL_TRY(value, work(sql));
            return Result<>();
        }));
        return *std::move(value);
    }

    StoreSession& session() { return session_; }

  private:
    StoreSession session_;
};

Store::Store(std::unique_ptr<Implementation> implementation)
    : implementation_(std::move(implementation)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Store> Store::open(const std::string& where) {
    FL_TRY(StoreSession session, StoreSession::connect(where, StoreSession::Missing::make));
    FL_TRY_VOID(migrate_store(session));
    return Store(std::make_unique<Implementation>(std::move(session)));
}

Result<Store> Store::open_existing(const std::string& where) {
    FL_TRY(StoreSession session, StoreSession::connect(where, StoreSession::Missing::refuse));
    FL_TRY_VOID(migrate_store(session));
    return Store(std::make_unique<Implementation>(std::move(session)));
}

Result<> Store::put(const RunRecord& run, const std::filesystem::path& directory) {
    const RunRows rows = rows_of(run, directory);
    return implementation_->session().transaction(
        "adding run " + rows.run.run, Access::write, [&](soci::session& sql) {
            write_run_rows(sql, rows);
            return Result<>();
        });
}

Result<std::vector<StoredRun>> Store::history(const HistoryQuery& query) {
    return implementation_->read<std::vector<StoredRun>>(
        "listing its runs", [&](soci::session& sql) { return read_run_rows(sql, query); });
}

Result<StoredRun> Store::find(const std::string& id) {
    return implementation_->read<StoredRun>("looking for run " + id,
                                            [&](soci::session& sql) { return the_one(sql, id); });
}

Result<RunRecord> Store::get(const std::string& id) {
    return implementation_->read<RunRecord>("reading run " + id,
                                            [&](soci::session& sql) -> Result<RunRecord> {
                                                FL_TRY(const StoredRun run, the_one(sql, id));
                                                return read_record(sql, run.run);
                                            });
}

Result<std::vector<TrendPoint>> Store::trend(const TrendQuery& query) {
    auto points = implementation_->read<std::vector<TrendPoint>>(
        "reading a trend", [&](soci::session& sql) { return read_trend_rows(sql, query); });
    if (points) std::reverse(points->begin(), points->end());
    return points;
}

Result<std::vector<std::string>> Store::ids() {
    auto ids = implementation_->read<std::vector<std::string>>(
        "listing its runs", [](soci::session& sql) { return read_ids(sql); });
    if (ids) std::sort(ids->begin(), ids->end());
    return ids;
}

Result<std::vector<std::string>> Store::scenarios() {
    return implementation_->read<std::vector<std::string>>(
        "listing its scenarios", [](soci::session& sql) { return read_scenario_names(sql); });
}

Result<std::vector<std::string>> Store::measures(const std::string& scenario) {
    return implementation_->read<std::vector<std::string>>(
        "listing its measures",
        [&](soci::session& sql) { return read_measure_names(sql, scenario); });
}

Result<> Store::clear() {
    return implementation_->session().transaction(
        "emptying it", Access::write, [](soci::session& sql) {
            delete_all_rows(sql);
            return Result<>();
        });
}

std::string stored_id(const RunRecord& run) {
    std::string facts = run.scenario_name + '\n' + run.started + '\n' + std::to_string(run.seed);
    for (const auto& [name, value] : run.parameters)
        facts += '\n' + name + '=' + value;
    return fmt::format("{}.{:08x}", run.run, fingerprint(facts));
}

std::string shown_store(const std::string& where) {
    const std::size_t scheme = where.find("://");
    if (scheme == std::string::npos) return where;
    std::string shown = where;
    // The query first: hiding there moves nothing before it.
    constexpr std::string_view parameter = "password=";
    const std::size_t query = shown.find('?', scheme);
    const std::size_t given = query == std::string::npos ? query : shown.find(parameter, query);
    if (given != std::string::npos) {
        const std::size_t from = given + parameter.size();
        shown.replace(from, std::min(shown.find('&', from), shown.size()) - from, "***");
    }
    const std::size_t from = scheme + 3;
    // A password may hold what should have been escaped: the last '@' before the path ends it.
    const std::size_t at = shown.substr(0, shown.find_first_of("/?", from)).rfind('@');
    const std::size_t colon = shown.find(':', from);
    if (at != std::string::npos && at >= from && colon < at)
        shown.replace(colon + 1, at - colon - 1, "***");
    return shown;
}

std::string store_location(const std::string& asked) {
    std::string where = asked;
    if (where.empty()) {
        const char* given = std::getenv("FAULTLINE_STORE");  // NOLINT(concurrency-mt-unsafe)
        where = given == nullptr ? "" : given;
    }
    if (where == "none") return {};
    return where.empty() ? default_store : where;
}

}  // namespace faultline
