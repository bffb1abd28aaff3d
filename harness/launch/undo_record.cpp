// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <stdexcept>
#include <utility>

#include <nlohmann/json.hpp>

#include "harness/base/check.hpp"
#include "harness/launch/journal_format.hpp"

namespace faultline {
namespace {

using Kind = UndoRecord::Kind;
using Json = nlohmann::json;

constexpr std::array<std::pair<Kind, const char*>, 9> kind_names{{
    {Kind::kill_process, "kill_process"},
    {Kind::continue_process, "continue_process"},
    {Kind::thaw_cgroup, "thaw_cgroup"},
    {Kind::kill_cgroup, "kill_cgroup"},
    {Kind::write_file, "write_file"},
    {Kind::remove_path, "remove_path"},
    {Kind::disarm_failpoint, "disarm_failpoint"},
    {Kind::unmount, "unmount"},
    {Kind::kill_marked, "kill_marked"},
}};

const char* name_of(Kind kind) {
    for (const auto& [known, name] : kind_names) {
        if (known == kind) return name;
    }
    check_failed("every kind of undo has a name");
}

// Paths and file contents are bytes, JSON texts are not: each byte becomes the code point of its
// value, which leaves ASCII as it is.
std::string text_of_bytes(const std::string& bytes) {
    std::string text;
    for (const char letter : bytes) {
        const auto byte = static_cast<unsigned char>(letter);
        if (byte < 0x80) {
            text += letter;
        } else {
            text += static_cast<char>(0xC0 | (byte >> 6));
            text += static_cast<char>(0x80 | (byte & 0x3F));
        }
    }
    return text;
}

std::string bytes_of_text(const std::string& text) {
    std::string bytes;
    for (std::size_t index = 0; index < text.size(); ++index) {
        const auto byte = static_cast<unsigned char>(text[index]);
        if (byte < 0x80 || index + 1 == text.size()) {
            bytes += text[index];
        } else {
            const auto next = static_cast<unsigned char>(text[++index]);
            bytes += static_cast<char>(((byte & 0x03) << 6) | (next & 0x3F));
        }
    }
    return bytes;
}

Json json_of(const UndoRecord& record) {
    Json json{{"kind", name_of(record.kind)}};
    if (record.pid != 0) json["pid"] = record.pid;
    if (record.start_ticks != 0) json["start_ticks"] = record.start_ticks;
    if (!record.path.empty()) json["path"] = text_of_bytes(record.path.string());
    if (!record.content.empty()) json["content"] = text_of_bytes(record.content);
    return json;
}

// Throws nlohmann's exceptions, which the callers below turn into Results.
UndoRecord record_of(const Json& json) {
    UndoRecord record;
    const auto name = json.at("kind").get<std::string>();
    bool known = false;
    for (const auto& [kind, its_name] : kind_names) {
        if (name != its_name) continue;
        record.kind = kind;
        known = true;
    }
    if (!known) throw std::invalid_argument("unknown kind of undo \"" + name + "\"");
    record.pid = json.value("pid", 0);
    record.start_ticks = json.value("start_ticks", std::uint64_t{0});
    record.path = bytes_of_text(json.value("path", ""));
    record.content = bytes_of_text(json.value("content", ""));
    return record;
}

template <class Value, class Decode>
Result<Value> decode(const char* what, const std::string& line, Decode decode_json) {
    try {
        return decode_json(Json::parse(line));
    } catch (const std::exception& error) {
        return fail(std::string("reading ") + what + ": " + error.what(), ErrorCode::invalid);
    }
}

}  // namespace

std::string describe(const UndoRecord& record) {
    switch (record.kind) {
        case Kind::kill_process:
            return "kill process " + std::to_string(record.pid);
        case Kind::continue_process:
            return "continue process " + std::to_string(record.pid);
        case Kind::thaw_cgroup:
            return "thaw cgroup " + record.path.string();
        case Kind::kill_cgroup:
            return "kill and remove cgroup " + record.path.string();
        case Kind::write_file:
            return "put back " + record.path.string();
        case Kind::remove_path:
            return "remove " + record.path.string();
        case Kind::disarm_failpoint:
            return "disarm " + record.content + " in " + record.path.string();
        case Kind::unmount:
            return "unmount " + record.path.string();
        case Kind::kill_marked:
            return "kill every process of run " + record.content;
    }
    check_failed("every kind of undo is described");
}

std::string encode(const UndoRecord& record) {
    return json_of(record).dump();
}

Result<UndoRecord> decode_undo(const std::string& line) {
    return decode<UndoRecord>("an undo record", line, record_of);
}

std::string encode(const JournalHeader& header) {
    return Json{
        {"faultline_journal", 1},
        {"run", header.run},
        {"boot", header.boot},
        {"harness", {{"pid", header.harness_pid}, {"start_ticks", header.harness_start_ticks}}},
        {"guardian", {{"pid", header.guardian_pid}, {"start_ticks", header.guardian_start_ticks}}}}
        .dump();
}

Result<JournalHeader> decode_header(const std::string& line) {
    return decode<JournalHeader>("the first line of a journal", line, [](const Json& json) {
        if (json.at("faultline_journal") != 1) throw std::invalid_argument("another version");
        JournalHeader header;
        header.run = json.at("run").get<std::string>();
        header.boot = json.at("boot").get<std::string>();
        header.harness_pid = json.at("harness").at("pid").get<pid_t>();
        header.harness_start_ticks = json.at("harness").at("start_ticks").get<std::uint64_t>();
        header.guardian_pid = json.at("guardian").at("pid").get<pid_t>();
        header.guardian_start_ticks = json.at("guardian").at("start_ticks").get<std::uint64_t>();
        return header;
    });
}

std::string encode(const JournalEntry& entry) {
    switch (entry.kind) {
        case JournalEntry::Kind::add:
            return Json{{"number", entry.number}, {"undo", json_of(entry.record)}}.dump();
        case JournalEntry::Kind::done:
            return Json{{"done", entry.number}}.dump();
        case JournalEntry::Kind::end:
            return Json{{"end", true}}.dump();
    }
    check_failed("every kind of journal entry is written");
}

Result<JournalEntry> decode_entry(const std::string& line) {
    return decode<JournalEntry>("a journal entry", line, [](const Json& json) {
        JournalEntry entry;
        if (json.contains("end")) return entry;
        if (json.contains("done")) {
            entry.kind = JournalEntry::Kind::done;
            entry.number = json.at("done").get<std::uint64_t>();
        } else {
            entry.kind = JournalEntry::Kind::add;
            entry.number = json.at("number").get<std::uint64_t>();
            entry.record = record_of(json.at("undo"));
        }
        return entry;
    });
}

void apply(const JournalEntry& entry, OpenRecords& open) {
    switch (entry.kind) {
        case JournalEntry::Kind::add:
            open[entry.number] = entry.record;
            return;
        case JournalEntry::Kind::done:
            open.erase(entry.number);
            return;
        case JournalEntry::Kind::end:
            return;
    }
}

}  // namespace faultline
