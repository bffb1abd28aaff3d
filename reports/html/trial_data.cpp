// SPDX-License-Identifier: Apache-2.0
#include "reports/html/trial_data.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "reports/plain.hpp"

namespace faultline::reports {
namespace {

constexpr std::size_t said_max = 160;  // bytes kept of what an event said

/// "[1,2,3]", and the commas.
class NumberList {
  public:
    void add(std::int64_t number) {
        if (text_.size() > 1) text_ += ',';
        fmt::format_to(std::back_inserter(text_), "{}", number);
    }
    [[nodiscard]] std::string finish() { return text_ + "]"; }

  private:
    std::string text_ = "[";
};

std::string json_text(const std::string& text) {
    return nlohmann::json(plain(text)).dump();
}

template <class Value>
std::string column(const TrialDigest& digest, Value value) {
    NumberList list;
    for (const DigestBin& bin : digest.bins)
        list.add(value(bin));
    return list.finish();
}

std::string bad_operations(const TrialDigest& digest) {
    constexpr std::int64_t failures = 8;  // room for every Failure
    NumberList list;
    std::int64_t before = 0;
    for (const BadOperation& operation : digest.bad_operations) {
        list.add(operation.at - before);
        list.add(operation.latency);
        list.add(operation.kind * failures + static_cast<std::int64_t>(operation.failure));
        before = operation.at;
    }
    return list.finish();
}

std::int64_t since_zero(const TrialDigest& digest, Instant when) {
    return std::chrono::floor<std::chrono::microseconds>(when - digest.zero).count();
}

std::string events(const TrialDigest& digest, TextTable& texts) {
    NumberList list;
    std::int64_t before = 0;
    for (const Event& event : digest.events) {
        const std::int64_t at = since_zero(digest, event.at);
        list.add(at - before);
        list.add(static_cast<std::int64_t>(texts.of(fmt::format("{}{}\t{}\t{}",
                                                                event.signal >= 0 ? "!" : "",
                                                                name_of(event.source),
                                                                event.name,
                                                                event.instance))));
        before = at;
    }
    return list.finish();
}

std::string said(const Event& event) {
    std::string text;
    for (const auto& [name, value] : event.fields) {
        if (!text.empty()) text += ", ";
        text += name == "text" ? value : name + " " + value;
        if (text.size() > said_max) return text.substr(0, said_max) + "...";
    }
    return text;
}

std::string said_list(const TrialDigest& digest) {
    std::string text;
    for (const Event& event : digest.events)
        text += (text.empty() ? "[" : ",") + json_text(said(event));
    return text.empty() ? "[]" : text + "]";
}

std::string roles(const TrialDigest& digest, TextTable& texts) {
    NumberList list;
    for (const RoleSpan& span : digest.roles) {
        list.add(static_cast<std::int64_t>(texts.of(span.instance)));
        list.add(static_cast<std::int64_t>(texts.of(span.role)));
        list.add(span.from);
        list.add(span.to - span.from);
    }
    return list.finish();
}

std::string injections(const TrialDigest& digest) {
    nlohmann::json list = nlohmann::json::array();
    for (const Injection& injection : digest.injections) {
        std::vector<std::string> on;
        for (const std::string& name : injection.on)
            on.push_back(plain(name));
        nlohmann::json to;
        if (injection.cleared) to = since_zero(digest, *injection.cleared);
        list.push_back({plain(injection.id),
                        plain(injection.fault),
                        on,
                        since_zero(digest, injection.at()),
                        to});
    }
    return list.dump();
}

}  // namespace

std::size_t TextTable::of(const std::string& text) {
    const auto [found, added] = numbers_.try_emplace(text, texts_.size());
    if (added) texts_.push_back(text);
    return found->second;
}

std::string encode_digest(const TrialDigest& digest,
                          const TrialEncoding& encoding,
                          TextTable& texts) {
    if (!digest.missing.empty()) {
        return fmt::format("{{\"n\":{},\"missing\":{}}}", digest.trial, json_text(digest.missing));
    }
    std::string text = fmt::format("{{\"n\":{},\"f\":{},\"t\":{},\"ops\":{},\"bad\":{},\"ev\":{}",
                                   digest.trial,
                                   digest.from,
                                   digest.to,
                                   digest.operations_total,
                                   digest.bad_total,
                                   digest.events_total);
    const auto part = [&](char name, const std::string& json) {
        text += fmt::format(",\"{}\":{}", name, json);
    };
    part('c', column(digest, [](const DigestBin& bin) { return bin.good; }));
    part('b', column(digest, [](const DigestBin& bin) { return bin.bad; }));
    part('m', column(digest, [](const DigestBin& bin) { return bin.latency_median; }));
    part('e', events(digest, texts));
    part('r', roles(digest, texts));
    part('i', injections(digest));
    if (encoding.detailed) {
        part('l', column(digest, [](const DigestBin& bin) { return bin.latency_min; }));
        part('h', column(digest, [](const DigestBin& bin) { return bin.latency_max; }));
        part('x', bad_operations(digest));
        part('d', said_list(digest));
        part('k',
             nlohmann::json(digest.kinds)
                 .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    }
    return text + "}";
}

}  // namespace faultline::reports
