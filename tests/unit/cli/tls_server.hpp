// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "tests/unit/inject/toxiproxy/sockets.hpp"

namespace faultline::testing {

/// A key and a certificate that it signed itself, in PEM.
struct Certificate {
    std::string certificate;
    std::string key;
};
/// `names`: as in an openssl.cnf, "DNS:localhost, IP:127.0.0.1". `days_left`: negative, over.
struct CertificateWish {
    std::string names = "DNS:localhost, IP:127.0.0.1";
    int days_left = 1;
};
[[nodiscard]] Certificate make_certificate(const CertificateWish& wish = {});

/// A web server with TLS that reads one request a connection and answers 204.
class TlsServer {
  public:
    explicit TlsServer(Certificate certificate);

    [[nodiscard]] std::uint16_t port() const { return server_.port(); }
    [[nodiscard]] int accepted() const { return server_.accepted(); }
    /// The last request that arrived whole, and the name its client asked for (SNI).
    [[nodiscard]] std::string request() const;
    [[nodiscard]] std::string server_name() const;

  private:
    void serve(const Peer& peer);

    Certificate certificate_;
    mutable std::mutex mutex_;
    std::string request_{}, server_name_{};
    TestServer server_;  // last: its threads use the others
};

}  // namespace faultline::testing
