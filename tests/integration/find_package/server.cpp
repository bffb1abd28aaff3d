// SPDX-License-Identifier: Apache-2.0
#include <faultline/event.hpp>
#include <faultline/failpoint.hpp>

int main() {
    faultline::send_event("ready");
    return 0;
}
