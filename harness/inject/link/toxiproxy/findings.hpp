// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/inject/link/toxiproxy/api_error.hpp"
#include "harness/scenario/document.hpp"
#include "harness/scenario/mistakes.hpp"

namespace faultline::link {

/// What is wrong with a text that describes proxies or toxics. A configuration file shows all of
/// it with its places. A request gets the text its clients know, where there is one for the
/// mistake, and "bad request body: ..." for everything else.
class Findings {
  public:
    /// `name` as in messages; empty for a request's body.
    Findings(std::string name, std::string_view text);

    /// The text as JSON. Errors: found, and null then.
    [[nodiscard]] Node parse();

    void add(Place place, std::string message);
    /// A mistake that clients know by this text.
    void add_known(Place place, std::string message, std::string hint = {});

    [[nodiscard]] bool empty() const { return mistakes_.empty(); }
    /// For the decoding of parameters, which adds its own.
    [[nodiscard]] Mistakes& mistakes() { return mistakes_; }
    [[nodiscard]] Diagnostics diagnostics() const { return mistakes_.diagnostics(); }
    /// Requires: there are some.
    [[nodiscard]] ApiError api_error() const;

  private:
    std::string text_;
    Mistakes mistakes_;
    std::vector<ApiError> known_;
};

/// The members of an object by the names its table has for them. Upper and lower case are one, as
/// they are for the clients' own server: some send "Name". What is null counts as absent.
/// Unknown keys, and one key in two spellings, are found.
class Members {
  public:
    struct Table {
        std::string what;  // "a proxy"
        std::vector<std::string> names;
        /// Where a key belongs that does not stand here: "it belongs into \"attributes\"".
        std::function<std::string(const std::string& key)> misplaced{};
    };
    Members(const Node& node, const Table& table, Findings& findings);

    /// Null when absent.
    [[nodiscard]] const Node* find(std::string_view name) const;
    [[nodiscard]] const std::map<std::string, const Node*, std::less<>>& all() const {
        return found_;
    }

    // Values of one form; anything else is found, and absent then.
    [[nodiscard]] std::optional<std::string> text(std::string_view name) const;
    [[nodiscard]] std::optional<bool> boolean(std::string_view name) const;
    [[nodiscard]] std::optional<double> share(std::string_view name) const;

  private:
    void add(const Node::Member& member, const Table& table);
    Findings& findings_;
    std::map<std::string, const Node*, std::less<>> found_;
};

/// The name in `names` that `key` means: itself, else the one that differs in case alone.
[[nodiscard]] std::optional<std::string> match_name(std::string_view key,
                                                    const std::vector<std::string>& names);

}  // namespace faultline::link
