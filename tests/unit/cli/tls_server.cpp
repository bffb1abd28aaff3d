// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/cli/tls_server.hpp"

#include <memory>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <unistd.h>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include "harness/base/check.hpp"

namespace faultline::testing {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

struct Free {
    void operator()(EVP_PKEY* key) const { ::EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { ::X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const { ::X509_EXTENSION_free(extension); }
    void operator()(BIO* memory) const { ::BIO_free(memory); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

template <class Write>
std::string pem_of(Write write) {
    const Owned<BIO> memory(::BIO_new(::BIO_s_mem()));
    FL_CHECK(memory != nullptr);
    FL_CHECK(write(memory.get()) == 1);
    std::string text(::BIO_ctrl_pending(memory.get()), '\0');
    FL_CHECK(::BIO_read(memory.get(), text.data(), static_cast<int>(text.size())) ==
             static_cast<int>(text.size()));
    return text;
}

void set_name(X509* certificate, const char* common_name) {
    X509_NAME* name = ::X509_get_subject_name(certificate);
    const auto* bytes = reinterpret_cast<const unsigned char*>(common_name);
    FL_CHECK(::X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, bytes, -1, -1, 0) == 1);
    FL_CHECK(::X509_set_issuer_name(certificate, name) == 1);
}

void set_times(X509* certificate, int days_left) {
    constexpr int days_before = 30;
    FL_CHECK(::X509_time_adj_ex(::X509_getm_notBefore(certificate), -days_before, 0, nullptr));
    FL_CHECK(::X509_time_adj_ex(::X509_getm_notAfter(certificate), days_left, 0, nullptr));
}

}  // namespace

Certificate make_certificate(const CertificateWish& wish) {
    constexpr long version_3 = 2;
    const Owned<EVP_PKEY> key(::EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
    const Owned<X509> certificate(::X509_new());
    FL_CHECK(key && certificate);
    FL_CHECK(::X509_set_version(certificate.get(), version_3) == 1);
    ::ASN1_INTEGER_set(::X509_get_serialNumber(certificate.get()), 1);
    set_name(certificate.get(), "faultline test");
    set_times(certificate.get(), wish.days_left);
    FL_CHECK(::X509_set_pubkey(certificate.get(), key.get()) == 1);
    const Owned<X509_EXTENSION> names(
        ::X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, wish.names.c_str()));
    FL_CHECK(names != nullptr);
    FL_CHECK(::X509_add_ext(certificate.get(), names.get(), -1) == 1);
    FL_CHECK(::X509_sign(certificate.get(), key.get(), ::EVP_sha256()) > 0);
    return {.certificate = pem_of(
                [&](BIO* memory) { return ::PEM_write_bio_X509(memory, certificate.get()); }),
            .key = pem_of([&](BIO* memory) {
                return ::PEM_write_bio_PrivateKey(
                    memory, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
            })};
}

TlsServer::TlsServer(Certificate certificate)
    : certificate_(std::move(certificate)), server_([this](const Peer& peer) { serve(peer); }) {}

void TlsServer::serve(const Peer& peer) {
    asio::ssl::context context(asio::ssl::context::tls_server);
    context.use_certificate(asio::buffer(certificate_.certificate), asio::ssl::context::pem);
    context.use_private_key(asio::buffer(certificate_.key), asio::ssl::context::pem);
    asio::io_context loop;
    asio::ssl::stream<tcp::socket> stream(loop, context);
    // Its own number of the connection, which the server still shuts down at the end.
    stream.next_layer().assign(tcp::v4(), ::dup(peer.fd()));
    boost::system::error_code error;
    stream.handshake(asio::ssl::stream_base::server, error);
    if (error) return;
    boost::beast::flat_buffer buffer;
    http::request<http::string_body> request;
    http::read(stream, buffer, request, error);
    if (error) return;
    const char* name = ::SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
    {
        const std::lock_guard lock(mutex_);
        server_name_ = name == nullptr ? "" : name;
        request_ = std::string(request.method_string()) + " " + std::string(request.target()) +
                   " " + std::string(request[http::field::host]) + " " + request.body();
    }
    const http::response<http::empty_body> answer(http::status::no_content, 11);
    http::write(stream, answer, error);
}

std::string TlsServer::request() const {
    const std::lock_guard lock(mutex_);
    return request_;
}

std::string TlsServer::server_name() const {
    const std::lock_guard lock(mutex_);
    return server_name_;
}

}  // namespace faultline::testing
