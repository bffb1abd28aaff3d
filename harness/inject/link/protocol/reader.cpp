// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/reader.hpp"

#include "harness/base/check.hpp"
#include "harness/inject/link/protocol/http_reader.hpp"
#include "harness/inject/link/protocol/resp_reader.hpp"

namespace faultline::link {

Readers make_readers(RequestProtocol protocol) {
    FL_CHECK(protocol != RequestProtocol::automatic);
    if (protocol == RequestProtocol::http)
        return {std::make_unique<HttpRequestReader>(), std::make_unique<HttpAnswerReader>()};
    return {std::make_unique<RespRequestReader>(), std::make_unique<RespAnswerReader>()};
}

}  // namespace faultline::link
