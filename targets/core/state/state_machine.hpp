// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "targets/core/types.hpp"

namespace ftcore {

/// Yields a snapshot of one moment piece by piece, while the machine goes on changing.
class SnapshotSource {
  public:
    virtual ~SnapshotSource() = default;
    /// The next piece, up to about a megabyte; empty at the end.
    [[nodiscard]] virtual std::string next() = 0;
};

/// What is replicated: the same commands in the same order give the same state and the same replies
/// on every node. Thread: the node's loop.
class StateMachine {
  public:
    virtual ~StateMachine() = default;

    /// Carries out an agreed command; the reply goes to the client if one waits for it.
    [[nodiscard]] virtual std::string apply(std::string_view command) = 0;

    /// What the state is now, in pieces, unaffected by later commands. One at a time.
    [[nodiscard]] virtual std::unique_ptr<SnapshotSource> snapshot() = 0;
    /// Forgets everything, then takes the pieces of a snapshot in order (their borders may differ
    /// from those of `SnapshotSource`).
    virtual void restore_begin() = 0;
    [[nodiscard]] virtual Result<> restore_piece(std::string_view piece) = 0;
    [[nodiscard]] virtual Result<> restore_end() = 0;
};

}  // namespace ftcore
