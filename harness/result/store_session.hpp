// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "harness/base/result.hpp"

namespace soci {
class session;
}

namespace faultline {

/// A connection to the store's database. What differs between the two kinds of database is known
/// here; whoever reads and writes sends both the same statements.
///
///     put, get, ... ── transaction ──► soci::session ──► SQLite file | PostgreSQL server
///
/// SOCI throws; nothing gets past `transaction`. Thread: one at a time.
class StoreSession {
  public:
    enum class Missing { make, refuse };  // an SQLite file that is not there
    enum class Access { read, write };
    using Work = std::function<Result<>(soci::session&)>;

    /// Errors: `not_found`, `permission`, `timeout`, no database; each with the place and the
    /// remedy.
    [[nodiscard]] static Result<StoreSession> connect(const std::string& where, Missing missing);
    StoreSession(StoreSession&&) noexcept;
    StoreSession& operator=(StoreSession&&) noexcept;
    ~StoreSession();

    /// Does `work` wholly or not at all. When another writer was in the way, it is undone and done
    /// anew, `attempts_max` times: `work` must not keep what it saw before. `doing` begins
    /// messages.
    [[nodiscard]] Result<> transaction(const std::string& doing, Access access, const Work& work);
    static constexpr int attempts_max = 5;

    /// Keeps others from changing the schema until the transaction ends.
    void lock_schema(soci::session& sql) const;
    [[nodiscard]] bool has_table(soci::session& sql, const std::string& name) const;

    /// The place as messages may show it.
    [[nodiscard]] const std::string& shown() const;

  private:
    struct Connection;
    explicit StoreSession(std::unique_ptr<Connection> connection);
    std::unique_ptr<Connection> connection_;
};

}  // namespace faultline
