// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/base/file.hpp"
#include "tests/e2e/faultline_program.hpp"

// What is named under "secret" is in no file that is kept and in nothing that is printed.

namespace faultline::e2e {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<std::string> secret_values{
    "tok-from-env-31", "inline-pass-42", "argument-sesame-53", "joined-key-64"};
const std::map<std::string, std::string> environment{{"FL_TEST_TOKEN", "tok-from-env-31"}};

/// Tells everything it knows, wherever a target can, and ends when `$1` says so.
constexpr const char* teller = R"(echo "token $API_TOKEN pass $PASS args $*"
printf 'cut in the %s' "${API_TOKEN%-31}"; printf '%s middle\n' -31
echo "on the error output: $PASS" >&2
echo "own file: $API_TOKEN" > own.log
[ "$1" = stay ] || exit 1
# Again and again: the fault waits for one that comes in steady state.
exec perl -MSocket -e 'socket(S, AF_UNIX, SOCK_DGRAM, 0);
    for (;;) {
        send(S, "{\"event\": \"told\", \"token\": \"$ENV{API_TOKEN}\"}", 0, pack_sockaddr_un($ENV{FAULTLINE_EVENTS}));
        select(undef, undef, undef, 0.05);
    }'
)";

std::string telling_scenario(const Workplace& place, const std::string& then) {
    const std::string script = place.write("teller.sh", teller).string();
    std::string text = pair_scenario(
        R"([{"fault": "process.crash", "on": "metronome@primary", "after": {"event": "told"}}])",
        R"(, "trials": {"count": 1}, "secret": ["API_TOKEN", "PASS", "--password", "--key"])");
    const std::string targets = "\"targets\": {";
    text.insert(text.find(targets) + targets.size(),
                R"("teller": {"command": ["sh", ")" + script + R"(", ")" + then +
                    R"(", "--password", "argument-sesame-53", "--key=joined-key-64"],
      "env": {"API_TOKEN": "${env.FL_TEST_TOKEN}", "PASS": "inline-pass-42"},
      "files": {"told.txt": "${env.FL_TEST_TOKEN} and inline-pass-42"}},)");
    const std::string signals = "\"detection\": [";
    text.insert(text.find(signals) + signals.size(),
                R"x({"log": "token (?P<what>.*)", "in": "teller"},)x");
    return text;
}

std::vector<std::string> secrets_in(const std::string& text) {
    std::vector<std::string> found;
    for (const std::string& value : secret_values) {
        if (text.find(value) != std::string::npos) found.push_back(value);
    }
    return found;
}

/// "file: value" for each secret in a file below, or in its name.
std::vector<std::string> secrets_below(const std::filesystem::path& folder) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        std::string text = entry.path().string() + "\n";
        if (entry.is_regular_file()) text += read_file(entry.path()).value_or("");
        for (const std::string& value : secrets_in(text))
            found.push_back(entry.path().string() + ": " + value);
    }
    return found;
}

std::string said(const CommandResult& result) {
    return result.output + result.error_output;
}

TEST(SecretValues, AreInNoOutputOfARun) {
    const Workplace place;
    place.write("tell.json", telling_scenario(place, "stay"));
    const auto explained = place.faultline({"explain", "tell.json"}, environment);
    EXPECT_THAT(explained.output, HasSubstr("--password ***"));
    EXPECT_THAT(secrets_in(said(explained)), IsEmpty());
    const auto run = place.faultline({"run",
                                      "tell.json",
                                      "--out",
                                      "out",
                                      "--keep-data",
                                      "--store",
                                      "h.sqlite",
                                      "--set",
                                      "/targets/teller/env/PASS=inline-pass-42"},
                                     environment);
    ASSERT_TRUE(std::filesystem::exists(place.folder() / "out/summary.json")) << said(run);
    EXPECT_THAT(secrets_in(said(run)), IsEmpty());
    EXPECT_THAT(secrets_below(place.folder() / "out"), IsEmpty());
    // It was all there.
    const auto trial = place.folder() / "out/trials/0001";
    const std::string output = read_file(trial / "teller.0/stdout").value_or("");
    EXPECT_THAT(output, HasSubstr("token *** pass *** args stay --password *** --key=***\n"));
    EXPECT_THAT(output, HasSubstr("cut in the *** middle\n"));
    EXPECT_EQ(read_file(trial / "teller.0/dir/told.txt").value_or(""), "*** and ***");
    EXPECT_EQ(read_file(trial / "teller.0/dir/own.log").value_or(""), "own file: ***\n");
    EXPECT_THAT(read_file(trial / "timeline.jsonl").value_or(""), HasSubstr("\"token\":\"***\""));
    for (const char* format : {"terminal", "markdown", "json"}) {
        const auto report = place.faultline({"report", "out", "--format", format}, environment);
        EXPECT_THAT(secrets_in(said(report)), IsEmpty()) << format;
    }
}

TEST(SecretValues, AreInNoMessageAboutATargetThatFailed) {
    const Workplace place;
    place.write("tell.json", telling_scenario(place, "fail"));
    const auto run = place.faultline({"run", "tell.json", "--out", "out"}, environment);
    EXPECT_THAT(said(run), HasSubstr("teller[0]"));
    EXPECT_THAT(secrets_in(said(run)), IsEmpty());
    EXPECT_THAT(secrets_below(place.folder() / "out"), IsEmpty());
}

TEST(SecretValues, AreAskedForAgainWhenARunIsResumed) {
    const Workplace place;
    place.write("tell.json", telling_scenario(place, "stay"));
    static_cast<void>(
        place.faultline({"run", "tell.json", "--out", "out", "--format", "none"}, environment));
    const auto refused = place.faultline({"run", "--resume", "out", "--trials", "2"}, environment);
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_THAT(refused.error_output, HasSubstr("--set '/targets/teller/env/PASS=VALUE'"));
    EXPECT_THAT(refused.error_output, HasSubstr("--set '/targets/teller/command/4=VALUE'"));
    const std::vector<std::string> given{
        "--set",
        "/targets/teller/env/PASS=inline-pass-42",
        "--set",
        "/targets/teller/command/4=argument-sesame-53",
        "--set",
        "/targets/teller/command/5=--key=joined-key-64",
        "--set",
        "/targets/teller/files/told.txt=${env.FL_TEST_TOKEN} and inline-pass-42"};
    std::vector<std::string> words{"run", "--resume", "out", "--trials", "2"};
    words.insert(words.end(), given.begin(), given.end());
    const auto resumed = place.faultline(words, environment);
    EXPECT_TRUE(std::filesystem::exists(place.folder() / "out/trials/0002/timeline.jsonl"))
        << said(resumed);
    EXPECT_THAT(secrets_in(said(resumed)), IsEmpty());
    EXPECT_THAT(secrets_below(place.folder() / "out"), IsEmpty());
    const auto other =
        place.faultline({"run", "--resume", "out", "--set", "/load/rate=5/s"}, environment);
    EXPECT_THAT(other.error_output, HasSubstr("change nothing else"));
}

}  // namespace
}  // namespace faultline::e2e
