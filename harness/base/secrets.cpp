// SPDX-License-Identifier: Apache-2.0
#include "harness/base/secrets.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/check.hpp"
#include "harness/base/file.hpp"

namespace faultline {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t piece_bytes = 256 * 1024;

/// Copies a file, masked. Returns whether that made a difference.
Result<bool> copy_masked(int from, int to, const Secrets& secrets) {
    SecretStream stream(secrets);
    std::vector<char> piece(piece_bytes);
    std::size_t read_bytes = 0, written_bytes = 0;
    bool differs = false;
    std::string before;  // what was read and not yet compared
    const auto pass_on = [&](const std::string& masked) -> Result<> {
        differs = differs || before.compare(0, masked.size(), masked) != 0;
        before.erase(0, std::min(before.size(), masked.size()));
        written_bytes += masked.size();
        return write_all(to, masked);
    };
    for (;;) {
        const ssize_t count = ::read(from, piece.data(), piece.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return fail_errno("reading", errno);
        if (count == 0) break;
        const std::string_view bytes(piece.data(), static_cast<std::size_t>(count));
        read_bytes += bytes.size();
        if (!differs) before += bytes;
        FL_TRY_VOID(pass_on(stream.feed(bytes)));
        if (differs) before.clear();
    }
    FL_TRY_VOID(pass_on(stream.finish()));
    return differs || read_bytes != written_bytes;
}

Result<> mask_file(const fs::path& path, const Secrets& secrets) {
    const UniqueFd from(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!from) return fail_errno("opening " + path.string(), errno);
    struct stat status {};
    if (::fstat(from.get(), &status) != 0) return fail_errno("examining " + path.string(), errno);
    const fs::path temporary = path.string() + ".masked";
    UniqueFd to(::open(temporary.c_str(),
                       O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                       status.st_mode & 0777));
    if (!to) return fail_errno("creating " + temporary.string(), errno);
    const auto differs = copy_masked(from.get(), to.get(), secrets);
    to.reset();
    if (differs && *differs) {
        if (::rename(temporary.c_str(), path.c_str()) == 0) return {};
        return fail_errno("replacing " + path.string(), errno);
    }
    ::unlink(temporary.c_str());
    if (!differs) return in_context("masking " + path.string(), differs.error());
    return {};
}

}  // namespace

void Secrets::add(std::string value) {
    if (value.empty() || std::find(values_.begin(), values_.end(), value) != values_.end()) return;
    FL_CHECK_OP(>=, value.size(), length_min);
    first_bytes_.set(static_cast<unsigned char>(value.front()));
    values_.push_back(std::move(value));
    std::stable_sort(values_.begin(), values_.end(), [](const auto& a, const auto& b) {
        return a.size() > b.size();
    });
}

void Secrets::add_all(const Secrets& others) {
    for (const std::string& value : others.values_)
        add(value);
}

std::string Secrets::mask(std::string_view text) const {
    if (empty()) return std::string(text);
    SecretStream stream(*this);
    std::string masked = stream.feed(text);
    return masked += stream.finish();
}

std::string SecretStream::feed(std::string_view piece) {
    held_ += piece;
    return take(false);
}

std::string SecretStream::finish() {
    return take(true);
}

// One pass over `held_`: `at` is the byte that is decided next, bytes before `hidden_` belong to a
// secret that is shown already. A byte is decided once no secret that begins with it can still
// come.
std::string SecretStream::take(bool last) {
    std::string out;
    std::size_t at = 0;
    for (; at < held_.size(); ++at) {
        const std::string_view rest = std::string_view(held_).substr(at);
        bool undecided = false;
        if (secrets_.first_bytes_.test(static_cast<unsigned char>(rest.front()))) {
            for (const std::string& value : secrets_.values_) {
                if (rest.starts_with(value)) {
                    if (at >= hidden_) out += Secrets::shown;
                    hidden_ = std::max(hidden_, at + value.size());
                    break;  // the longest that is there
                }
                undecided = undecided || (!last && std::string_view(value).starts_with(rest));
            }
        }
        if (undecided) break;
        if (at >= hidden_) out += held_[at];
    }
    held_.erase(0, at);
    hidden_ -= std::min(hidden_, at);
    return out;
}

Result<> mask_files(const fs::path& folder, const Secrets& secrets) {
    if (secrets.empty()) return {};
    std::error_code error;
    std::vector<fs::path> files;
    if (fs::is_regular_file(fs::symlink_status(folder, error))) files.push_back(folder);
    if (fs::is_directory(folder, error)) {
        auto entry = fs::recursive_directory_iterator(folder, error);
        for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
            std::error_code ignored;
            if (fs::is_regular_file(entry->symlink_status(ignored))) files.push_back(entry->path());
        }
        if (error) return fail_errno("reading " + folder.string(), error.value());
    }
    Result<> worst;
    for (const fs::path& file : files) {
        auto masked = mask_file(file, secrets);
        if (masked) continue;
        fs::remove(file, error);  // better no evidence than one that tells
        worst = std::move(masked);
    }
    return worst;
}

}  // namespace faultline
