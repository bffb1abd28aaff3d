// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <sys/types.h>

#include "harness/base/file.hpp"
#include "harness/base/result.hpp"
#include "tests/unit/result/temporary_folder.hpp"

namespace faultline {

/// A PostgreSQL server of its own for one test, on a Unix socket, gone with the object. Run as
/// root, it belongs to another user: PostgreSQL refuses root.
class PostgresServer {
  public:
    [[nodiscard]] static bool installed();
    /// Errors: a program that cannot be run, with what it said.
    [[nodiscard]] static Result<std::unique_ptr<PostgresServer>> start();
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    /// Of its database, with the tables of each `schema` apart. Empty: where all share.
    [[nodiscard]] std::string url(const std::string& schema = "") const;

  private:
    PostgresServer() = default;
    Result<> initialise();
    Result<> launch();

    TemporaryFolder folder_;
    pid_t pid_ = -1;
    UniqueFd log_;
};

}  // namespace faultline
