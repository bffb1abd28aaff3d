// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace faultline::link {

/// Follows values of the Redis protocol to their ends while they stream by: nothing is kept but how
/// many elements are still to come. Source: https://redis.io/docs/reference/protocol-spec
class RespSkip {
  public:
    /// The next value, of any type.
    void begin_value();
    /// The rest of a request: `count` bulks.
    void begin_bulks(std::uint64_t count);
    /// The same, where the first of them has begun: `bytes` and a line end are still to come of it.
    /// Requires: count > 0.
    void begin_within_bulk(std::uint64_t bytes, std::uint64_t count);
    [[nodiscard]] bool done() const { return part_ == Part::done; }

    struct Taken {
        std::size_t bytes = 0;
        bool broken = false;
    };
    /// Shape: less than all of the input only when done or broken.
    [[nodiscard]] Taken take(std::string_view input);

  private:
    enum class Part : std::uint8_t {
        type,
        number,    // of an integer's, bulk's or array's line
        text,      // of a simple string or an error
        line_end,  // its LF
        bulk,      // `left_` bytes, without the line end
        bulk_end,
        bulk_end_2,
        done,
    };
    [[nodiscard]] bool step(char c);
    [[nodiscard]] bool type(char c);
    [[nodiscard]] bool digit(char c);
    [[nodiscard]] bool line_ended();
    [[nodiscard]] bool array_begins();
    void value_ended();

    Part part_ = Part::done;
    char type_ = 0;
    bool bulks_only_ = false;
    bool signed_ = false;
    bool negative_ = false;
    int digits_ = 0;
    std::uint64_t left_ = 0;
    std::size_t line_bytes_ = 0;
    std::vector<std::uint64_t> open_;  // elements to come, of the arrays that we are in
};

/// As in Redis: proto-max-bulk-len, and the most that an array may announce.
inline constexpr std::uint64_t resp_bulk_bytes_max = std::uint64_t{512} << 20;
inline constexpr std::uint64_t resp_elements_max = (std::uint64_t{1} << 31) - 1;
inline constexpr std::size_t resp_depth_max = 128;

}  // namespace faultline::link
