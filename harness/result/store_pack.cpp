// SPDX-License-Identifier: Apache-2.0
#include "harness/result/store_pack.hpp"

#include <zstd.h>

#include "harness/base/base64.hpp"
#include "harness/base/check.hpp"

namespace faultline {
namespace {

constexpr int document_zstd_level = 6;

}  // namespace

std::string pack_document(std::string_view text) {
    std::string frame(ZSTD_compressBound(text.size()), '\0');
    const std::size_t size =
        ZSTD_compress(frame.data(), frame.size(), text.data(), text.size(), document_zstd_level);
    FL_CHECK(ZSTD_isError(size) == 0);  // the buffer is large enough for anything
    frame.resize(size);
    std::string packed;
    append_base64(packed, frame);
    return packed;
}

Result<std::string> unpack_document(const std::string& packed) {
    const auto frame = decode_base64(packed);
    if (!frame) return fail("it is not base64", ErrorCode::invalid);
    const unsigned long long size = ZSTD_getFrameContentSize(frame->data(), frame->size());
    if (size == ZSTD_CONTENTSIZE_UNKNOWN || size == ZSTD_CONTENTSIZE_ERROR ||
        size > packed_bytes_max)
        return fail("it is not a document of a run", ErrorCode::invalid);
    std::string text(size, '\0');
    const std::size_t done =
        ZSTD_decompress(text.data(), text.size(), frame->data(), frame->size());
    if (ZSTD_isError(done) != 0)
        return fail(std::string("zstd: ") + ZSTD_getErrorName(done), ErrorCode::invalid);
    return text;
}

}  // namespace faultline
