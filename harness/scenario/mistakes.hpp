// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "harness/scenario/diagnostic.hpp"
#include "harness/scenario/document.hpp"

namespace faultline {

/// A text that was read: a scenario file, or the value of a `--set`.
struct Source {
    std::string name;  // as in messages
    std::string text;
    bool has_lines = true;         // false: a `--set`, whose line and column tell nobody anything
    std::string pointer_prefix{};  // of a `--set /pointer`
    Node root{};                   // as parsed, before any merging: finds the pointer of a place
};

/// The texts a scenario came from and what is wrong with them. Line, column and JSON pointer are
/// worked out only for a mistake, from the text it stands in, so that values merged from other
/// files point to where they were written and a correct scenario costs nothing.
class Mistakes {
  public:
    /// The number under which places in `source` speak of it.
    std::uint32_t add_source(Source source);
    void set_root(std::uint32_t source, Node root) { sources_[source].root = std::move(root); }

    /// Each mistake at a place is kept once, whatever number of matrix cases or instances has it.
    void add(Place place, std::string message);
    /// The same, and nothing more about this place: what follows from it is no news.
    void add_last(Place place, std::string message);
    void add_syntax(std::uint32_t source, const SyntaxMistake& mistake);
    /// About a source as a whole.
    void add_whole(std::uint32_t source, std::string message);
    [[nodiscard]] bool empty() const { return found_.empty(); }
    /// So many that further ones are only counted: their messages need no costly parts.
    [[nodiscard]] bool crowded() const { return found_.size() >= crowded_min; }

    /// In the order of the sources and of their texts. Shape: at most `mistakes_max`, then one that
    /// says how many more there are.
    [[nodiscard]] Diagnostics diagnostics() const;

  private:
    static constexpr std::size_t crowded_min = 2000;
    std::vector<Source> sources_;
    std::vector<std::pair<Place, Diagnostic>> found_;
    std::set<std::pair<Place, std::string>> known_;
    std::set<Place> closed_;
};

inline constexpr std::size_t mistakes_max = 200;

}  // namespace faultline
