// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "targets/core/detect/careful.hpp"
#include "targets/core/detect/connection_loss.hpp"
#include "targets/core/monitor/signal.hpp"

namespace ftcore {

/// A peer has just been lost.
struct PeerLoss {
    std::string by;      // the detector: "connection_loss", "connection_refused", "phi_accrual"
    Duration silence{};  // since its last beat, as lived
};

/// Watches one peer with two detectors, the connection's and the heartbeats', and settles what they
/// say together:
///
///   unknown ─► trusted ◄─────── beat ───────┐
///                 │ silence                 │
///                 ├────────────► doubted ───┤ more silence
///                 │ connection lost,        ▼
///                 └─ refused, restarted ► suspected
///
/// All instants are lived ones (`OwnTime`). Thread: one owner.
class PeerWatch {
  public:
    PeerWatch(CarefulSettings settings, std::unique_ptr<FailureDetector> inner);

    void beat(Instant now, const signal::Beat& beat, Duration own_lag);
    void connection_lost(Instant now);
    void refused(Instant now);
    /// The process that answers is not the one that was there before.
    void restarted(Instant now);

    /// What has happened since the last call, by `now`.
    struct News {
        bool ask = false;  // open a fresh connection to it
        std::optional<PeerLoss> lost{};
        bool back = false;
    };
    [[nodiscard]] News assess(Instant now);

    [[nodiscard]] Trust trust() const { return trust_; }
    /// Whether its beats are overdue, whatever else has happened.
    [[nodiscard]] bool silent(Instant now) const;
    [[nodiscard]] bool has_news() const { return news_; }
    /// When `assess` will have news if nothing comes, beyond what it has already; Instant::max()
    /// when it will not.
    [[nodiscard]] Instant deadline() const;
    [[nodiscard]] const CarefulDetector& beats() const { return beats_; }

  private:
    void suspect(Instant now, std::string_view by);
    [[nodiscard]] Duration silence(Instant now) const;

    CarefulDetector beats_;
    ConnectionLossDetector connection_{};
    Trust trust_ = Trust::unknown;
    std::optional<Instant> last_beat_{};
    News pending_{};
    bool news_ = false;
};

}  // namespace ftcore
