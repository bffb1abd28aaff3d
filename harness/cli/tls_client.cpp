// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/tls_client.hpp"

#include <cstdlib>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/system/system_error.hpp>
#include <fmt/format.h>

namespace faultline::cli {
namespace {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using boost::system::error_code;

bool is_number(const std::string& host) {
    error_code error;
    asio::ip::make_address(host, error);
    return !error;
}

/// SSL_set_tlsext_host_name(), whose macro does not compile without warnings.
bool set_server_name(SSL* tls, std::string name) {
    return ::SSL_ctrl(tls, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) ==
           1;
}

/// Nobody vouches for it, which SSL_CERT_FILE can change.
bool is_unknown_issuer(int verify_error) {
    return verify_error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
           verify_error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
           verify_error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE ||
           verify_error == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
           verify_error == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
           verify_error == X509_V_ERR_CERT_UNTRUSTED;
}

std::string advice_on_trust() {
    const char* file = std::getenv("SSL_CERT_FILE");
    if (file != nullptr && ::access(file, R_OK) != 0)
        return fmt::format("SSL_CERT_FILE={} cannot be read", file);
    if (file != nullptr) return fmt::format("SSL_CERT_FILE={} does not vouch for it", file);
    return "let SSL_CERT_FILE name a file with the certificate of its authority, or install "
           "ca-certificates";
}

std::string say_untrusted(const std::string& host, int verify_error) {
    std::string why = fmt::format("the certificate of {} is not trusted: {}",
                                  host,
                                  ::X509_verify_cert_error_string(verify_error));
    if (is_unknown_issuer(verify_error)) why += "; " + advice_on_trust();
    return why;
}

}  // namespace

Result<ssl::context> tls_client_context() try {
    ssl::context context(ssl::context::tls_client);
    if (::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION) != 1)
        return fail("TLS: this OpenSSL knows no TLS 1.2");
    context.set_default_verify_paths();
    return context;
} catch (const boost::system::system_error& error) {
    return fail(fmt::format("TLS: OpenSSL does not start: {}", error.what()));
}

TlsHandshake::TlsHandshake(TlsStream& stream, std::string host)
    : stream_(stream), host_(std::move(host)) {}

void TlsHandshake::start(std::function<void(Result<>)> done) {
    error_code error;
    stream_.set_verify_mode(ssl::verify_peer, error);
    if (!error) {
        stream_.set_verify_callback(
            [this](bool trusted, ssl::verify_context& chain) { return verify(trusted, chain); },
            error);
    }
    // Numbers are no server names (RFC 6066, section 3).
    const bool named = is_number(host_) || set_server_name(stream_.native_handle(), host_);
    if (error || !named) return done(fail(fmt::format("TLS: \"{}\" is no server name", host_)));
    stream_.async_handshake(ssl::stream_base::client, [this, done](const error_code& ended) {
        if (ended) return done(tl::unexpected(explain(ended)));
        done({});
    });
}

bool TlsHandshake::verify(bool trusted, ssl::verify_context& chain) {
    if (!trusted) {
        refused_ = say_untrusted(host_, ::X509_STORE_CTX_get_error(chain.native_handle()));
        return false;
    }
    if (ssl::host_name_verification(host_)(trusted, chain)) return true;
    refused_ = fmt::format(
        "the certificate is not for {}; the URL must have a name that the certificate has", host_);
    return false;
}

Error TlsHandshake::explain(const error_code& error) const {
    if (refused_) return Error{ErrorCode::invalid, "TLS: " + *refused_};
    std::string why = "TLS handshake: " + error.message();
    if (error.category() == asio::error::get_ssl_category() &&
        ERR_GET_REASON(static_cast<unsigned long>(error.value())) == SSL_R_WRONG_VERSION_NUMBER)
        why += "; does the port speak TLS, or is it http://?";
    return Error{ErrorCode::failed, why};
}

}  // namespace faultline::cli
