// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <limits>

#include "harness/scenario/catalog.hpp"

namespace faultline {

/// A small catalog with every parameter type in it.
inline const Catalog& fake_catalog() {
    using enum ParameterType;
    constexpr double infinity = std::numeric_limits<double>::infinity();
    static const Catalog catalog{
        .faults =
            {{.name = "process.crash",
              .about = "Kills it.",
              .parameters = {{"signal", signal, "how", "KILL"}},
              .needs = "nothing",
              .undo = "nothing",
              .proof = "the pidfd"},
             {.name = "process.hang", .about = "Stops it.", .clears = true},
             {.name = "process.start_failure",
              .about = "Lets starts fail.",
              .parameters = {{"count", integer, "how many", "", true, 1, 100}},
              .clears = true},
             {.name = "process.throttle",
              .about = "Slows it down.",
              .parameters = {{"share", share, "of a CPU", "10%", false, 0.01, 0.99}},
              .clears = true},
             {.name = "link.latency",
              .about = "Delays what passes.",
              .parameters = {{"delay", duration, "how long", "", true, 0, 1e12}},
              .clears = true,
              .on_links = true},
             {.name = "link.loss",
              .about = "Drops packets.",
              .on_links = true,
              .needs_packets = true},
             {.name = "link.partition",
              .about = "Cuts groups off from each other.",
              .parameters = {{"groups", groups, "who stays together"},
                             {"cut_off", selector, "who is cut off"}},
              .clears = true,
              .on_links = true},
             {.name = "odd.everything",
              .about = "Has a parameter of each type.",
              .parameters =
                  {{"boolean", boolean, "b", "false"},
                   {"number", number, "n", "0.5", false, -1, 1},
                   {"pause", duration, "d", "", false, 1e6, 1e9},
                   {"speed", rate, "r", "5/s", false, 1, 100},
                   {"size", bytes, "s", "64KiB", false, 1, 1048576},
                   {"text", text, "t"},
                   {"pattern", pattern, "p", ".*"},
                   {"choice", choice, "c", "left", false, -infinity, infinity, {"left", "right"}},
                   {"other", selector, "s"},
                   {"door", port, "p"},
                   {"friend", target, "t"},
                   {"words", texts, "w"},
                   {"groups", groups, "g"},
                   {"weights",
                    weights,
                    "w",
                    R"({"set": 1})",
                    false,
                    -infinity,
                    infinity,
                    {"set", "get"}},
                   {"labels", fields, "l"}}}},
        .drivers = {{.name = "redis",
                     .about = "RESP2.",
                     .parameters = {{"keys", integer, "how many keys", "1000", false, 1, 1000000},
                                    {"sentinel", target, "asks this target who is primary"},
                                    {"operations",
                                     weights,
                                     "what is done",
                                     R"({"set": 0.5, "get": 0.5})",
                                     false,
                                     -infinity,
                                     infinity,
                                     {"set", "get", "incr"}}},
                     .checks_writes = true},
                    {.name = "http",
                     .about = "HTTP/1.1.",
                     .parameters = {{"path", text, "what to ask for", "/"}}}},
        .probes = {{.name = "redis.ping", .about = "PING.", .answers = {"PONG"}},
                   {.name = "redis.role", .about = "ROLE.", .answers = {"master", "slave"}},
                   {.name = "exec",
                    .about = "Runs a command.",
                    .parameters = {{"command", texts, "the command", "", true}}}}};
    return catalog;
}

/// A scenario that uses most of the format and is right.
inline constexpr const char* full_scenario = R"({
  "$schema": "../schema/scenario-1.schema.json",
  "name": "sentinel-primary-crash",
  "about": "Redis Sentinel promotes a replica when the primary is killed.",
  "targets": {
    "sentinel": {"count": 3, "after": ["redis"], "command": ["redis-sentinel", "${dir}/sentinel.conf"], "ports": ["client"]},
    "redis":    {"count": 3, "command": ["redis-server", "${dir}/redis.conf"], "args": ["--loglevel", "notice"],
                 "ports": ["client", "peer"],
                 "env": {"MODE": "test", "NUMBER": 5, "LANG": null},
                 "files": {"redis.conf": ["port ${port.client}", "dir ${dir}"], "raw": "no newline"},
                 "ready": {"probe": "redis.ping", "within": "5s", "period": "20ms"},
                 "stop": {"signal": "INT", "grace": "1s"},
                 "limits": {"nofile": 1024, "memory": "256MiB"},
                 "instances": {"1": {"args": ["--replicaof", "127.0.0.1", "${redis[0].port.client}"], "env": {"MODE": "replica"}}}}
  },
  "roles": {"redis": {"primary": {"probe": "redis.role", "equals": "master"}}},
  "load": {"driver": "redis", "to": "redis@primary", "port": "client", "rate": "1000/s", "arrivals": "poisson",
           "operations": {"set": 0.5, "get": 0.5}, "keys": 100, "timeout": "80ms", "reconnect": {"first": "2ms"}},
  "steady_state": {"success_rate": 0.999, "latency": "20ms", "for": "1s", "within": "10s"},
  "faults": [{"fault": "process.crash", "on": "redis@primary", "at": "2s", "jitter": "500ms", "id": "first"},
             {"fault": "process.hang", "on": "$first", "for": "1s",
              "after": {"event": "elected", "from": "sentinel", "delay": "10ms", "where": {"term": 2}}}],
  "detection": [{"log": "\\+sdown master", "in": "sentinel"}, {"event": "detected", "where": {"cause": "crash"}},
                {"probe": "redis.role", "in": "redis[1]", "equals": "master"}, {"exit": "redis@primary"}],
  "recovery": {"success_rate": "99%", "for": "500ms", "within": "25s"},
  "redundancy": {"within": "12s"},
  "expect": ["detection_time.p95 <= 1500ms", "first.recovery_time.p95 <= 3s @ 95%", "success_rate.mean >= 90%",
             "recovered >= 95% @ 95%", "lost_writes == 0"],
  "trials": {"count": 20, "control": 2, "seed": 18446744073709551615}
})";

}  // namespace faultline
