// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "targets/metronome/poller.hpp"

namespace metronome {

/// The connections of clients, as the pair sees them; the other member is a client too.
class Clients {
  public:
    virtual ~Clients() = default;
    virtual void send(Poller::Id client, std::string_view bytes) = 0;
    virtual void close(Poller::Id client) = 0;
    /// `state.safe_writes` has grown: hands out the replies that waited for it.
    virtual void release_replies() = 0;
    /// Closes every connection whose reply still waits: its writes may be lost.
    virtual void close_waiting() = 0;
};

}  // namespace metronome
