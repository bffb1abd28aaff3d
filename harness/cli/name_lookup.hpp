// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "harness/inject/link/toxiproxy/address_book.hpp"

namespace boost::asio {
class io_context;
}

namespace faultline::cli {

/// Asks what host names mean, and waits for the answer.
[[nodiscard]] link::AddressBook look_up(const std::vector<std::string>& hosts);

/// The same beside an event loop, which does not wait.
/// Thread: the loop's.
class NameLookup {
  public:
    /// Requires: the loop outlives it.
    explicit NameLookup(boost::asio::io_context& loop);
    ~NameLookup();
    NameLookup(const NameLookup&) = delete;
    NameLookup& operator=(const NameLookup&) = delete;

    /// Calls `done` on the loop, after 5 s at the latest; what has no answer by then is not in the
    /// book, with the reason.
    void look_up(std::vector<std::string> hosts, std::function<void(link::AddressBook)> done);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace faultline::cli
