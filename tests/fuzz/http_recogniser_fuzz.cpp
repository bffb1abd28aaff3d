// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/recogniser_properties.hpp"

// Any bytes are cut into HTTP messages at the same places however they arrive, and pass unchanged
// when nothing is struck.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    faultline::link::fuzz::check_recognisers({reinterpret_cast<const char*>(data), size},
                                             faultline::link::RequestProtocol::http);
    return 0;
}
