// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "targets/kvnode/command.hpp"

/// The commands on keys. Writes run on every node in the same order and must depend on nothing but
/// the store and their words.
namespace kvnode {

/// Values grow no longer than this. Units: bytes.
constexpr std::size_t value_bytes_max = std::size_t{8} << 20;

std::string run_append(Store& store, const Words& words);
std::string run_dbsize(Store& store, const Words& words);
std::string run_decr(Store& store, const Words& words);
std::string run_decrby(Store& store, const Words& words);
std::string run_del(Store& store, const Words& words);
std::string run_exists(Store& store, const Words& words);
std::string run_get(Store& store, const Words& words);
std::string run_getdel(Store& store, const Words& words);
std::string run_incr(Store& store, const Words& words);
std::string run_incrby(Store& store, const Words& words);
std::string run_mget(Store& store, const Words& words);
std::string run_mset(Store& store, const Words& words);
std::string run_set(Store& store, const Words& words);
std::string run_setnx(Store& store, const Words& words);
std::string run_strlen(Store& store, const Words& words);

}  // namespace kvnode
