// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <span>
#include <type_traits>
#include <unistd.h>
#include <utility>
#include <zstd.h>

#include "harness/base/file.hpp"
#include "harness/result/operations_file.hpp"

namespace faultline {
namespace {

static_assert(std::endian::native == std::endian::little,
              "the columns are copied as they are in memory");

class FrameWriter {
  public:
    explicit FrameWriter(int fd) : fd_(fd), context_(ZSTD_createCCtx(), &ZSTD_freeCCtx) {
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, operations_zstd_level);
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
    }

    Result<> write(std::span<const char> content) { return compress(content, ZSTD_e_continue); }
    Result<> end() { return compress({}, ZSTD_e_end); }

  private:
    Result<> compress(std::span<const char> content, ZSTD_EndDirective directive) {
        ZSTD_inBuffer in{content.data(), content.size(), 0};
        for (;;) {
            ZSTD_outBuffer out{chunk_.data(), chunk_.size(), 0};
            const std::size_t left = ZSTD_compressStream2(context_.get(), &out, &in, directive);
            if (ZSTD_isError(left)) return fail(std::string("zstd: ") + ZSTD_getErrorName(left));
            FL_TRY_VOID(write_all(fd_, {chunk_.data(), out.pos}));
            if (directive == ZSTD_e_end ? left == 0 : in.pos == in.size) return {};
        }
    }

    int fd_;
    std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context_;
    std::vector<char> chunk_ = std::vector<char>(ZSTD_CStreamOutSize());
};

template <class Number>
void append(std::string& bytes, Number number) {
    static_assert(std::is_trivially_copyable_v<Number>);
    std::array<char, sizeof(Number)> raw{};
    std::memcpy(raw.data(), &number, sizeof(Number));
    bytes.append(raw.data(), raw.size());
}

std::string encode_head(const std::vector<std::string>& kinds, std::uint64_t count) {
    std::string bytes(operations_magic.data(), operations_magic.size());
    append(bytes, operations_version);
    append(bytes, static_cast<std::uint32_t>(kinds.size()));
    for (const std::string& kind : kinds) {
        const std::string name = kind.substr(0, UINT16_MAX);
        append(bytes, static_cast<std::uint16_t>(name.size()));
        bytes += name;
    }
    append(bytes, count);
    return bytes;
}

// Differences wrap around, as unsigned numbers do, so any two instants have one.
std::int64_t difference(std::int64_t a, std::int64_t b) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}

/// The columns of operations [first, first + rows) in `bytes`; `previous` is the intended start
/// before them.
void encode_block(const OperationLog& log,
                  std::size_t first,
                  std::size_t rows,
                  std::int64_t previous,
                  std::string& bytes) {
    bytes.resize(rows * sizeof(Operation));
    char* at = bytes.data();
    const auto column = [&](auto value_of) {
        for (std::size_t row = 0; row < rows; ++row) {
            const auto value = value_of(log[first + row]);
            std::memcpy(at, &value, sizeof(value));
            at += sizeof(value);
        }
    };
    column([&](const Operation& each) {
        return difference(each.intended_ns, std::exchange(previous, each.intended_ns));
    });
    column([](const Operation& each) { return difference(each.end_ns, each.intended_ns); });
    column([](const Operation& each) { return each.lag_us; });
    column([](const Operation& each) { return each.key; });
    column([](const Operation& each) { return each.version; });
    column([](const Operation& each) { return each.kind; });
    column([](const Operation& each) { return static_cast<std::uint8_t>(each.outcome); });
    column([](const Operation& each) { return static_cast<std::uint8_t>(each.failure); });
    column([](const Operation& each) { return each.endpoint; });
    FL_CHECK(at == bytes.data() + bytes.size());
}

Result<> write_frame(int fd,
                     const std::vector<std::string>& kinds,
                     const OperationLog& operations) {
    FrameWriter frame(fd);
    std::string bytes = encode_head(kinds, operations.size());
    FL_TRY_VOID(frame.write(bytes));
    std::int64_t previous = 0;
    for (std::size_t first = 0; first < operations.size(); first += operations_block_rows) {
        const std::size_t rows = std::min(operations_block_rows, operations.size() - first);
        encode_block(operations, first, rows, previous, bytes);
        previous = operations[first + rows - 1].intended_ns;
        FL_TRY_VOID(frame.write(bytes));
    }
    return frame.end();
}

}  // namespace

Result<> write_operations(const std::filesystem::path& path,
                          const std::vector<std::string>& kinds,
                          const OperationLog& operations) {
    FL_CHECK_OP(<=, kinds.size(), operation_kinds_max);
    const std::filesystem::path temporary = path.string() + ".new";
    const UniqueFd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!fd) return fail_errno("creating " + temporary.string(), errno);
    Result<> written = write_frame(fd.get(), kinds, operations);
    if (written && ::rename(temporary.c_str(), path.c_str()) != 0) {
        written = fail_errno("renaming", errno);
    }
    if (!written) {
        ::unlink(temporary.c_str());
        return in_context(path.string(), written.error());
    }
    return {};
}

}  // namespace faultline
