// SPDX-License-Identifier: Apache-2.0
#include "harness/inject/link/protocol/answer_stage.hpp"

#include <algorithm>
#include <utility>

namespace faultline::link {
namespace {

using Turn = OwedAnswers::By;

}  // namespace

void AnswerStage::push(Chunk chunk, Outlet& below) {
    if (talk_->ended) return;
    // In neither protocol the server speaks first.
    if (!talk_->asked && !talk_->joining && !passing_ && talk_->looking)
        talk_->joining = talk_->greeted = true;
    if (talk_->joining) {
        talk_->last = Conversation::Last::down;
        talk_->last_at = chunk.at;
        return pass(std::move(chunk), below);
    }
    if (talk_->readers.answers == nullptr && !passing_) lose_track();  // before any whole request
    const std::string_view bytes = chunk.bytes;
    std::size_t passed = 0;
    while (true) {
        const std::size_t run = follow(bytes.substr(passed));
        if (run == bytes.size()) {
            const Instant at = chunk.at;
            pass(std::move(chunk), below);
            return give(at, below);
        }
        if (run > 0) pass({std::string(bytes.substr(passed, run)), chunk.at}, below);
        passed += run;
        give(chunk.at, below);
        if (talk_->ended || passed == bytes.size()) return;
    }
}

std::size_t AnswerStage::follow(std::string_view bytes) {
    std::size_t run = 0;
    while (run < bytes.size()) {
        if (our_turn()) return run;
        if (passing_) return bytes.size();
        OwedAnswers& owed = talk_->owed;
        if (!within_) bound_ = !owed.empty();
        const bool head_only = bound_ && owed.front().head_only;
        const AnswerReader::Step step = talk_->readers.answers->next(bytes.substr(run), head_only);
        run += step.bytes;
        within_ = step.state == AnswerReader::State::within;
        switch (step.state) {
            case AnswerReader::State::within:
                break;
            case AnswerReader::State::complete:
                if (bound_) owed.pop();
                break;
            case AnswerReader::State::switched:
            case AnswerReader::State::foreign:
                lose_track();
                break;
        }
    }
    return run;
}

bool AnswerStage::our_turn() const {
    return !within_ && !passing_ && !finished_ && !talk_->ended && !talk_->owed.empty() &&
           talk_->owed.front().by != Turn::server;
}

bool AnswerStage::stuck() const {
    return !talk_->ended && (passing_ || finished_) && talk_->owed.ours() > 0;
}

void AnswerStage::give(Instant at, Outlet& below) {
    while (our_turn()) {
        const OwedAnswers::Owed owed = talk_->owed.front();
        talk_->owed.pop();
        switch (owed.by) {
            case Turn::us: {
                const Answers& answers = talk_->plan->answers;
                const bool http = talk_->protocol == RequestProtocol::http;
                at = std::max({at, owed.at, latest_});
                talk_->tally.answered.add();
                talk_->tally.note_first(at);
                if (http) talk_->tally.note_status(answers.status());
                const Answers::How how{.head_only = owed.head_only, .closes = owed.closes};
                pass({answers.text(talk_->protocol, how), at}, below);
                if (owed.closes) end(below);
                break;
            }
            case Turn::end:
                talk_->tally.closes.add();
                talk_->tally.note_first(at);
                end(below);
                break;
            case Turn::nobody:
                passing_ = true;
                break;
            case Turn::server:
                break;
        }
    }
    // What was swallowed cannot be answered any more: its connection must not look healthy.
    if (stuck()) end(below);
}

void AnswerStage::end(Outlet& below) {
    talk_->looking = false;
    talk_->ending = true;
    talk_->ended = true;
    below.close();
}

void AnswerStage::pass(Chunk chunk, Outlet& below) {
    latest_ = std::max(latest_, chunk.at);
    below.push(std::move(chunk));
}

void AnswerStage::lose_track() {
    talk_->lose_track();
    passing_ = true;
}

void AnswerStage::finish(Instant at, Outlet& below) {
    if (talk_->ended) return;
    give(at, below);
    if (talk_->ended) return;
    talk_->looking = false;  // nobody is left who could answer
    talk_->joining = false;
    finished_ = true;
    below.finish(at);
    give(at, below);
}

Instant AnswerStage::wake() const {
    return our_turn() || stuck() ? Instant::min() : Instant::max();
}

void AnswerStage::advance(Instant now, Outlet& below) {
    give(talk_->owed.empty() ? now : std::min(now, talk_->owed.front().at), below);
}

// Called instead of `retire` where the connection cannot wait for us: what was begun ends with it.
void AnswerStage::release(Instant now, Outlet& below) {
    talk_->looking = false;
    talk_->joining = false;
    if (talk_->swallowing) talk_->finish_swallowing(now, true);
    give(now, below);
    if (talk_->committed()) end(below);
}

bool AnswerStage::retire(Instant now, Outlet& below) {
    talk_->looking = false;
    talk_->joining = false;
    give(now, below);
    return retired();
}

}  // namespace faultline::link
