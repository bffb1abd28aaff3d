// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "harness/cli/notify.hpp"
#include "tests/unit/cli/tls_server.hpp"
#include "tests/unit/result/temporary_folder.hpp"

// Webhooks by https: who is told, and who is not trusted with the news.

namespace faultline::cli {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using testing::Certificate;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::make_certificate;
using testing::Peer;
using ::testing::StartsWith;
using testing::TestServer;
using testing::TlsServer;

/// What this machine's user trusts is none of these tests' business.
class HttpsWebhook : public ::testing::Test {
  protected:
    HttpsWebhook() {
        ::unsetenv("SSL_CERT_FILE");
        ::unsetenv("SSL_CERT_DIR");
    }
    /// From here on these certificates alone.
    void trust(const std::string& certificates) {
        const std::filesystem::path file = folder_.path() / "trusted.pem";
        FL_CHECK(write_file(file, certificates).has_value());
        ::setenv("SSL_CERT_FILE", file.c_str(), 1);
        ::setenv("SSL_CERT_DIR", folder_.path().c_str(), 1);
    }

  private:
    TemporaryFolder folder_;
};

std::vector<std::string> tell(const std::string& url, Duration timeout = 60s) {
    return notify({.webhooks = {url}, .webhook_timeout = timeout},
                  {.run = "ab12cd", .scenario = "pair", .outcome = RunOutcome::fail});
}

TEST_F(HttpsWebhook, IsToldWhenItsCertificateIsTrusted) {
    const Certificate certificate = make_certificate();
    trust(certificate.certificate);
    const TlsServer server(certificate);
    EXPECT_THAT(tell(fmt::format("https://localhost:{}/hook?x=1", server.port())), IsEmpty());
    EXPECT_THAT(server.request(),
                AllOf(StartsWith(fmt::format("POST /hook?x=1 localhost:{} {{", server.port())),
                      HasSubstr("\"verdict\":\"fail\"")));
    EXPECT_EQ(server.server_name(), "localhost");
    EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpsWebhook, MayBeANumberThatTheCertificateHas) {
    const Certificate certificate = make_certificate();
    trust(certificate.certificate);
    const TlsServer server(certificate);
    EXPECT_THAT(tell(fmt::format("https://127.0.0.1:{}/", server.port())), IsEmpty());
    EXPECT_THAT(server.request(), HasSubstr("\"run\":\"ab12cd\""));
    EXPECT_EQ(server.server_name(), "");
}

TEST_F(HttpsWebhook, IsToldNothingWhenNobodyVouchesForIt) {
    const TlsServer server(make_certificate());
    EXPECT_THAT(tell(fmt::format("https://localhost:{}/", server.port())),
                ElementsAre(AllOf(HasSubstr("the certificate of localhost is not trusted"),
                                  HasSubstr("let SSL_CERT_FILE name"))));
    EXPECT_EQ(server.request(), "");
    EXPECT_EQ(server.accepted(), 1);  // another attempt would end alike
}

TEST_F(HttpsWebhook, IsToldNothingWhenOthersAreTrusted) {
    trust(make_certificate().certificate);
    const TlsServer server(make_certificate());
    // Both certificates bear one name, so the signature tells.
    EXPECT_THAT(tell(fmt::format("https://localhost:{}/", server.port())),
                ElementsAre(HasSubstr("is not trusted")));
    EXPECT_EQ(server.request(), "");
}

TEST_F(HttpsWebhook, SaysThatTheFileOfTrustCannotBeRead) {
    ::setenv("SSL_CERT_FILE", "/nonexistent.pem", 1);
    const TlsServer server(make_certificate());
    EXPECT_THAT(tell(fmt::format("https://localhost:{}/", server.port())),
                ElementsAre(HasSubstr("SSL_CERT_FILE=/nonexistent.pem cannot be read")));
}

TEST_F(HttpsWebhook, IsToldNothingUnderAnotherName) {
    const Certificate certificate = make_certificate({.names = "DNS:elsewhere.example"});
    trust(certificate.certificate);
    const TlsServer server(certificate);
    EXPECT_THAT(tell(fmt::format("https://localhost:{}/", server.port())),
                ElementsAre(HasSubstr("the certificate is not for localhost")));
    EXPECT_THAT(tell(fmt::format("https://127.0.0.1:{}/", server.port())),
                ElementsAre(HasSubstr("the certificate is not for 127.0.0.1")));
    EXPECT_EQ(server.request(), "");
    EXPECT_EQ(server.accepted(), 2);
}

TEST_F(HttpsWebhook, IsToldNothingWhenItsCertificateIsOver) {
    const Certificate certificate = make_certificate({.days_left = -1});
    trust(certificate.certificate);
    const TlsServer server(certificate);
    EXPECT_THAT(
        tell(fmt::format("https://localhost:{}/", server.port())),
        ElementsAre(AllOf(HasSubstr("has expired"), ::testing::Not(HasSubstr("SSL_CERT_FILE")))));
    EXPECT_EQ(server.request(), "");
}

TEST_F(HttpsWebhook, IsNotWaitedForWhenItNeverFinishesTheHandshake) {
    const TestServer server([](Peer& peer) { static_cast<void>(peer.receive_all()); });
    EXPECT_THAT(tell("https://" + server.address() + "/", 50ms),
                ElementsAre(HasSubstr("no answer within 50")));
}

TEST_F(HttpsWebhook, SaysThatAPortSpeaksNoTls) {
    const TestServer server([](Peer& peer) {
        static_cast<void>(peer.receive_some());
        peer.send("HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    EXPECT_THAT(tell("https://" + server.address() + "/"),
                ElementsAre(HasSubstr("does the port speak TLS")));
}

}  // namespace
}  // namespace faultline::cli
