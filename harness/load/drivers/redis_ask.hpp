// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/base/resp.hpp"
#include "harness/base/time.hpp"
#include "harness/load/address.hpp"

namespace faultline {

/// Asks every address the same at the same time, each over a connection of its own, and hands on
/// the answers in the order in which they come, so that one that hangs delays no other. Ends when
/// all have answered or failed, at `deadline`, when `cancel_fd` (-1: none) becomes readable, or
/// when `on_answer` says true. Returns how many answered. Thread: any; blocks.
int ask_all(const std::vector<SocketAddress>& addresses,
            std::string_view request,
            Instant deadline,
            int cancel_fd,
            const std::function<bool(std::size_t index, const RespValue& answer)>& on_answer);

/// One connection that asks in batches and waits.
class RespClient {
  public:
    /// Errors: refused, late.
    [[nodiscard]] static Result<RespClient> connect(const SocketAddress& address, Instant deadline);

    /// Sends `requests` (holding `count` commands) and hands on the replies, in order, until
    /// `on_reply` says false. Errors: the connection ended, the stream is broken, late.
    [[nodiscard]] Result<> exchange(std::string_view requests,
                                    std::size_t count,
                                    Instant deadline,
                                    const std::function<bool(const RespValue&)>& on_reply);

  private:
    explicit RespClient(UniqueFd fd) : fd_(std::move(fd)) {}
    UniqueFd fd_;
    std::string in_{};
};

}  // namespace faultline
