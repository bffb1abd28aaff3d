// SPDX-License-Identifier: Apache-2.0
#include "harness/load/drivers/etcd_check.hpp"

#include <algorithm>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "harness/base/base64.hpp"
#include "harness/load/drivers/redis_writes.hpp"

namespace faultline {
namespace {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

constexpr int page_keys = 1000;
constexpr std::uint64_t page_bytes_max = 64U << 20U;
constexpr std::size_t lost_keys_max = 100;
constexpr Duration answer_max = std::chrono::seconds(5);
constexpr Duration retry_pause = std::chrono::milliseconds(50);

using Values = std::map<std::string, std::string>;  // key → value

/// One POST on a connection of its own. Errors: refused, late, any status but 200.
Result<std::string> post(const SocketAddress& member,
                         const std::string& path,
                         const std::string& body,
                         Instant deadline) {
    asio::io_context context;
    boost::beast::tcp_stream stream(context);
    stream.expires_at(deadline);
    http::request<http::string_body> request(http::verb::post, path, 11, body);
    request.set(http::field::host, "etcd");
    request.prepare_payload();
    http::response_parser<http::string_body> response;
    response.body_limit(page_bytes_max);
    boost::beast::flat_buffer buffer;
    error_code result = asio::error::timed_out;

    asio::ip::tcp::endpoint endpoint;
    endpoint.resize(member.length);
    std::memcpy(endpoint.data(), &member.storage, member.length);
    stream.async_connect(endpoint, [&](error_code connected) {
        if ((result = connected)) return;
        http::async_write(stream, request, [&](error_code written, std::size_t) {
            if ((result = written)) return;
            http::async_read(
                stream, buffer, response, [&](error_code read, std::size_t) { result = read; });
        });
    });
    context.run();
    if (result) return fail(result.message());
    if (response.get().result_int() != 200)
        return fail(
            fmt::format("status {}: {}", response.get().result_int(), response.get().body()));
    return std::move(response.get().body());
}

std::string base64(std::string_view bytes) {
    std::string text;
    append_base64(text, bytes);
    return text;
}

/// Reads one page from `begin` on into `values`. Returns where the next one begins; empty: the end.
Result<std::string> read_page(const SocketAddress& member,
                              const std::string& begin,
                              const std::string& end,
                              Values& values,
                              Instant deadline) {
    const nlohmann::json question = {
        {"key", base64(begin)}, {"range_end", base64(end)}, {"limit", page_keys}};
    FL_TRY(const std::string body, post(member, "/v3/kv/range", question.dump(), deadline));
    const auto answer = nlohmann::json::parse(body, nullptr, /*allow_exceptions=*/false);
    if (!answer.is_object()) return fail("range was answered with something that is not JSON");
    if (!answer.contains("kvs")) return std::string();
    std::string last;
    for (const auto& pair : answer.at("kvs")) {
        auto key = decode_base64(pair.value("key", ""));
        auto value = decode_base64(pair.value("value", ""));
        if (!key || !value) return fail("range was answered with text that is not base64");
        last = *key;
        values[std::move(*key)] = std::move(*value);
    }
    if (!answer.value("more", false)) return std::string();
    return last + '\0';  // the key right after it
}

Result<Values> read_all(const SocketAddress& member, const std::string& prefix, Instant deadline) {
    std::string end = prefix;  // the first key that does not begin with it
    ++end.back();
    Values values;
    std::string begin = prefix;
    while (!begin.empty()) {
        FL_TRY(begin,
               read_page(member, begin, end, values, std::min(deadline, now() + answer_max)));
    }
    return values;
}

void judge(const OperationLog& log,
           const WrittenKeys& written,
           const std::string& prefix,
           const Values& values,
           WriteCheck& check) {
    for (const WrittenKey& key : written.keys()) {
        const std::string name = redis_key(prefix, key.kind, key.key);
        const auto found = values.find(name);
        std::optional<std::string_view> value;
        if (found != values.end()) value = found->second;
        const std::uint64_t lost = count_lost(log, key, value);
        check.lost += lost;
        if (lost > 0 && check.lost_keys.size() < lost_keys_max) check.lost_keys.push_back(name);
    }
    check.checked = true;
}

}  // namespace

WriteCheck check_etcd_writes(const OperationLog& log,
                             const std::string& key_prefix,
                             const std::vector<SocketAddress>& members,
                             Instant deadline) {
    const WrittenKeys written(log);
    WriteCheck check;
    for (const WrittenKey& key : written.keys()) {
        for (const std::uint32_t write : key.writes) {
            if (log[write].outcome == Outcome::ok) ++check.acknowledged;
            if (log[write].outcome == Outcome::unknown) ++check.unknown;
        }
    }
    std::string trouble = "there is no member to ask";
    while (now() < deadline) {
        for (const SocketAddress& member : members) {
            auto values = read_all(member, key_prefix, deadline);
            if (values) {
                judge(log, written, key_prefix, *values, check);
                return check;
            }
            trouble = values.error().message;
        }
        std::this_thread::sleep_until(std::min(deadline, now() + retry_pause));
    }
    check.note = "the written keys could not be read back by the deadline: " + trouble;
    return check;
}

}  // namespace faultline
