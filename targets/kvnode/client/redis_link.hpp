// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "harness/base/file.hpp"
#include "targets/core/guard/call.hpp"
#include "targets/kvnode/client/redis_reply.hpp"

namespace kvnode::client {

using ftcore::guard::Deadline;

/// One connection that speaks RESP and blocks, never past a deadline. After any failure but an
/// error reply it is closed: an answer that comes late would be taken for the next one's. Thread:
/// one owner.
class RedisLink {
  public:
    /// Errors: `peer_lost`, surely not done. Names are looked up by the system's resolver, which
    /// the deadline cannot stop; numeric addresses need none.
    [[nodiscard]] CallResult<> open(const RedisAddress& address, Deadline deadline);
    void close();
    /// Whether it can be used: open, and the other side has not hung up meanwhile.
    [[nodiscard]] bool usable() const;

    /// Sends one encoded command and reads its reply; error replies are values here.
    /// Errors: surely not done (`peer_lost`) when the command did not get out whole,
    /// `outcome_unknown` from then on.
    [[nodiscard]] CallResult<RedisReply> exchange(const std::string& command, Deadline deadline);

  private:
    [[nodiscard]] CallResult<> send_whole(const std::string& command, Deadline deadline);
    [[nodiscard]] CallResult<RedisReply> receive(Deadline deadline);

    faultline::UniqueFd socket_;
    std::string peer_;
    std::string unread_;
};

}  // namespace kvnode::client
