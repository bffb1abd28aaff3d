// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "harness/inject/link/protocol/link_error.hpp"

namespace faultline::link::test {

/// What arrives at one end of a connection.
class RecordingOutlet final : public Outlet {
  public:
    void push(Chunk chunk) override;
    void finish(Instant at) override;
    void reset() override { was_reset = true; }
    void close() override { closed = true; }

    std::string bytes{};
    std::vector<Chunk> chunks{};
    bool finished = false;
    Instant finished_at{};
    bool was_reset = false;
    bool closed = false;
};

/// One connection with the effect of link.error on it, in virtual time, driven as the engine would:
/// after every call all stages that are due are advanced.
class Talk {
  public:
    enum class Opened { now, before };
    explicit Talk(ErrorSpec spec, Opened opened = Opened::now, std::uint64_t seed = 1);
    /// Another connection of the same fault.
    Talk(Talk& other, std::uint64_t seed);

    /// At the present instant.
    void ask(std::string_view bytes);
    void answer(std::string_view bytes);
    void client_finishes();
    void server_finishes();
    /// Lets time pass, with everything that is due at its instant.
    void wait(Duration span);

    /// The effect is taken away, gently or at once.
    void retire();
    void release();

    [[nodiscard]] const RecordingOutlet& server() const { return server_; }
    [[nodiscard]] const RecordingOutlet& client() const { return client_; }
    /// What came there since the last time somebody asked.
    [[nodiscard]] std::string server_got();
    [[nodiscard]] std::string client_got();
    [[nodiscard]] bool over() const;
    /// Whether the effect has left the connection.
    [[nodiscard]] bool gone() const { return stages_.up == nullptr && stages_.down == nullptr; }
    [[nodiscard]] std::size_t held() const;
    [[nodiscard]] bool accepts() const;
    [[nodiscard]] const Tally& tally() const { return *tally_; }
    [[nodiscard]] Instant now() const { return now_; }

  private:
    void settle();
    void drop_retired();
    [[nodiscard]] Instant wake() const;

    std::shared_ptr<Effect> effect_;
    std::shared_ptr<Tally> tally_ = std::make_shared<Tally>();
    Effect::Stages stages_;
    RecordingOutlet server_;
    RecordingOutlet client_;
    std::size_t server_seen_ = 0;
    std::size_t client_seen_ = 0;
    bool retiring_ = false;
    Instant now_ = Instant(std::chrono::seconds(100));
};

// Specs for tests.
[[nodiscard]] ErrorSpec answering(RequestConditions match = {});
[[nodiscard]] ErrorSpec acting(ErrorAction action, RequestConditions match = {});

// Messages for tests.
[[nodiscard]] std::string get(std::string_view path, std::string_view fields = {});
[[nodiscard]] std::string post(std::string_view path, std::string_view body);
[[nodiscard]] std::string ok(std::string_view body);
/// What the default fault answers an HTTP request with.
[[nodiscard]] std::string refusal();
inline constexpr std::string_view redis_refusal = "-ERR injected by faultline\r\n";

}  // namespace faultline::link::test
