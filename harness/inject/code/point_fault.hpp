// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <optional>
#include <string>
#include <vector>

#include "harness/inject/code/control_file.hpp"
#include "harness/inject/fault.hpp"

namespace faultline {

/// Which point is to do what, and how long its first trigger is waited for.
struct PointOrder {
    std::string point;
    FailpointAction action{};
    Duration within{};
};

/// A fault at one point in the victims' code. It is armed at `at` by a store into memory that
/// harness and victim share, and begins by itself when the victim comes by the point: t0 is the
/// instant of the first trigger, which the victim stamps.
///
///   prepare ─► apply ───────── the victim comes by ─────► prove ─────► clear
///   finds the  arms it:        after_hits, every,         triggered    disarms it
///   slot       planned         probability: t0            grew
///
/// It stays armed when the victim starts again, unless the order says otherwise.
class PointFault : public Fault {
  public:
    PointFault(std::vector<Victim*> victims, PointOrder order, const Random& random);

    [[nodiscard]] Result<> prepare() override;
    [[nodiscard]] std::vector<Undo> undo() const override;
    [[nodiscard]] Result<> apply() override;
    [[nodiscard]] Proof prove(Instant applied) override;
    [[nodiscard]] Duration prove_within() const override;
    [[nodiscard]] Result<> clear() override;
    [[nodiscard]] std::string account() const override;
    [[nodiscard]] std::string mechanism() const override;

  protected:
    [[nodiscard]] const std::vector<Victim*>& victims() const { return victims_; }

  private:
    /// The point in one victim.
    struct Place {
        Victim* victim;
        std::filesystem::path path;
        ControlFile file;
        FailpointSlot* slot;
        std::uint32_t serial = 0;  // of our order; 0: not armed by us yet
    };
    struct Seen {
        std::uint64_t hits = 0;
        std::uint64_t triggered = 0;
        std::optional<Instant> first{};
    };
    [[nodiscard]] Result<Place> find(Victim& victim) const;
    [[nodiscard]] static Seen look(const Place& place);

    std::vector<Victim*> victims_;
    PointOrder order_;
    Random random_;
    std::vector<Place> places_;
    std::atomic<bool> cleared_{false};
};

/// The parameters that every fault at a point has, around its own `own`. `first`: how often it
/// triggers unless the scenario says otherwise, 0 without limit.
[[nodiscard]] ParameterTable point_parameters(ParameterTable own, const std::string& first);
/// Reads them. Errors: a value outside its range.
[[nodiscard]] Result<PointOrder> point_order(const Parameters& given);

inline constexpr const char* point_needs =
    "a target that embeds faultline/failpoint.hpp and calls "
    "faultline::arm_failpoints_from_environment()";
inline constexpr const char* point_undo = "the point is disarmed";
inline constexpr const char* point_proof =
    "the target's count of triggers grew; its stamp of the first one is t0";

}  // namespace faultline
