// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "harness/base/result.hpp"
#include "harness/result/record.hpp"

namespace faultline::reports {

struct ServeOptions {
    std::filesystem::path directory;
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;  // 0: the kernel chooses
    /// Judges a run that has no summary yet. Thread: any.
    std::function<Result<>(RunRecord&)> judge{};
};

/// Shows the runs below a folder over HTTP, on loopback, and changes nothing:
///
///     /                       the list; ?scenario= &status= &q= &page=
///     /runs/ID                the report; /runs/ID/FORMAT for any other renderer; ?trial=7
///     /trend?scenario=        measures from run to run
///     /api/runs               the list as JSON; also ?from= &limit=
///     /api/runs/ID            one run with its summary
///     /api/trend?scenario=    one measure from run to run; ?measure= &last=
///     /events                 what happens to runs (server-sent events)
///     /metrics                how many runs there are, OpenMetrics
///
/// Runs are addressed by id and never by path.
class RunServer {
  public:
    /// Reads the runs and listens. Errors: `not_found` for the folder, `invalid` for the host.
    [[nodiscard]] static Result<std::unique_ptr<RunServer>> open(ServeOptions options);
    ~RunServer();
    RunServer(const RunServer&) = delete;
    RunServer& operator=(const RunServer&) = delete;

    /// "127.0.0.1:8470".
    [[nodiscard]] std::string address() const;
    [[nodiscard]] std::size_t run_count() const;
    /// What could not be read or watched; empty: nothing.
    [[nodiscard]] std::string trouble() const;

    /// Until SIGINT or SIGTERM, or `stop`.
    void run();
    /// Thread: any.
    void stop();

  private:
    struct State;
    explicit RunServer(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace faultline::reports
