// SPDX-License-Identifier: Apache-2.0
#include "harness/cli/commands.hpp"

int main(int argc, char** argv) {
    return faultline::cli::dispatch(argc, argv);
}
