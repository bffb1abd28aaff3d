// SPDX-License-Identifier: Apache-2.0
// run.json. Published as scenarios/schema/run-1.schema.json.
#include "harness/result/json_fields.hpp"
#include "harness/result/record.hpp"
#include "harness/result/record_fields.hpp"

namespace faultline {
namespace {

constexpr int pretty_indent = 2;

void manifest_fields(JsonFields& json, RunRecord& run) {
    json.version(record_version);
    json.require("run");
    json.field("run", run.run);
    json.require("scenario_name");
    json.field("scenario_name", run.scenario_name);
    json.field("scenario_file", run.scenario_file);
    json.field("about", run.about);
    json.field("parameters", run.parameters);
    json.seed("seed", run.seed);
    json.field("trials_asked", run.trials_asked);
    json.field("control_asked", run.control_asked);
    json.field("started", run.started);
    json.field("command", run.command);
    json.field("faultline_version", run.faultline_version);
    json.field("machine", run.machine);
    json.object("instrument",
                [&](JsonFields& inside) { instrument_fields(inside, run.instrument); });
    json.json("scenario", run.scenario_json);
}

}  // namespace

std::string encode_manifest(const RunRecord& record) {
    JsonFields json = JsonFields::to_write();
    RunRecord copy = record;  // the fields are listed once, for writing and for reading
    manifest_fields(json, copy);
    return json.text(pretty_indent) + "\n";
}

Result<RunRecord> decode_manifest(const std::string& text) {
    FL_TRY(JsonFields json, JsonFields::to_read(text));
    RunRecord record;
    manifest_fields(json, record);
    FL_TRY_VOID(json.finish());
    return record;
}

}  // namespace faultline
