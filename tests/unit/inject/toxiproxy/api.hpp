// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "harness/base/check.hpp"
#include "harness/inject/link/toxiproxy/routes.hpp"

namespace faultline::testing {

/// The API on a real engine, without HTTP in between.
class Api {
  public:
    explicit Api(std::uint64_t seed = 1) : engine_(start(seed)), set_(*engine_) {}

    link::ApiResponse request(const std::string& method,
                              const std::string& target,
                              const std::string& body = "") {
        link::ApiRequest request{.method = method, .target = target, .body = body};
        return link::respond(request, set_, book, options);
    }
    link::ApiResponse get(const std::string& target) { return request("GET", target); }
    link::ApiResponse post(const std::string& target, const nlohmann::json& body) {
        return request("POST", target, body.dump());
    }

    /// Makes a proxy and returns where it listens.
    std::string proxy(const std::string& name, const std::string& upstream) {
        const auto made = post("/proxies", {{"name", name}, {"upstream", upstream}});
        FL_CHECK_OP(==, made.status, 201);
        return nlohmann::json::parse(made.body).at("listen");
    }
    /// The answer's status to adding a toxic to the proxy "p".
    int toxic(const nlohmann::json& toxic) { return post("/proxies/p/toxics", toxic).status; }

    [[nodiscard]] link::ProxySet& set() { return set_; }

    link::AddressBook book{};
    link::ApiOptions options{};

  private:
    static std::unique_ptr<link::Engine> start(std::uint64_t seed) {
        auto engine = link::Engine::start({.seed = seed});
        FL_CHECK(engine.has_value());
        return std::move(*engine);
    }
    std::unique_ptr<link::Engine> engine_;
    link::ProxySet set_;
};

inline nlohmann::json json_of(const link::ApiResponse& response) {
    return nlohmann::json::parse(response.body, nullptr, false);
}

}  // namespace faultline::testing
