// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>

#include "targets/core/state/state_machine.hpp"

namespace ftcore::simulation {

/// A value of a register; 0: never written. Each operation writes a value of its own.
using Value = std::uint64_t;

struct Command {
    bool exchange = false;  // only if the register holds `expected`
    std::uint64_t key = 0;
    Value value = 0;
    Value expected = 0;
    std::uint64_t attempt = 0;  // each try of a client has its own number
};
[[nodiscard]] std::string encode(const Command& command, std::size_t padding);
[[nodiscard]] Command decode_command(std::string_view bytes);

/// What an applied command answers: what the register held, and whether it holds the new value now.
struct Applied {
    Value before = 0;
    bool done = false;
};
[[nodiscard]] Applied decode_applied(std::string_view bytes);

/// Registers, and a digest of every command ever applied in its order: two nodes that differ in one
/// lost, doubled or displaced command differ in it for ever.
class KeyValue final : public StateMachine {
  public:
    [[nodiscard]] std::string apply(std::string_view command) override;
    [[nodiscard]] std::unique_ptr<SnapshotSource> snapshot() override;
    void restore_begin() override;
    [[nodiscard]] Result<> restore_piece(std::string_view piece) override;
    [[nodiscard]] Result<> restore_end() override;

    [[nodiscard]] Value read(std::uint64_t key) const;
    [[nodiscard]] std::uint64_t digest() const { return digest_; }

  private:
    std::map<std::uint64_t, Value> registers_;
    std::uint64_t digest_ = 0;
    std::string incoming_;
};

}  // namespace ftcore::simulation
