// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/request_stage.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "harness/inject/link/protocol/detect.hpp"

namespace faultline::link {
namespace {

using By = OwedAnswers::By;

/// So many changes between answers by the server and answers by us may be outstanding; then no more
/// requests are read before some of them are given.
constexpr std::size_t owed_max = 65'536;

}  // namespace

/// What came, on its way: the front of it is passed on or swallowed, step by step. What passes in
/// one run stays one chunk.
class RequestStage::Passage {
  public:
    Passage(Chunk chunk, DelayLine& line, Outlet& below)
        : bytes_(std::move(chunk.bytes)), at_(chunk.at), line_(line), below_(below) {}

    [[nodiscard]] std::string_view rest() const {
        return std::string_view(bytes_).substr(position_);
    }
    [[nodiscard]] bool done() const { return position_ == bytes_.size(); }
    [[nodiscard]] Instant at() const { return at_; }
    [[nodiscard]] Outlet& below() const { return below_; }

    void pass(std::size_t bytes) { position_ += bytes; }
    void swallow(std::size_t bytes) {
        flush();
        position_ += bytes;
        begin_ = position_;
    }
    /// What comes from here on goes on at `until` or later.
    void hold_until(Instant until) {
        flush();
        line_.hold_until(until);
    }
    /// Takes the rest out.
    [[nodiscard]] std::string keep() {
        flush();
        std::string kept(rest());
        swallow(kept.size());
        return kept;
    }
    void flush() {
        if (begin_ == position_) return;
        const bool whole = begin_ == 0 && position_ == bytes_.size();
        std::string run =
            whole ? std::exchange(bytes_, {}) : bytes_.substr(begin_, position_ - begin_);
        if (whole) position_ = 0;
        begin_ = position_;
        line_.push({std::move(run), at_}, below_);
    }

  private:
    std::string bytes_;
    Instant at_;
    DelayLine& line_;
    Outlet& below_;
    std::size_t begin_ = 0;  // of the run that is to be passed on
    std::size_t position_ = 0;
};

void RequestStage::push(Chunk chunk, Outlet& below) {
    if (talk_->joining) return join(std::move(chunk), below);
    look(std::move(chunk), below);
}

void RequestStage::look(Chunk chunk, Outlet& below) {
    talk_->asked = true;
    if (!kept_.empty()) {
        kept_ += chunk.bytes;
        chunk.bytes = std::exchange(kept_, {});
    }
    Passage passage(std::move(chunk), line_, below);
    while (!passage.done() && step(passage)) {
    }
    passage.flush();
}

bool RequestStage::step(Passage& passage) {
    if (talk_->ending) {
        passage.swallow(passage.rest().size());
        return true;
    }
    if (!talk_->looking && !talk_->swallowing) {
        passage.pass(passage.rest().size());
        return true;
    }
    if (talk_->readers.requests == nullptr && !detect(passage)) return false;
    if (!talk_->looking && !talk_->swallowing) return true;
    RequestReader& reader = *talk_->readers.requests;
    if (reader.in_body()) {
        follow_body(passage);
        return true;
    }
    const RequestReader::Head head = reader.head(passage.rest());
    switch (head.state) {
        case RequestReader::State::incomplete:
            kept_at_ = passage.at();
            kept_ = passage.keep();
            return false;
        case RequestReader::State::foreign:
            lose_track();
            return true;
        case RequestReader::State::request:
            meet(head.bytes, passage);
            return true;
    }
    return false;
}

bool RequestStage::detect(Passage& passage) {
    if (talk_->plan->protocol != RequestProtocol::automatic) {
        talk_->speak(talk_->plan->protocol);
        return true;
    }
    switch (detect_protocol(passage.rest())) {
        case Detected::http:
            talk_->speak(RequestProtocol::http);
            return true;
        case Detected::redis:
            talk_->speak(RequestProtocol::redis);
            return true;
        case Detected::neither:
            lose_track();
            return true;
        case Detected::undecided:
            kept_at_ = passage.at();
            kept_ = passage.keep();
            return false;
    }
    return false;
}

void RequestStage::follow_body(Passage& passage) {
    RequestReader& reader = *talk_->readers.requests;
    const RequestReader::Body body = reader.body(passage.rest());
    if (!talk_->swallowing) {
        passage.pass(body.bytes);
        if (body.foreign) lose_track();
        return;
    }
    passage.swallow(body.bytes);
    if (body.foreign || !reader.in_body()) talk_->finish_swallowing(passage.at(), body.foreign);
}

void RequestStage::meet(std::size_t bytes, Passage& passage) {
    const Request& request = talk_->readers.requests->request();
    if (!request.answered) return passage.pass(bytes);
    ErrorPlan& plan = *talk_->plan;
    talk_->tally.requests.add();
    if (plan.match(request) && plan.occasions.next(talk_->random)) {
        strike(request, bytes, passage);
    } else {
        forward(request, bytes, passage);
    }
}

void RequestStage::forward(const Request& request, std::size_t bytes, Passage& passage) {
    if (request.leads_away) {
        lose_track();
    } else {
        talk_->owed.add({.by = By::server, .head_only = request.head_only});
    }
    passage.pass(bytes);
}

void RequestStage::strike(const Request& request, std::size_t bytes, Passage& passage) {
    const ErrorPlan& plan = *talk_->plan;
    Tally& tally = talk_->tally;
    switch (plan.action) {
        case ErrorAction::answer:
            talk_->swallowed = {.answered = true,
                                .head_only = request.head_only,
                                .closes = plan.closes || request.ends};
            return swallow(request, bytes, passage);
        case ErrorAction::drop:
            tally.dropped.add();
            tally.note_first(passage.at());
            talk_->swallowed = {};
            return swallow(request, bytes, passage);
        case ErrorAction::delay:
            tally.held_up.add();
            tally.delay_ns.add(static_cast<std::uint64_t>(plan.delay.count()));
            tally.note_first(passage.at());
            passage.hold_until(passage.at() + plan.delay);
            return forward(request, bytes, passage);
        case ErrorAction::close:
            talk_->owed.add({.by = By::end, .at = passage.at()});
            talk_->ending = true;
            return passage.swallow(bytes);
        case ErrorAction::reset:
            tally.resets.add();
            tally.note_first(passage.at());
            passage.swallow(passage.rest().size());
            talk_->ending = true;
            talk_->ended = true;
            return passage.below().reset();
    }
}

void RequestStage::swallow(const Request& request, std::size_t bytes, Passage& passage) {
    // Who waits for "100 Continue" and gets another answer may send the body or not: the next
    // request cannot be told from it, so that the connection ends (RFC 9110, section 10.1.1).
    const bool cut = talk_->swallowed.answered && request.asks_first;
    talk_->swallowing = true;
    passage.swallow(bytes);
    if (cut || !talk_->readers.requests->in_body()) talk_->finish_swallowing(passage.at(), cut);
}

void RequestStage::lose_track() {
    talk_->lose_track();
    talk_->owed.add({.by = By::nobody});
}

void RequestStage::pass_kept(Instant at, Outlet& below) {
    if (!kept_.empty()) line_.push({std::exchange(kept_, {}), at}, below);
}

void RequestStage::finish(Instant at, Outlet& below) {
    talk_->looking = false;
    talk_->swallowing = false;  // the rest of that request will not come
    talk_->joining = false;
    pass_kept(at, below);
    line_.finish(at, below);
}

Instant RequestStage::wake() const {
    if (kept_.empty()) return line_.wake();
    if (talk_->joining) return std::min({line_.wake(), quiet_at(), give_up_at()});
    return talk_->looking ? line_.wake() : Instant::min();
}

void RequestStage::advance(Instant now, Outlet& below) {
    line_.pass_due(now, below);
    if (kept_.empty()) return;
    if (talk_->joining) return join_or_give_up(now, below);
    if (!talk_->looking) pass_kept(now, below);
}

bool RequestStage::accepts() const {
    return !talk_->looking || talk_->owed.size() < owed_max;
}

void RequestStage::release(Instant now, Outlet& below) {
    talk_->looking = false;
    talk_->joining = false;
    pass_kept(now, below);
    line_.release(now, below);
}

bool RequestStage::retire(Instant now, Outlet& below) {
    release(now, below);
    return retired();
}

bool RequestStage::retired() const {
    return talk_->ended || (!talk_->swallowing && !talk_->ending);
}

}  // namespace faultline::link
