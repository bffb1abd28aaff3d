// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/code/point_fault.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/base/nearest.hpp"
#include "harness/base/units.hpp"

namespace faultline {

PointFault::PointFault(std::vector<Victim*> victims, PointOrder order, const Random& random)
    : victims_(std::move(victims)), order_(std::move(order)), random_(random) {}

Result<PointFault::Place> PointFault::find(Victim& victim) const {
    const auto path = victim.failpoint_control();
    if (!path) return fail(victim.name() + " was started without a control file for fail points");
    FL_TRY(ControlFile file, ControlFile::open(*path));
    if (!file.attached()) {
        return fail(
            fmt::format(
                "{} has not opened its fail points; its program has to embed "
                "faultline/failpoint.hpp and to call faultline::arm_failpoints_from_environment() "
                "at the begin of main",
                victim.name()),
            ErrorCode::not_found);
    }
    FailpointSlot* const slot = file.find(order_.point);
    if (slot == nullptr) {
        return fail(fmt::format("{} has no fail point \"{}\"{}",
                                victim.name(),
                                order_.point,
                                suggestion(order_.point, file.points())),
                    ErrorCode::not_found);
    }
    return Place{&victim, *path, std::move(file), slot};
}

Result<> PointFault::prepare() {
    places_.clear();
    for (Victim* victim : victims_) {
        FL_TRY(Place place, find(*victim));
        places_.push_back(std::move(place));
    }
    return {};
}

std::vector<Undo> PointFault::undo() const {
    std::vector<Undo> all;
    for (const Place& place : places_) {
        all.push_back(
            {.kind = Undo::Kind::disarm_failpoint, .path = place.path, .content = order_.point});
    }
    return all;
}

Result<> PointFault::apply() {
    for (const Place& place : places_) {
        if (place.slot->armed.load(std::memory_order_acquire) == 0) continue;
        return fail(fmt::format("{} of {} is armed already: two faults cannot hold one point",
                                order_.point,
                                place.victim->name()),
                    ErrorCode::exists);
    }
    for (std::size_t index = 0; index < places_.size(); ++index) {
        FailpointAction action = order_.action;
        action.seed = random_.fork("victim", index).seed();  // victims need not fail in step
        places_[index].serial = arm(*places_[index].slot, action);
    }
    return {};
}

PointFault::Seen PointFault::look(const Place& place) {
    // In the order opposite to that in which the victim writes them.
    const std::uint64_t triggered = place.slot->triggered.load(std::memory_order_acquire);
    const std::int64_t first_ns = place.slot->first_trigger_ns.load(std::memory_order_acquire);
    const std::uint64_t hits = place.slot->hits.load(std::memory_order_acquire);
    Seen seen;
    if (place.serial == 0 || triggered >> embed::Tally::count_bits != place.serial) return seen;
    seen.hits = hits & embed::Tally::count_mask;
    seen.triggered = triggered & embed::Tally::count_mask;
    if (seen.triggered > 0) seen.first = instant_of(first_ns);
    return seen;
}

Proof PointFault::prove(Instant applied) {
    Proof proof{.effect = Effect::confirmed};
    std::vector<std::string> sentences;
    for (const Place& place : places_) {
        const Seen seen = look(place);
        if (!seen.first) {
            proof.effect = Effect::unconfirmed;
            sentences.push_back(
                seen.hits == 0
                    ? fmt::format(
                          "{}: {} was armed and hit 0 times", place.victim->name(), order_.point)
                    : fmt::format("{}: {} was armed, hit {} times and never triggered",
                                  place.victim->name(),
                                  order_.point,
                                  seen.hits));
            continue;
        }
        sentences.push_back(
            fmt::format("{}: {} triggered {} times in {} hits, first {:.3f} ms after "
                        "it was armed",
                        place.victim->name(),
                        order_.point,
                        seen.triggered,
                        seen.hits,
                        milliseconds_of(*seen.first - applied)));
        proof.began = std::min(proof.began.value_or(*seen.first), *seen.first);
        proof.observed = std::max(proof.observed.value_or(*seen.first), *seen.first);
    }
    proof.evidence = fmt::format("{}", fmt::join(sentences, "; "));
    if (proof.effect == Effect::confirmed) {
        proof.effective_bound = proof.observed;
    } else {
        proof.began.reset();
        proof.observed.reset();
    }
    return proof;
}

Duration PointFault::prove_within() const {
    return cleared_ ? Duration::zero() : order_.within;  // once it is disarmed nothing can trigger
}

Result<> PointFault::clear() {
    for (const Place& place : places_) {
        if (place.serial != 0) disarm(*place.slot, place.serial);
    }
    cleared_ = true;
    return {};
}

std::string PointFault::account() const {
    std::vector<std::string> sentences;
    for (const Place& place : places_) {
        const Seen seen = look(place);
        sentences.push_back(fmt::format(
            "{}: {} of {} hits in all", place.victim->name(), seen.triggered, seen.hits));
    }
    return fmt::format("{}", fmt::join(sentences, "; "));
}

std::string PointFault::mechanism() const {
    return "fail point " + order_.point + ", armed in shared memory";
}

// ---- parameters

ParameterTable point_parameters(ParameterTable own, const std::string& first) {
    constexpr double count_max = 1e12;
    ParameterTable table{{.name = "point",
                          .type = ParameterType::text,
                          .help = "The name of the fail point, as the target's code has it.",
                          .required = true}};
    table.insert(table.end(), own.begin(), own.end());
    const ParameterTable common{
        {.name = "after_hits",
         .type = ParameterType::integer,
         .help = "How many hits are let through first.",
         .default_value = "0",
         .minimum = 0,
         .maximum = count_max},
        {.name = "every",
         .type = ParameterType::integer,
         .help = "Only every so many-th hit counts.",
         .default_value = "1",
         .minimum = 1,
         .maximum = count_max},
        {.name = "probability",
         .type = ParameterType::share,
         .help = "How likely each hit that counts triggers; drawn from the trial's seed.",
         .default_value = "100%",
         .minimum = 0,
         .maximum = 1},
        {.name = "first",
         .type = ParameterType::integer,
         .help = "How often it triggers at most; 0: as long as it is armed.",
         .default_value = first,
         .minimum = 0,
         .maximum = count_max},
        {.name = "restart",
         .type = ParameterType::choice,
         .help = "Whether it stays armed when the process starts again: keep, with what is left of "
                 "its count, or disarm.",
         .default_value = "keep",
         .choices = {"keep", "disarm"}},
        {.name = "within",
         .type = ParameterType::duration,
         .help = "How long its first trigger is waited for; without one the trial is ineffective.",
         .default_value = "10s",
         .minimum = 1e6,
         .maximum = 3600e9}};
    table.insert(table.end(), common.begin(), common.end());
    return table;
}

Result<PointOrder> point_order(const Parameters& given) {
    const auto count_of = [&](const char* name, std::int64_t least) -> Result<std::uint64_t> {
        const auto value = given.get<std::int64_t>(name);
        if (value >= least) return static_cast<std::uint64_t>(value);
        return fail(fmt::format("{} is {}, at least {} is needed", name, value, least),
                    ErrorCode::invalid);
    };
    PointOrder order;
    order.point = given.get<std::string>("point");
    order.within = given.get<Duration>("within");
    FL_TRY(order.action.after, count_of("after_hits", 0));
    FL_TRY(order.action.every, count_of("every", 1));
    FL_TRY(order.action.first, count_of("first", 0));
    order.action.probability = given.get<double>("probability");
    order.action.ends_with_process = given.get<std::string>("restart") == "disarm";
    if (order.point.empty()) return fail("point is empty", ErrorCode::invalid);
    if (!(order.action.probability >= 0 && order.action.probability <= 1)) {
        return fail("probability is " + format_share(order.action.probability) +
                        ", it must be between 0 % and 100 %",
                    ErrorCode::invalid);
    }
    return order;
}

}  // namespace faultline
