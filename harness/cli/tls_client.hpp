// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>

#include "harness/base/result.hpp"

namespace faultline::cli {

using TlsStream = boost::asio::ssl::stream<boost::beast::tcp_stream>;

/// TLS 1.2 and later, trusting the certificates that OpenSSL does: those of the system, or those
/// that SSL_CERT_FILE and SSL_CERT_DIR name.
/// Source: SSL_CTX_set_default_verify_paths(3).
[[nodiscard]] Result<boost::asio::ssl::context> tls_client_context();

/// Makes a connected stream a secure one with a server that proves to be `host`.
/// Thread: the stream's loop.
class TlsHandshake {
  public:
    /// `host`: a name or a number. Requires: the stream outlives it.
    TlsHandshake(TlsStream& stream, std::string host);
    TlsHandshake(const TlsHandshake&) = delete;
    TlsHandshake& operator=(const TlsHandshake&) = delete;

    /// Calls `done` on the loop. Errors: `invalid`, its certificate is not good, with what to do;
    /// `failed`, everything else. Requires: this outlives the call.
    void start(std::function<void(Result<>)> done);

  private:
    [[nodiscard]] bool verify(bool trusted, boost::asio::ssl::verify_context& chain);
    [[nodiscard]] Error explain(const boost::system::error_code& error) const;

    TlsStream& stream_;
    std::string host_;
    std::optional<std::string> refused_{};  // why its certificate was
};

}  // namespace faultline::cli
