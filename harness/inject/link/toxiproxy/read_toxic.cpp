// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/toxiproxy/read_toxic.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/inject/link/link_kind.hpp"
#include "harness/inject/link/toxiproxy/read_attributes.hpp"
#include "harness/scenario/names.hpp"
#include "harness/scenario/parameter_values.hpp"

namespace faultline::link {
namespace {

constexpr std::size_t name_bytes_max = 255;

/// Reads the parts of a toxic in the order in which the later ones need the earlier.
class ToxicReader {
  public:
    ToxicReader(const Node& node, const ToxicType* type, Findings& findings)
        : node_(node), findings_(findings), members_(node, table_for(node, type), findings) {
        toxic.type = type;
    }

    void read_new() {
        find_type();
        if (toxic.type == nullptr) return;
        const Node::Object taken = take_common_words(members_.find("attributes"));
        toxic.stream = stream_or(toxic.type->default_stream());
        toxic.toxicity = toxicity_or(1);
        toxic.name = name_or(fmt::format("{}_{}", toxic.type->name, name_of(toxic.stream)));
        read_attributes(taken);
    }

    void read_change(const Toxic& before) {
        toxic = before;
        const Node::Object given = take_common_words(members_.find("attributes"));
        if (direction_ && stream_of(*direction_) != before.stream)
            findings_.add(direction_->place, "the stream of a toxic is kept; add another toxic");
        toxic.toxicity = toxicity_or(before.toxicity);
        Node::Object merged = before.attributes;
        for (const Node::Member& member : given)
            merge(merged, member);
        if (!given.empty()) read_attributes(merged);
    }

    Toxic toxic{};

  private:
    [[nodiscard]] static Members::Table table_for(const Node& node, const ToxicType* known) {
        const ToxicType* type = known;
        const Node* named = node.find("type");
        if (type == nullptr && named != nullptr && named->text() != nullptr)
            type = find_toxic_type(*named->text());
        return {
            .what = "a toxic", .names = toxic_keys(), .misplaced = [type](const std::string& key) {
                const bool attribute = type != nullptr && match_name(key, attribute_names(*type));
                return std::string(attribute ? "it belongs into \"attributes\"" : "");
            }};
    }

    void find_type() {
        const auto name = members_.text("type");
        const Node* node = members_.find("type");
        if (node != nullptr && !name) return;  // found: no text
        toxic.type = find_toxic_type(name.value_or(""));
        if (toxic.type != nullptr || node_.object() == nullptr) return;
        findings_.add_known(
            node == nullptr ? node_.place : node->place,
            "invalid toxic type",
            name ? fmt::format("\"{}\"{}", name->substr(0, 60), suggest(*name, toxic_type_names()))
                 : fmt::format("\"type\" is missing: {}", fmt::join(toxic_type_names(), ", ")));
    }

    /// Takes "direction" and "probability" out of the attributes of our own types, where they stand
    /// in scenarios: here they are the stream and the toxicity.
    Node::Object take_common_words(const Node* attributes) {
        if (attributes == nullptr) return {};
        if (attributes->object() == nullptr) {
            findings_.add(attributes->place,
                          "expected an object (attributes), found " + describe(*attributes));
            return {};
        }
        Node::Object rest;
        for (const Node::Member& member : *attributes->object()) {
            if (member.value.is_null()) continue;
            if (toxic.type->own && toxic.type->directed &&
                member.key == direction_parameter().name) {
                direction_ = &member.value;
            } else if (toxic.type->own && toxic.type->draws_connections &&
                       member.key == probability_parameter().name) {
                probability_ = &member.value;
            } else {
                rest.push_back(member);
            }
        }
        return rest;
    }

    /// The stream that a text means; absent: none.
    [[nodiscard]] std::optional<Stream> stream_of(const Node& node) const {
        const std::vector<std::string> names{"upstream", "downstream", "both"};
        const std::optional<std::string> name =
            node.text() == nullptr ? std::nullopt : match_name(*node.text(), names);
        if (!name) return std::nullopt;
        if (*name == "both" && !toxic.type->own) return std::nullopt;
        for (const Stream stream : {Stream::upstream, Stream::downstream, Stream::both}) {
            if (name_of(stream) == *name) return stream;
        }
        return std::nullopt;
    }

    [[nodiscard]] Stream stream_or(Stream otherwise) {
        const Node* written = members_.find("stream");
        if (written != nullptr && written->text() != nullptr && written->text()->empty())
            written = nullptr;
        if (written != nullptr && direction_ != nullptr &&
            stream_of(*written) != stream_of(*direction_))
            findings_.add(direction_->place, "\"stream\" says otherwise; leave one of them out");
        const Node* node = written == nullptr ? direction_ : written;
        if (node == nullptr) return otherwise;
        const auto stream = stream_of(*node);
        if (!stream) {
            findings_.add_known(node->place,
                                "stream was invalid, can be either upstream or downstream",
                                fmt::format("found {}{}",
                                            describe(*node),
                                            toxic.type->own ? "; of this type also both" : ""));
            return otherwise;
        }
        if (!toxic.type->directed && *stream != Stream::both)
            findings_.add(node->place,
                          fmt::format("{} works on connections as a whole; leave \"stream\" out",
                                      toxic.type->name));
        return *stream;
    }

    [[nodiscard]] double toxicity_or(double otherwise) {
        const auto written = members_.share("toxicity");
        if (probability_ == nullptr) return written.value_or(otherwise);
        const auto decoded = decode_value(
            probability_parameter(), *probability_, ValueContext{.mistakes = findings_.mistakes()});
        if (!decoded) return otherwise;
        const double value = std::get<double>(*decoded);
        if (written && *written != value)
            findings_.add(probability_->place,
                          "\"toxicity\" says otherwise; leave one of them out");
        return value;
    }

    [[nodiscard]] std::string name_or(std::string otherwise) {
        auto name = members_.text("name");
        if (!name || name->empty()) return otherwise;
        if (name->size() > name_bytes_max || *name == "." || *name == "..")
            findings_.add(members_.find("name")->place,
                          fmt::format("cannot name a toxic; use at most {} bytes, not \".\" or "
                                      "\"..\", which no URL reaches",
                                      name_bytes_max));
        return std::move(*name);
    }

    void merge(Node::Object& merged, const Node::Member& member) const {
        const auto name = match_name(member.key, attribute_names(*toxic.type));
        const auto same = std::find_if(merged.begin(), merged.end(), [&](const Node::Member& one) {
            return one.key == name.value_or(member.key);
        });
        if (same == merged.end()) {
            merged.push_back(member);
        } else {
            *same = Node::Member{same->key, member.key_place, member.value};
        }
    }

    void read_attributes(const Node::Object& given) {
        const Node* written = members_.find("attributes");
        const Node node{given, written == nullptr ? node_.place : written->place};
        auto attributes = link::read_attributes(*toxic.type, node, findings_);
        if (!attributes) return;
        auto effect = toxic.type->make(attributes->values, toxic.stream);
        if (!effect) return findings_.add(node.place, effect.error().message);
        toxic.attributes = std::move(attributes->shown);
        toxic.effect = std::move(*effect);
        toxic.tally = std::make_shared<Tally>();
    }

    const Node& node_;
    Findings& findings_;
    Members members_;
    const Node* direction_ = nullptr;
    const Node* probability_ = nullptr;
};

}  // namespace

Toxic read_toxic(const Node& node, Findings& findings) {
    ToxicReader reader(node, nullptr, findings);
    reader.read_new();
    return std::move(reader.toxic);
}

Toxic read_toxic_change(const Node& node, const Toxic& before, Findings& findings) {
    ToxicReader reader(node, before.type, findings);
    reader.read_change(before);
    return std::move(reader.toxic);
}

}  // namespace faultline::link
