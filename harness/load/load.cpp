// SPDX-License-Identifier: Apache-2.0
#include "harness/load/load.hpp"

#include "harness/base/nearest.hpp"
#include "harness/load/drivers/drivers.hpp"
#include "harness/load/generator.hpp"

namespace faultline {

const std::vector<Kind>& driver_kinds() {
    static const std::vector<Kind> kinds{
        etcd_kind(), exec_kind(), http_kind(), redis_kind(), tcp_kind()};
    return kinds;
}

namespace {

Result<std::unique_ptr<Protocol>> make_protocol(const LoadSpec& spec, const LoadTargets& targets) {
    if (spec.driver == "etcd") return make_etcd(spec, targets);
    if (spec.driver == "http") return make_http(spec, targets);
    if (spec.driver == "redis") return make_redis(spec, targets);
    if (spec.driver == "tcp") return make_tcp(spec, targets);
    return fail("load: unknown driver \"" + spec.driver + "\"" +
                    suggestion(spec.driver, names_of(driver_kinds())),
                ErrorCode::invalid);
}

}  // namespace

Result<std::unique_ptr<Load>> make_load(const LoadSpec& spec, LoadTargets targets, Random random) {
    if (!(spec.rate > 0)) return fail("load: the rate must be above 0", ErrorCode::invalid);
    if (spec.driver == "exec") return make_exec(spec, std::move(targets), random);
    FL_TRY(auto protocol, make_protocol(spec, targets));
    FL_TRY(auto poller, Poller::make());
    return std::make_unique<Generator>(spec, std::move(protocol), std::move(poller), random);
}

}  // namespace faultline
