// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <span>
#include <unistd.h>
#include <zstd.h>

#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/result/operations_file.hpp"

namespace faultline {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the columns are copied as they are in memory");

class FrameReader {
  public:
    explicit FrameReader(int fd) : fd_(fd), context_(ZSTD_createDCtx(), &ZSTD_freeDCtx) {}

    /// Fills all of `content`.
    Result<> read(std::span<char> content) {
        ZSTD_outBuffer out{content.data(), content.size(), 0};
        while (out.pos < out.size) {
            const std::size_t before = out.pos;
            FL_TRY_VOID(step(out));
            if (out.pos == before && at_ == end_) FL_TRY_VOID(refill());
        }
        return {};
    }
    /// Requires the frame to end here, which is where zstd checks its checksum.
    Result<> expect_end() {
        ZSTD_outBuffer out{nullptr, 0, 0};
        while (!ended_) {
            FL_TRY_VOID(step(out));
            if (!ended_ && at_ == end_) FL_TRY_VOID(refill());
        }
        return {};
    }
    template <class Number>
    Result<Number> number() {
        std::array<char, sizeof(Number)> raw{};
        FL_TRY_VOID(read(raw));
        Number value{};
        std::memcpy(&value, raw.data(), sizeof(Number));
        return value;
    }

  private:
    Result<> refill() {
        const ssize_t count = ::read(fd_, chunk_.data(), chunk_.size());
        if (count < 0) return fail_errno("reading", errno);
        if (count == 0) return fail("cut short", ErrorCode::invalid);
        at_ = 0;
        end_ = static_cast<std::size_t>(count);
        return {};
    }
    Result<> step(ZSTD_outBuffer& out) {
        if (ended_) return fail("cut short", ErrorCode::invalid);
        ZSTD_inBuffer in{chunk_.data(), end_, at_};
        const std::size_t left = ZSTD_decompressStream(context_.get(), &out, &in);
        if (ZSTD_isError(left)) {
            return fail(std::string("damaged: ") + ZSTD_getErrorName(left), ErrorCode::invalid);
        }
        at_ = in.pos;
        ended_ = left == 0;
        return {};
    }

    int fd_;
    std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context_;
    std::vector<char> chunk_ = std::vector<char>(ZSTD_DStreamInSize());
    std::size_t at_ = 0, end_ = 0;
    bool ended_ = false;
};

/// The kinds, and how many operations follow.
Result<std::uint64_t> read_head(FrameReader& frame, std::vector<std::string>& kinds) {
    std::array<char, operations_magic.size()> magic{};
    if (!frame.read(magic) || magic != operations_magic) {
        return fail("not an operations file of faultline", ErrorCode::invalid);
    }
    FL_TRY(const auto version, frame.number<std::uint32_t>());
    if (version != operations_version) {
        return fail(fmt::format("written by operations version {}; this faultline reads {}",
                                version,
                                operations_version),
                    ErrorCode::unsupported);
    }
    FL_TRY(const auto kind_count, frame.number<std::uint32_t>());
    if (kind_count > operation_kinds_max) {
        return fail(fmt::format("damaged: {} operation kinds", kind_count), ErrorCode::invalid);
    }
    for (std::uint32_t kind = 0; kind < kind_count; ++kind) {
        FL_TRY(const auto bytes, frame.number<std::uint16_t>());
        FL_TRY_VOID(frame.read(kinds.emplace_back(std::size_t{bytes}, '\0')));
    }
    return frame.number<std::uint64_t>();
}

// Wraps around, as the differences did when they were written.
std::int64_t sum(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

template <class Number, class Assign>
Result<> read_column(FrameReader& frame, std::span<Operation> rows, Assign assign) {
    std::array<Number, operations_block_rows> column{};
    FL_TRY_VOID(frame.read({reinterpret_cast<char*>(column.data()), rows.size() * sizeof(Number)}));
    for (std::size_t row = 0; row < rows.size(); ++row)
        assign(rows[row], column[row]);
    return {};
}

template <class Enum>
Result<> read_enum(FrameReader& frame,
                   std::span<Operation> rows,
                   Enum Operation::*member,
                   Enum last) {
    bool valid = true;
    FL_TRY_VOID(read_column<std::uint8_t>(frame, rows, [&](Operation& row, std::uint8_t value) {
        valid = valid && value <= static_cast<std::uint8_t>(last);
        row.*member = static_cast<Enum>(value);
    }));
    if (!valid) return fail("damaged: an outcome that there is not", ErrorCode::invalid);
    return {};
}

Result<> read_block(FrameReader& frame, std::span<Operation> rows, std::int64_t previous) {
    FL_TRY_VOID(read_column<std::int64_t>(frame, rows, [&](Operation& row, std::int64_t delta) {
        row.intended_ns = previous = sum(previous, delta);
    }));
    FL_TRY_VOID(read_column<std::int64_t>(frame, rows, [](Operation& row, std::int64_t took) {
        row.end_ns = sum(row.intended_ns, took);
    }));
    const auto plain = [&]<class Number>(Number Operation::*member) {
        return read_column<Number>(
            frame, rows, [member](Operation& row, Number value) { row.*member = value; });
    };
    FL_TRY_VOID(plain(&Operation::lag_us));
    FL_TRY_VOID(plain(&Operation::key));
    FL_TRY_VOID(plain(&Operation::version));
    FL_TRY_VOID(plain(&Operation::kind));
    FL_TRY_VOID(read_enum(frame, rows, &Operation::outcome, Outcome::unknown));
    FL_TRY_VOID(read_enum(frame, rows, &Operation::failure, Failure::unsent));
    return plain(&Operation::endpoint);
}

Result<OperationsRead> read_frame(int fd) {
    FrameReader frame(fd);
    OperationsRead content;
    FL_TRY(std::uint64_t left, read_head(frame, content.kinds));
    std::vector<Operation> block(operations_block_rows);
    for (std::int64_t previous = 0; left > 0;) {
        const std::size_t rows = std::min<std::uint64_t>(left, operations_block_rows);
        const std::span<Operation> filled(block.data(), rows);
        FL_TRY_VOID(read_block(frame, filled, previous));
        for (const Operation& operation : filled)
            content.operations.push_back(operation);
        previous = filled.back().intended_ns;
        left -= rows;
    }
    FL_TRY_VOID(frame.expect_end());
    return content;
}

}  // namespace

Result<OperationsRead> read_operations(const std::filesystem::path& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return fail_errno("reading " + path.string(), errno);
    auto content = read_frame(fd.get());
    if (!content) return in_context(path.string(), content.error());
    return content;
}

}  // namespace faultline
