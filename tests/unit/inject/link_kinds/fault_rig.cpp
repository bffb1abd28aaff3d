// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/inject/link_kinds/fault_rig.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "harness/inject/link/kinds/catalog.hpp"
#include "harness/scenario/parameter_values.hpp"

namespace faultline::testing {

FaultRig::FaultRig(std::uint64_t seed) {
    auto engine = link::Engine::start({.seed = seed});
    EXPECT_TRUE(engine);
    if (engine) engine_ = std::move(*engine);
}

FaultRig::~FaultRig() = default;

void FaultRig::add_link(const std::string& from, const std::string& to) {
    servers_.push_back(std::make_unique<TestServer>());
    const std::string name = from + "->" + to + ".peer";
    const auto id = engine_->open(
        {.name = name, .listen = "127.0.0.1:0", .upstream = servers_.back()->address()});
    ASSERT_TRUE(id) << id.error().message;
    links_.push_back({name, from, to, "peer", engine_.get(), *id, nullptr});
}

void FaultRig::add_link(const std::string& from, const std::string& to, KernelNetwork& network) {
    servers_.push_back(nullptr);
    links_.push_back({.name = from + "->" + to + ".peer",
                      .from = from,
                      .to = to,
                      .port = "peer",
                      .network = &network});
}

void FaultRig::carry(KernelNetwork& network) {
    for (LinkVictim& link : links_)
        link.network = &network;
}

Result<std::unique_ptr<Fault>> FaultRig::make(const std::string& kind, const Written& written) {
    const auto kinds = link_fault_kinds();
    const auto found = std::find_if(
        kinds.begin(), kinds.end(), [&](const FaultKind& each) { return each.kind.name == kind; });
    if (found == kinds.end()) return fail("no such kind");
    auto spec = std::make_unique<FaultSpec>();
    spec->id = "fault-" + std::to_string(specs_.size() + 1);
    spec->kind = kind;
    for (const Parameter& row : found->kind.parameters) {
        if (const auto value = default_of(row)) spec->parameters.set(row.name, *value);
    }
    for (const auto& [name, value] : written)
        spec->parameters.set(name, value);
    specs_.push_back(std::move(spec));
    return found->make({.spec = *specs_.back(),
                        .victims = {},
                        .random = Random(1),
                        .links = links_,
                        .resolve = [this](const std::string& selector) {
                            return Result<std::vector<std::string>>(resolved[selector]);
                        }});
}

std::unique_ptr<Fault> FaultRig::fault(const std::string& kind, const Written& written) {
    auto made = make(kind, written);
    EXPECT_TRUE(made) << made.error().message;
    if (!made) return nullptr;
    const auto prepared = (*made)->prepare();
    EXPECT_TRUE(prepared) << prepared.error().message;
    EXPECT_TRUE((*made)->undo().empty());
    return std::move(*made);
}

std::string FaultRig::refusal(const std::string& kind, const Written& written) {
    const auto made = make(kind, written);
    EXPECT_FALSE(made);
    return made ? std::string() : made.error().message;
}

FaultRig::Talk FaultRig::talk(std::size_t link) {
    Talk made{.client = Wire::connect(address(link))};
    EXPECT_TRUE(made.client);
    made.server = servers_[link]->accept();
    EXPECT_TRUE(made.server);
    return made;
}

std::string FaultRig::address(std::size_t link) const {
    return engine_->listen_address(links_[link].id);
}

bool FaultRig::Talk::passes() {
    return client.send("ping") && server.read(4) == "ping" && server.send("pong") &&
           client.read(4) == "pong";
}

Proof proof_of(Fault& fault, Instant applied) {
    Proof proof;
    static_cast<void>(eventually([&] {
        proof = fault.prove(applied);
        return proof.effect == Effect::confirmed;
    }));
    return proof;
}

}  // namespace faultline::testing
