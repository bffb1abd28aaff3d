// SPDX-License-Identifier: Apache-2.0
#include "harness/result/record_fields.hpp"

namespace faultline {
namespace {

void effect_field(JsonFields& json, Effect& effect) {
    std::string spelled = effect == Effect::confirmed ? "confirmed" : "unconfirmed";
    json.field("effect", spelled);
    if (spelled != "confirmed" && spelled != "unconfirmed") {
        json.complain("effect", "is neither \"confirmed\" nor \"unconfirmed\"");
    }
    effect = spelled == "confirmed" ? Effect::confirmed : Effect::unconfirmed;
}

}  // namespace

void injection_fields(JsonFields& json, Injection& injection) {
    json.require("id");
    json.field("id", injection.id);
    json.require("fault");
    json.field("fault", injection.fault);
    json.field("on", injection.on);
    json.field("planned_ns", injection.planned);
    json.field("at_ns", injection.call_end);
    Duration bracket = injection.call_end - injection.call_begin;
    json.field("bracket_ns", bracket);
    injection.call_begin = injection.call_end - bracket;
    json.field("effective_bound_ns", injection.effective_bound);
    json.field("observed_ns", injection.observed);
    json.field("cleared_ns", injection.cleared);
    effect_field(json, injection.effect);
    json.field("evidence", injection.evidence);
    json.field("mechanism", injection.mechanism);
}

void instrument_fields(JsonFields& json, InstrumentError& instrument) {
    json.text_or_null("measured_at", instrument.measured_at);
    json.nanoseconds("injection_lateness_p99_ns", instrument.injection_lateness_p99);
    json.nanoseconds("detection_error_p99_ns", instrument.detection_error_p99);
    json.nanoseconds("recovery_error_p99_ns", instrument.recovery_error_p99);
}

}  // namespace faultline
