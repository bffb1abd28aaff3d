// SPDX-License-Identifier: Apache-2.0
// A target that embeds event.hpp, compiled as C++17: what the header is for.
//   event_sender one NAME [FIELD VALUE]...   one event; exit 0 when it was handed over
//   event_sender at NANOSECONDS NAME         one event with an instant of its own
//   event_sender flood COUNT                 COUNT events, however long the receiver takes
#include <cstdlib>
#include <sched.h>
#include <string>
#include <vector>

#include "faultline/event.hpp"

static_assert(__cplusplus < 202002L, "event.hpp must compile as C++17");

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    if (words.size() < 2) return 2;
    if (words[0] == "one") {
        std::vector<faultline::EventField> fields;
        for (std::size_t index = 2; index + 1 < words.size(); index += 2) {
            fields.emplace_back(words[index], words[index + 1]);
        }
        return faultline::send_event(
                   words[1], fields.data(), fields.size(), faultline::monotonic_ns())
                   ? 0
                   : 1;
    }
    if (words[0] == "at" && words.size() == 3) {
        return faultline::send_event(words[2], {}, std::stoll(words[1])) ? 0 : 1;
    }
    if (words[0] != "flood") return 2;
    const int count = std::stoi(words[1]);
    for (int sent = 0; sent < count; ++sent) {
        while (!faultline::send_event("flood", {{"about", "kv[0]"}}))
            ::sched_yield();
    }
    return 0;
}
