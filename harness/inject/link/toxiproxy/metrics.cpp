// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/metrics.hpp"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/inject/link/toxiproxy/process_figures.hpp"

namespace faultline::link {
namespace {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Source: OpenMetrics 1.0, "Escaping".
std::string escaped(const std::string& value) {
    std::string text;
    for (const char c : value) {
        if (c == '\\' || c == '"') text += '\\';
        if (c == '\n') {
            text += "\\n";
        } else {
            text += c;
        }
    }
    return text;
}

std::string written(const Labels& labels) {
    std::string text;
    for (const auto& [name, value] : labels)
        text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", name, escaped(value));
    return text.empty() ? "" : "{" + text + "}";
}

/// Writes families one after the other. In the older format a counter's own name ends in "_total",
/// in OpenMetrics only that of its samples.
class Page {
  public:
    explicit Page(bool openmetrics) : openmetrics_(openmetrics) {}

    void family(const std::string& name, const char* type, const char* help) {
        counter_ = std::string_view(type) == "counter";
        sample_ = counter_ ? name + "_total" : name;
        const std::string& shown = openmetrics_ ? name : sample_;
        text_ += fmt::format("# HELP {} {}\n# TYPE {} {}\n", shown, help, shown, type);
    }
    template <class Number>
    void sample(const Labels& labels, Number value) {
        text_ += fmt::format("{}{} {}\n", sample_, written(labels), value);
    }
    [[nodiscard]] std::string finish() && {
        if (openmetrics_) text_ += "# EOF\n";
        return std::move(text_);
    }

  private:
    bool openmetrics_;
    bool counter_ = false;
    std::string sample_;
    std::string text_;
};

struct Row {
    Labels labels;
    LinkCounts counts;
    const Proxy* proxy;
};

std::vector<Row> rows_of(const ProxySet& set) {
    std::vector<Row> rows;
    for (const auto& [name, proxy] : set.all()) {
        rows.push_back({.labels = {{"listener", set.listen_address(proxy)},
                                   {"proxy", name},
                                   {"upstream", proxy.upstream}},
                        .counts = set.counts(proxy),
                        .proxy = &proxy});
    }
    return rows;
}

Labels with_direction(const char* direction, const Labels& labels) {
    Labels all{{"direction", direction}};
    all.insert(all.end(), labels.begin(), labels.end());
    return all;
}

void write_bytes(Page& page, const std::vector<Row>& rows) {
    struct Family {
        const char* name;
        const char* help;
        std::uint64_t LinkCounts::Flow::*count;
    };
    constexpr Family families[] = {{"toxiproxy_proxy_received_bytes",
                                    "Bytes that came in, from the client (upstream) or the server "
                                    "(downstream)",
                                    &LinkCounts::Flow::received},
                                   {"toxiproxy_proxy_sent_bytes",
                                    "Bytes that went out, to the server (upstream) or the client "
                                    "(downstream)",
                                    &LinkCounts::Flow::sent}};
    for (const Family& family : families) {
        page.family(family.name, "counter", family.help);
        for (const Row& row : rows) {
            page.sample(with_direction("downstream", row.labels), row.counts.down.*family.count);
            page.sample(with_direction("upstream", row.labels), row.counts.up.*family.count);
        }
    }
}

void write_connections(Page& page, const std::vector<Row>& rows) {
    struct Family {
        const char* name;
        const char* type;
        const char* help;
        std::uint64_t LinkCounts::*count;
    };
    constexpr Family families[] = {
        {"faultline_proxy_connections", "counter", "Clients accepted", &LinkCounts::accepted},
        {"faultline_proxy_connections_open", "gauge", "Connections open now", &LinkCounts::open},
        {"faultline_proxy_connect_failures",
         "counter",
         "Upstream refused or did not answer",
         &LinkCounts::connect_failures},
        {"faultline_proxy_turned_away",
         "counter",
         "Clients closed at once: no descriptors left, or too many connections",
         &LinkCounts::turned_away}};
    for (const Family& family : families) {
        page.family(family.name, family.type, family.help);
        for (const Row& row : rows)
            page.sample(row.labels, row.counts.*family.count);
    }
}

void write_toxics(Page& page, const std::vector<Row>& rows) {
    struct Family {
        const char* name;
        const char* help;
        Tally::Count Tally::*count;
    };
    constexpr Family families[] = {
        {"faultline_toxic_connections", "Connections it was put on", &Tally::connections},
        {"faultline_toxic_spared", "Connections its toxicity left alone", &Tally::spared},
        {"faultline_toxic_bytes", "Bytes it changed, delayed, cut or held", &Tally::bytes},
        {"faultline_toxic_delay_nanoseconds", "Delay it added, over all chunks", &Tally::delay_ns},
        {"faultline_toxic_resets", "Connections it ended with RST", &Tally::resets},
        {"faultline_toxic_closes", "Connections it ended with FIN", &Tally::closes}};
    for (const Family& family : families) {
        page.family(family.name, "counter", family.help);
        for (const Row& row : rows) {
            for (const Toxic& toxic : row.proxy->toxics) {
                page.sample(
                    {{"proxy", row.proxy->name}, {"toxic", toxic.name}, {"type", toxic.type->name}},
                    (*toxic.tally.*family.count).get());
            }
        }
    }
}

void write_runtime(Page& page, const ProcessFigures& figures) {
    page.family("process_cpu_seconds", "counter", "User and system time of this process");
    page.sample({}, figures.cpu_seconds);
    page.family("process_resident_memory_bytes", "gauge", "Memory in use");
    page.sample({}, figures.resident_bytes);
    page.family("process_virtual_memory_bytes", "gauge", "Address space in use");
    page.sample({}, figures.virtual_bytes);
    page.family("process_open_fds", "gauge", "Open descriptors");
    page.sample({}, figures.open_descriptors);
    page.family("process_max_fds", "gauge", "The most descriptors this process may have");
    page.sample({}, figures.descriptors_max);
    page.family("process_threads", "gauge", "Threads");
    page.sample({}, figures.threads);
}

}  // namespace

std::string metrics_text(const ProxySet& set, const MetricsOptions& options) {
    Page page(options.openmetrics);
    if (options.proxies) {
        const std::vector<Row> rows = rows_of(set);
        write_bytes(page, rows);
        write_connections(page, rows);
        write_toxics(page, rows);
    }
    if (options.runtime) write_runtime(page, read_process_figures());
    return std::move(page).finish();
}

std::string metrics_content_type(bool openmetrics) {
    return openmetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                       : "text/plain; version=0.0.4; charset=utf-8";
}

}  // namespace faultline::link
