// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "targets/core/protect/storage.hpp"
#include "tests/unit/core/protect/log_build.hpp"

namespace ftcore::testing {

/// A folder of its own for each test, removed at the end.
class TemporaryFolder {
  public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "protect-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp " + name);
        path_ = name;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

    /// What a crash would leave of `from` at this instant.
    void copy_of(const std::filesystem::path& from) const {
        std::filesystem::remove_all(path_);
        std::filesystem::copy(from, path_, std::filesystem::copy_options::recursive);
    }

  private:
    std::filesystem::path path_;
};

inline std::string read_bytes(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

inline void flip_byte(const std::filesystem::path& path, std::size_t at, int bit = 0) {
    std::string bytes = read_bytes(path);
    ASSERT_LT(at, bytes.size());
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << bit));
    write_bytes(path, bytes);
}

inline std::vector<std::filesystem::path> files(const std::filesystem::path& folder,
                                                std::string_view suffix) {
    std::vector<std::filesystem::path> found;
    if (!std::filesystem::exists(folder)) return found;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().string().ends_with(suffix)) found.push_back(entry.path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

/// A node's storage and all that it called back.
class Node {
  public:
    explicit Node(std::filesystem::path folder, StorageSettings settings = {}) {
        settings.folder = std::move(folder);
        auto opened = Storage::open(std::move(settings), callbacks());
        if (!opened) {
            error = opened.error().message;
            return;
        }
        storage = std::move(opened->storage);
        recovered = std::move(opened->recovered);
        notes = std::move(opened->notes);
        corrupted = opened->corrupted;
    }

    /// Gives the next step a sequence; answers it.
    std::uint64_t submit(StorageWork work) {
        work.sequence = ++sequence_;
        std::vector<StorageWork> steps;
        steps.push_back(std::move(work));
        storage->submit(std::move(steps));
        return sequence_;
    }
    std::uint64_t append(std::vector<Entry> entries) {
        return submit({.append = std::move(entries)});
    }

    /// Waits until something called back makes `holds` true.
    bool wait(const std::function<bool()>& holds) {
        std::unique_lock guard(mutex);
        return changed.wait_for(guard, std::chrono::seconds(60), holds);
    }
    bool wait_synced(std::uint64_t sequence) {
        return wait([&] { return progress.synced >= sequence; });
    }
    /// Writes the term and the entries, and waits for the disk.
    void write(std::vector<Entry> entries) {
        const Term term = entries.empty() ? 1 : entries.back().term;
        ASSERT_TRUE(
            wait_synced(submit({.hard_state = HardState{term, 1}, .append = std::move(entries)})));
    }
    Result<> save(SnapshotMark mark, const std::string& data) {
        constexpr std::size_t piece_bytes = 10'000;
        const std::size_t before = saved.size();
        for (std::size_t at = 0;; at += piece_bytes) {
            const bool last = at + piece_bytes >= data.size();
            storage->save_snapshot(mark, data.substr(at, piece_bytes), last);
            if (last) break;
        }
        EXPECT_TRUE(wait([&] { return saved.size() > before; }));
        if (!saved.back()) return tl::unexpected(saved.back().error());
        return {};
    }
    std::string load(SnapshotMark mark) {
        std::string data;
        const auto loaded = storage->load_snapshot(mark, [&](std::string_view piece) -> Result<> {
            data += piece;
            return {};
        });
        return loaded ? data : "error: " + loaded.error().message;
    }
    Result<> repair(HardState hard_state, std::vector<Entry> unsynced) {
        const std::size_t before = repairs.size();
        storage->repair(hard_state, std::move(unsynced), sequence_);
        EXPECT_TRUE(wait([&] { return repairs.size() > before; }));
        return repairs.back();
    }

    std::unique_ptr<Storage> storage;  // last to be made, first to go: see the destructor
    Recovered recovered;
    std::vector<std::string> notes;
    bool corrupted = false;
    std::string error;

    std::mutex mutex;
    std::condition_variable changed;
    Stored progress;
    std::vector<StorageReport> reports;
    std::vector<StorageReport> failures;
    std::vector<SnapshotRead> reads;
    std::vector<Result<SnapshotMark>> saved;
    std::vector<Result<>> repairs;
    std::vector<StorageReport> repair_reports;
    std::vector<std::string> corruptions;

    ~Node() { storage.reset(); }
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;

  private:
    template <class Action>
    auto noted(Action action) {
        return [this, action](auto... values) {
            const std::lock_guard guard(mutex);
            action(std::move(values)...);
            changed.notify_all();
        };
    }
    Storage::Callbacks callbacks() {
        Storage::Callbacks calls;
        calls.progressed = noted([this](StorageReport report) {
            progress = report.progress;
            if (report.outcome != ErrorCode::none) failures.push_back(report);
            reports.push_back(std::move(report));
        });
        calls.snapshot_read =
            noted([this](SnapshotRead read) { reads.push_back(std::move(read)); });
        calls.snapshot_saved = noted([this](SnapshotMark mark, Result<> result) {
            if (result)
                saved.emplace_back(mark);
            else
                saved.emplace_back(tl::unexpected(std::move(result).error()));
        });
        calls.repaired = noted([this](Result<> result, StorageReport report) {
            progress = report.progress;
            repairs.push_back(std::move(result));
            repair_reports.push_back(std::move(report));
        });
        calls.corruption =
            noted([this](std::string where) { corruptions.push_back(std::move(where)); });
        return calls;
    }

    std::uint64_t sequence_ = 0;
};

}  // namespace ftcore::testing
