// SPDX-License-Identifier: Apache-2.0
#include "tests/simulation/check/linearizability.hpp"

#include <gtest/gtest.h>

namespace ftcore::simulation {
namespace {

using std::chrono::seconds;

Operation write(Value value, int from, int to) {
    return {.kind = OperationKind::write,
            .value = value,
            .outcome = Outcome::ok,
            .invoked = seconds(from),
            .returned = seconds(to)};
}

Operation read(Value observed, int from, int to) {
    return {.observed = observed,
            .outcome = Outcome::ok,
            .invoked = seconds(from),
            .returned = seconds(to)};
}

Operation exchange(Value expected, Value value, Value observed, int from, int to) {
    return {.kind = OperationKind::exchange,
            .value = value,
            .expected = expected,
            .observed = observed,
            .done = observed == expected,
            .outcome = Outcome::ok,
            .invoked = seconds(from),
            .returned = seconds(to)};
}

Operation unknown(Operation operation) {
    operation.outcome = Outcome::unknown;
    return operation;
}

Linearizable verdict_of(const History& history) {
    return check_linearizability(history).verdict;
}

TEST(Linearizability, AcceptsOneOperationAfterTheOther) {
    EXPECT_EQ(
        verdict_of(
            {read(0, 0, 1), write(1, 2, 3), read(1, 4, 5), exchange(1, 2, 1, 6, 7), read(2, 8, 9)}),
        Linearizable::yes);
}

TEST(Linearizability, AcceptsEitherOrderOfOperationsThatOverlap) {
    EXPECT_EQ(verdict_of({write(1, 0, 10), write(2, 0, 10), read(1, 11, 12)}), Linearizable::yes);
    EXPECT_EQ(verdict_of({write(1, 0, 10), write(2, 0, 10), read(2, 11, 12)}), Linearizable::yes);
    EXPECT_EQ(verdict_of({write(1, 0, 10), read(0, 1, 2), read(1, 3, 4)}), Linearizable::yes);
}

TEST(Linearizability, RejectsAStaleRead) {
    EXPECT_EQ(verdict_of({write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)}), Linearizable::no);
}

TEST(Linearizability, RejectsAValueThatGoesAndComesBack) {
    EXPECT_EQ(verdict_of({write(1, 0, 10), read(1, 1, 2), read(0, 3, 4)}), Linearizable::no);
}

TEST(Linearizability, RejectsALostWriteAndAValueOutOfThinAir) {
    EXPECT_EQ(verdict_of({write(1, 0, 1), read(0, 2, 3)}), Linearizable::no);
    EXPECT_EQ(verdict_of({read(7, 0, 1)}), Linearizable::no);
}

TEST(Linearizability, LetsAnUnknownWriteHappenLaterOrNever) {
    EXPECT_EQ(verdict_of({unknown(write(1, 0, 1)), read(0, 2, 3), read(1, 50, 51)}),
              Linearizable::yes);
    EXPECT_EQ(verdict_of({unknown(write(1, 0, 1)), read(0, 2, 3)}), Linearizable::yes);
    EXPECT_EQ(verdict_of({read(1, 0, 1), unknown(write(1, 2, 3))}), Linearizable::no);
}

TEST(Linearizability, LetsAnUnknownWriteHappenOnceOnly) {
    EXPECT_EQ(verdict_of({unknown(write(1, 0, 1)), read(1, 2, 3), write(2, 4, 5), read(1, 6, 7)}),
              Linearizable::no);
}

TEST(Linearizability, HoldsAnExchangeToWhatItSaw) {
    EXPECT_EQ(verdict_of({write(1, 0, 1), exchange(5, 6, 1, 2, 3), read(1, 4, 5)}),
              Linearizable::yes);
    EXPECT_EQ(verdict_of({write(1, 0, 1), exchange(1, 6, 1, 2, 3), exchange(1, 7, 1, 2, 3)}),
              Linearizable::no);
}

TEST(Linearizability, LeavesRefusedOperationsOut) {
    Operation refused = write(1, 0, 1);
    refused.outcome = Outcome::refused;
    EXPECT_EQ(verdict_of({refused, read(0, 2, 3)}), Linearizable::yes);
    EXPECT_EQ(verdict_of({refused, read(1, 2, 3)}), Linearizable::no);
}

TEST(Linearizability, LooksAtEveryRegisterByItself) {
    Operation other = write(2, 0, 1);
    other.key = 1;
    Operation stale = read(0, 2, 3);
    stale.key = 1;
    EXPECT_EQ(verdict_of({write(1, 0, 1), other, read(1, 2, 3)}), Linearizable::yes);
    EXPECT_EQ(check_linearizability({write(1, 0, 1), other, stale}).key, 1U);
}

}  // namespace
}  // namespace ftcore::simulation
