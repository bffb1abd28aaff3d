// SPDX-License-Identifier: Apache-2.0
#include "targets/kvnode/metrics.hpp"

#include <fmt/format.h>

#include "targets/core/levels/level.hpp"
#include "targets/kvnode/service.hpp"

namespace kvnode {
namespace {

void add_gauge(std::string& out, const char* name, const char* help, double value) {
    out += fmt::format("# TYPE {0} gauge\n# HELP {0} {1}\n{0} {2}\n", name, help, value);
}
void add_counter(std::string& out, const char* name, const char* help, std::uint64_t value) {
    out += fmt::format("# TYPE {0} counter\n# HELP {0} {1}\n{0}_total {2}\n", name, help, value);
}
void add_latency(std::string& out,
                 const char* name,
                 const char* help,
                 const LatencyCounts& counts) {
    out += fmt::format("# TYPE {0} histogram\n# UNIT {0} seconds\n# HELP {0} {1}\n", name, help);
    std::uint64_t below = 0;
    for (std::size_t bucket = 0; bucket < LatencyCounts::bucket_count; ++bucket) {
        below += counts.buckets[bucket];
        out += fmt::format(
            "{}_bucket{{le=\"{}\"}} {}\n", name, LatencyCounts::bound_seconds(bucket), below);
    }
    out += fmt::format("{0}_bucket{{le=\"+Inf\"}} {1}\n{0}_sum {2}\n{0}_count {1}\n",
                       name,
                       counts.count,
                       counts.sum_seconds);
}

}  // namespace

std::string metrics_text(const Service& service) {
    const ftcore::NodeStatus status = service.node.status();
    std::string out;
    out += fmt::format(
        "# TYPE kvnode info\n# HELP kvnode What this node is.\n"
        "kvnode_info{{node=\"{}\",level=\"{}\",state=\"{}\"}} 1\n",
        service.node.settings().self,
        name_of(service.node.settings().level),
        status.life_cycle);
    add_gauge(out, "kvnode_serving", "1 when this node is the primary and serves.", status.serving);
    add_gauge(out, "kvnode_term", "The term it is in.", static_cast<double>(status.term));
    add_gauge(out, "kvnode_commit_index", "Agreed entries.", static_cast<double>(status.commit));
    add_gauge(out, "kvnode_applied_index", "Applied entries.", static_cast<double>(status.applied));
    add_gauge(out,
              "kvnode_log_bytes",
              "Log behind the newest snapshot.",
              static_cast<double>(status.log_bytes));
    add_gauge(out,
              "kvnode_storage_ok",
              "0 after a failed or refused write, until repaired.",
              status.storage_ok);
    add_gauge(out,
              "kvnode_storage_latency_p99_seconds",
              "Recent p99 of a synced write.",
              faultline::seconds_of(status.storage_latency));
    add_gauge(out, "kvnode_pending", "Operations that wait.", static_cast<double>(status.pending));
    add_gauge(out, "kvnode_connections", "Clients.", static_cast<double>(service.connections_now));
    add_gauge(out, "kvnode_keys", "Keys.", static_cast<double>(service.store.size()));
    add_gauge(
        out, "kvnode_data_bytes", "Keys and values.", static_cast<double>(service.store.bytes()));
    add_counter(out, "kvnode_elections_won", "Elections that this process won.", status.elections);
    add_counter(out,
                "kvnode_connections_taken",
                "Connections taken or refused.",
                service.connections_total);
    add_counter(out,
                "kvnode_connections_refused",
                "Connections over the limit.",
                service.connections_refused);
    add_counter(out, "kvnode_commands", "Commands.", service.commands_total);
    add_counter(
        out, "kvnode_refusals", "Commands answered with a code of ours.", service.refusals_total);
    add_counter(out,
                "kvnode_protocol_errors",
                "Connections closed for nonsense.",
                service.protocol_errors_total);
    add_latency(
        out, "kvnode_write_seconds", "From a write's arrival to its answer.", service.writes);
    add_latency(out, "kvnode_read_seconds", "From a read's arrival to its answer.", service.reads);
    return out + "# EOF\n";
}

}  // namespace kvnode
