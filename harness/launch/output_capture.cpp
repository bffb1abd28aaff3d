// SPDX-License-Identifier: Apache-2.0
#include "harness/launch/output_capture.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <iterator>
#include <optional>
#include <unistd.h>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <fmt/format.h>

namespace faultline {
namespace {

constexpr std::uint64_t file_bytes_max = 64 << 20;
constexpr std::uint64_t stamp_bytes_max = 64 << 20;
constexpr std::size_t line_bytes_max = 64 * 1024;
constexpr std::size_t turn_bytes_max = 64 * 1024;
constexpr std::size_t drained_bytes_max = 4 << 20;

Result<UniqueFd> open_appending(const std::filesystem::path& path) {
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
    if (!fd) return fail_errno("opening " + path.string(), errno);
    return fd;
}

}  // namespace

Result<OutputFile> OutputFile::open(const std::filesystem::path& folder, const std::string& name) {
    OutputFile file;
    file.path_ = folder / name;
    FL_TRY(file.bytes_, open_appending(file.path_));
    FL_TRY(file.stamps_, open_appending(folder / (name + ".stamps")));
    return file;
}

void OutputFile::append(std::string_view bytes) {
    const std::uint64_t room = broken_ ? 0 : file_bytes_max - std::min(file_bytes_max, offset_);
    const std::string_view kept =
        bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(room, bytes.size())));
    offset_ += bytes.size();
    dropped_ += bytes.size() - kept.size();
    if (kept.empty()) return;
    if (const auto written = write_all(bytes_.get(), kept); !written) {
        broken_ = true;  // the target must not block because our disk is full
        why_broken_ = written.error().message;
        dropped_ += kept.size();
    }
}

void OutputFile::stamp(std::uint64_t offset, Instant arrived) {
    if (broken_ || offset >= file_bytes_max || stamps_written_ >= stamp_bytes_max) return;
    fmt::format_to(std::back_inserter(pending_stamps_), "{} {}\n", nanoseconds_of(arrived), offset);
}

void OutputFile::flush() {
    if (pending_stamps_.empty()) return;
    stamps_written_ += pending_stamps_.size();
    if (const auto written = write_all(stamps_.get(), pending_stamps_); !written) {
        broken_ = true;
        why_broken_ = written.error().message;
    }
    pending_stamps_.clear();
}

void OutputFile::close() {
    flush();
    if (dropped_ > 0 && bytes_) {
        const std::string note =
            fmt::format("\n[faultline dropped {} bytes here{}{}]\n",
                        dropped_,
                        broken_ ? ": " : ": the file had reached its limit of 64 MiB",
                        why_broken_);
        static_cast<void>(write_all(bytes_.get(), note));  // a full disk may have no room for it
    }
    bytes_.reset();
    stamps_.reset();
}

struct OutputCapture::State : std::enable_shared_from_this<OutputCapture::State> {
    boost::asio::posix::stream_descriptor pipe;
    OutputFile* file;
    OnLine on_line;
    std::optional<SecretStream> secrets{};  // absent: there are none to mask
    std::string unfinished{};               // the line whose newline has not come yet
    std::uint64_t line_begin = 0;
    bool detached = false;  // the owner is gone, or the pipe has ended
    std::array<char, turn_bytes_max> buffer;

    State(Loop& loop,
          UniqueFd reader,
          OutputFile& the_file,
          OnLine the_on_line,
          const Secrets& the_secrets)
        : pipe(loop.context(), reader.release()), file(&the_file), on_line(std::move(the_on_line)) {
        if (!the_secrets.empty()) secrets.emplace(the_secrets);
    }

    void wait();
    std::size_t read_once();
    void take(std::string_view chunk, Instant arrived);
    void finish_line(std::string_view rest, Instant arrived);
    void end();
};

void OutputCapture::State::wait() {
    pipe.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                    [self = shared_from_this()](boost::system::error_code error) {
                        if (error || self->detached) return;
                        self->read_once();
                        if (!self->detached) self->wait();
                    });
}

// Returns the bytes read: 0 when there is nothing now or nothing any more.
std::size_t OutputCapture::State::read_once() {
    const ssize_t count = ::read(pipe.native_handle(), buffer.data(), buffer.size());
    if (count < 0 && (errno == EAGAIN || errno == EINTR)) return 0;
    if (count <= 0) {
        end();
        return 0;
    }
    const auto bytes = static_cast<std::size_t>(count);
    const std::string_view chunk(buffer.data(), bytes);
    if (secrets) {
        take(secrets->feed(chunk), now());
    } else {
        take(chunk, now());
    }
    return bytes;
}

void OutputCapture::State::take(std::string_view chunk, Instant arrived) {
    std::uint64_t offset = file->offset();
    file->append(chunk);
    while (!chunk.empty() && !detached) {
        if (unfinished.empty()) line_begin = offset;
        const std::size_t newline = chunk.find('\n');
        if (newline == std::string_view::npos) {
            unfinished += chunk;
            if (unfinished.size() >= line_bytes_max) finish_line({}, arrived);
            break;
        }
        finish_line(chunk.substr(0, newline), arrived);
        chunk.remove_prefix(newline + 1);
        offset += newline + 1;
    }
    if (!detached) file->flush();
}

void OutputCapture::State::finish_line(std::string_view rest, Instant arrived) {
    file->stamp(line_begin, arrived);
    if (unfinished.empty()) {
        if (on_line) on_line(rest, arrived);
        return;
    }
    const std::string line = std::exchange(unfinished, {}).append(rest);
    if (on_line) on_line(line, arrived);
}

void OutputCapture::State::end() {
    if (secrets && !detached) take(secrets->finish(), now());
    detached = true;
    if (!unfinished.empty()) {
        finish_line({}, now());
        file->flush();
    }
    boost::system::error_code ignored;
    pipe.close(ignored);
}

OutputCapture::OutputCapture(
    Loop& loop, UniqueFd reader, OutputFile& file, OnLine on_line, const Secrets& secrets)
    : state_(std::make_shared<State>(loop, std::move(reader), file, std::move(on_line), secrets)) {
    state_->wait();
}

OutputCapture::~OutputCapture() {
    state_->on_line = nullptr;
    if (state_->secrets && !state_->detached) state_->take(state_->secrets->finish(), now());
    state_->detached = true;
    boost::system::error_code ignored;
    state_->pipe.close(ignored);  // the waiting handler then runs once more and lets go
}

void OutputCapture::drain() {
    for (std::size_t drained = 0; !state_->detached && drained < drained_bytes_max;) {
        const std::size_t bytes = state_->read_once();
        if (bytes == 0) return;
        drained += bytes;
    }
}

bool OutputCapture::closed() const {
    return state_->detached;
}

}  // namespace faultline
