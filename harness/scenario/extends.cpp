// SPDX-License-Identifier: Apache-2.0
#include "harness/scenario/extends.hpp"

#include <algorithm>
#include <map>
#include <system_error>

#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/scenario/merge.hpp"

namespace faultline {
namespace {

/// The same file has one spelling, however it was reached.
std::filesystem::path identity_of(const std::filesystem::path& file) {
    std::error_code error;
    auto path = std::filesystem::weakly_canonical(file, error);
    return error ? file : path;
}

/// Errors: also for what has no end (/dev/zero) or blocks (a pipe).
Result<std::string> read_plain_file(const std::filesystem::path& file) {
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        return fail(file.string() + " is no file", ErrorCode::invalid);
    }
    if (const auto size = std::filesystem::file_size(file, error);
        !error && size > document_bytes_max) {
        return fail(
            fmt::format("{} is larger than {} MiB", file.string(), document_bytes_max >> 20),
            ErrorCode::invalid);
    }
    return read_file(file);
}

class BaseReader {
  public:
    explicit BaseReader(Mistakes& mistakes) : mistakes_(mistakes) {}

    std::optional<Node> read(const std::filesystem::path& file, const std::string& text) {
        const std::uint32_t source = mistakes_.add_source({.name = file.string(), .text = text});
        ParsedText parsed = parse_document(text, source);
        mistakes_.set_root(source, parsed.root);
        for (const SyntaxMistake& mistake : parsed.mistakes)
            mistakes_.add_syntax(source, mistake);
        if (!parsed.complete) return std::nullopt;
        if (parsed.root.object() == nullptr) {
            mistakes_.add(parsed.root.place,
                          "a scenario is an object, found " + describe(parsed.root));
            return std::nullopt;
        }
        chain_.push_back(file);
        Node merged = over_bases(std::move(parsed.root), file);
        chain_.pop_back();
        return merged;
    }

  private:
    Node over_bases(Node document, const std::filesystem::path& file) {
        const Node* extends = document.find("extends");
        if (extends == nullptr) return document;
        Node merged;
        for (const Node* path : paths_of(*extends)) {
            const auto base = base_of(file, *path);
            if (base) merged = merge_patch(std::move(merged), *base);
        }
        std::erase_if(*document.object(),
                      [](const auto& member) { return member.key == "extends"; });
        return merge_patch(std::move(merged), document);
    }

    std::vector<const Node*> paths_of(const Node& extends) {
        std::vector<const Node*> paths;
        if (const Node::Array* items = extends.array()) {
            for (const Node& item : *items)
                paths.push_back(&item);
            if (items->empty())
                mistakes_.add(extends.place, "\"extends\" is empty; name a file or leave it out");
        } else {
            paths.push_back(&extends);
        }
        std::erase_if(paths, [&](const Node* path) {
            if (path->text() != nullptr && !path->text()->empty()) return false;
            mistakes_.add(path->place,
                          path->text() != nullptr
                              ? "\"extends\" is empty; name a file or leave it out"
                              : "expected the path of a scenario file, found " + describe(*path));
            return true;
        });
        return paths;
    }

    std::optional<Node> base_of(const std::filesystem::path& file, const Node& path) {
        const std::filesystem::path base = (file.parent_path() / *path.text()).lexically_normal();
        const std::filesystem::path identity = identity_of(base);
        const bool cyclic = std::any_of(chain_.begin(), chain_.end(), [&](const auto& above) {
            return identity_of(above) == identity;
        });
        if (cyclic) {
            mistakes_.add(path.place, "\"extends\" goes in a circle: " + chain_with(base));
            return std::nullopt;
        }
        if (chain_.size() >= extends_depth_max) {
            mistakes_.add(path.place,
                          fmt::format("more than {} files extend one another: {}",
                                      extends_depth_max,
                                      chain_with(base)));
            return std::nullopt;
        }
        if (const auto known = read_.find(identity); known != read_.end()) return known->second;
        return read_[identity] = read_base(base, path.place);
    }

    std::optional<Node> read_base(const std::filesystem::path& base, Place named_at) {
        const auto text = read_plain_file(base);
        if (!text) {
            mistakes_.add(
                named_at,
                fmt::format("cannot extend: {} ({})", text.error().message, chain_with(base)));
            return std::nullopt;
        }
        if (text->find_first_not_of(" \t\r\n") == std::string::npos) {
            mistakes_.add(named_at,
                          fmt::format("cannot extend an empty file ({})", chain_with(base)));
            return std::nullopt;
        }
        auto node = read(base, *text);
        // The editor's schema belongs to the file that names it: its path is relative to that file.
        if (node) {
            std::erase_if(*node->object(),
                          [](const auto& member) { return member.key == "$schema"; });
        }
        return node;
    }

    [[nodiscard]] std::string chain_with(const std::filesystem::path& last) const {
        std::string text;
        for (const auto& file : chain_)
            text += file.string() + " -> ";
        return text + last.string();
    }

    Mistakes& mistakes_;
    std::vector<std::filesystem::path> chain_;  // the files being read, each extending the next
    std::map<std::filesystem::path, std::optional<Node>>
        read_;  // by identity, so a diamond is read once
};

}  // namespace

std::optional<Node> read_with_bases(const std::filesystem::path& file,
                                    const std::optional<std::string>& text,
                                    Mistakes& mistakes) {
    if (text) return BaseReader(mistakes).read(file, *text);
    const auto content = read_file(file);
    if (!content) {
        const std::uint32_t source = mistakes.add_source({.name = file.string(), .text = ""});
        mistakes.add_whole(source, content.error().message);
        return std::nullopt;
    }
    return BaseReader(mistakes).read(file, *content);
}

}  // namespace faultline
