// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "harness/base/result.hpp"
#include "harness/launch/journal.hpp"

namespace faultline {

/// The small process that undoes everything when the harness goes away, and the harness' end of it.
///
///   harness ── record ──► journal on disk
///      └────── record ──► socket ──► guardian (own session, ignores signals)
///   socket closes for any reason ──► guardian undoes in reverse order, removes the journal, exits
///
/// A record handed over is in the socket's buffer before `add` returns, so it survives a SIGKILL of
/// the harness in the next instruction.
/// Thread: `add` and `done` may be called from any.
class Guardian {
  public:
    /// Forks the guardian and makes this process a child subreaper, so that orphans come back to
    /// us. Requires: no other thread runs yet.
    [[nodiscard]] static Result<std::unique_ptr<Guardian>> start(const std::string& run);
    /// Closes the socket and waits for the guardian to finish its undoing (bounded, 2 s).
    ~Guardian();
    Guardian(const Guardian&) = delete;
    Guardian& operator=(const Guardian&) = delete;

    /// Promises to undo `record`; call it *before* applying. Returns the number to give to `done`.
    [[nodiscard]] Result<std::uint64_t> add(const UndoRecord& record);
    /// It has been undone; the guardian forgets it.
    [[nodiscard]] Result<> done(std::uint64_t number);

    /// False once the guardian has died: the harness must stop, undo by itself and say so.
    [[nodiscard]] bool alive() const;
    [[nodiscard]] pid_t pid() const;
    [[nodiscard]] const std::string& run() const;
    /// Undoes all open records from the harness itself (when the guardian is dead), newest first.
    void undo_all();

  private:
    struct State;
    explicit Guardian(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace faultline
