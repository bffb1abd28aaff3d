// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "reports/serve/http_message.hpp"
#include "reports/serve/live_runs.hpp"
#include "reports/serve/report_cache.hpp"

namespace faultline::reports {

/// Answers a request about the runs; see RunServer for the routes.
/// Thread: the server's; `answer` may be called later, on the cache's.
void answer_request(const HttpRequest& request,
                    const LiveRuns& runs,
                    ReportCache& cache,
                    const HttpAnswer& answer);

}  // namespace faultline::reports
