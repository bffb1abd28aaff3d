// SPDX-License-Identifier: Apache-2.0
#include "harness/result/store_schema.hpp"

#include <array>
#include <soci/soci.h>
#include <vector>

#include <fmt/format.h>

#include "harness/result/store_rows.hpp"

namespace faultline {
namespace {

using Migration = Result<> (*)(soci::session&);

// The words of these statements mean the same to SQLite and to PostgreSQL.

Result<> make_tables(soci::session& sql) {
    sql << "create table faultline_runs ("
           " run text primary key, scenario text not null, case_key text not null,"
           " started text not null, started_ms bigint not null, host text not null,"
           " directory text not null, version text not null, outcome text not null,"
           " fault_trials bigint not null, control_trials bigint not null,"
           " invalid_trials bigint not null)";
    sql << "create index faultline_runs_by_scenario on faultline_runs (scenario, started)";
    sql << "create table faultline_documents ("
           " run text not null, name text not null, part bigint not null, content text not null,"
           " primary key (run, name, part))";
    sql << "create table faultline_measures ("
           " run text not null, name text not null, value double precision,"
           " primary key (run, name))";
    return {};
}

/// Measures get the trials they are of and their intervals, from the summaries.
Result<> add_intervals(soci::session& sql) {
    sql << "drop table faultline_measures";
    sql << "create table faultline_measures ("
           " run text not null, name text not null, n bigint not null, value double precision,"
           " low double precision, high double precision, primary key (run, name))";
    for (const std::string& run : runs_with_summary(sql)) {
        FL_TRY(const auto summary, read_summary_row(sql, run));
        if (summary) write_measure_rows(sql, run, measure_rows(*summary));
    }
    return {};
}

// migrations[v] leads from version v to v + 1.
constexpr std::array<Migration, store_schema_version> migrations{make_tables, add_intervals};

long long version_of(const StoreSession& session, soci::session& sql) {
    long long version = 0;
    if (session.has_table(sql, "faultline_schema"))
        sql << "select version from faultline_schema", soci::into(version);
    return version;
}

Result<> refuse_newer(const StoreSession& session, long long version) {
    if (version <= store_schema_version) return {};
    return fail(fmt::format("the store {} was written by a newer faultline (schema {}, this one "
                            "knows {}): use that one, or make a store of your own with faultline "
                            "history import DIR --store PATH",
                            session.shown(),
                            version,
                            store_schema_version),
                ErrorCode::unsupported);
}

Result<> migrate_from(const StoreSession& session, soci::session& sql) {
    session.lock_schema(sql);
    // Another program may have been quicker.
    const long long found = version_of(session, sql);
    FL_TRY_VOID(refuse_newer(session, found));
    if (found == store_schema_version) return {};
    for (auto version = static_cast<std::size_t>(found); version < migrations.size(); ++version)
        FL_TRY_VOID(migrations[version](sql));
    if (found == 0) {
        sql << "create table faultline_schema (version bigint not null)";
        sql << "insert into faultline_schema (version) values (0)";
    }
    const long long version = store_schema_version;
    sql << "update faultline_schema set version = :version", soci::use(version);
    return {};
}

}  // namespace

Result<> migrate_store(StoreSession& session) {
    long long found = 0;
    FL_TRY_VOID(session.transaction(
        "reading its version", StoreSession::Access::read, [&](soci::session& sql) {
            found = version_of(session, sql);
            return Result<>();
        }));
    FL_TRY_VOID(refuse_newer(session, found));
    if (found == store_schema_version) return {};
    return session.transaction("making its tables",
                               StoreSession::Access::write,
                               [&](soci::session& sql) { return migrate_from(session, sql); });
}

}  // namespace faultline
