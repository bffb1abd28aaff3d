// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "harness/result/store_session.hpp"

namespace faultline {

/// Of the tables below. A higher one is made by a migration, never by editing an older one.
inline constexpr long long store_schema_version = 2;

/// Makes the tables or brings older ones up to this version, one program at a time.
///
///     faultline_runs       one row a run: what the list shows, and `case_key`, host, directory
///     faultline_documents  the run as its directory has it: run.json, summary.json, trials.jsonl,
///                          in numbered parts (store_pack.hpp)
///     faultline_measures   one row a run and measure: "recovery_time.p95", value and interval
///     faultline_schema     the version
///
/// Documents are what counts; the other columns can be made from them.
/// Errors: the schema is newer than this program.
[[nodiscard]] Result<> migrate_store(StoreSession& session);

}  // namespace faultline
