// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdio>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

// Scenarios written in C++17 code, as the JSON text that scenario files hold. It knows the shape of
// a scenario and none of the kinds: what is not there is said when the scenario is read, with all
// that is.

namespace faultline::testing {

/// JSON text of what a field may be.
class Value {
  public:
    Value(const char* text) : json_(quoted(text)) {}         // NOLINT(google-explicit-constructor)
    Value(const std::string& text) : json_(quoted(text)) {}  // NOLINT(google-explicit-constructor)
    Value(bool value) : json_(value ? "true" : "false") {}   // NOLINT(google-explicit-constructor)
    Value(int number) : json_(std::to_string(number)) {}     // NOLINT(google-explicit-constructor)
    Value(double number) {                                   // NOLINT(google-explicit-constructor)
        char text[32];
        std::snprintf(text, sizeof text, "%.15g", number);
        json_ = text;
    }
    template <class Rep, class Period>
    Value(std::chrono::duration<Rep, Period> span)  // NOLINT(google-explicit-constructor)
        : json_(quoted(
              std::to_string(std::chrono::duration_cast<std::chrono::nanoseconds>(span).count()) +
              "ns")) {}
    Value(const std::vector<std::string>& texts) {  // NOLINT(google-explicit-constructor)
        for (const std::string& text : texts)
            json_ += (json_.empty() ? "[" : ", ") + quoted(text);
        json_ = json_.empty() ? "[]" : json_ + "]";
    }
    /// JSON as it is.
    static Value raw(std::string json) {
        Value value(false);
        value.json_ = std::move(json);
        return value;
    }
    [[nodiscard]] const std::string& json() const { return json_; }

    static std::string quoted(const std::string& text) {
        std::string json = "\"";
        for (const char letter : text) {
            if (letter == '"' || letter == '\\') {
                json += '\\';
                json += letter;
            } else if (static_cast<unsigned char>(letter) < 0x20) {
                char escape[8];
                std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(letter));
                json += escape;
            } else {
                json += letter;
            }
        }
        return json + "\"";
    }

  private:
    std::string json_;
};

/// A JSON object in the order in which it was written; a field written again is replaced.
class Fields {
  public:
    Fields() = default;
    Fields(std::initializer_list<std::pair<const char*, Value>> fields) {
        for (const auto& [name, value] : fields)
            set(name, value);
    }
    Fields& set(const std::string& name, const Value& value) {
        for (auto& [known, json] : fields_) {
            if (known == name) {
                json = value.json();
                return *this;
            }
        }
        fields_.emplace_back(name, value.json());
        return *this;
    }
    /// The other's fields, over those of the same name.
    Fields& add_all(const Fields& other) {
        for (const auto& [name, json] : other.fields_)
            set(name, Value::raw(json));
        return *this;
    }
    [[nodiscard]] std::string json() const {
        std::string text = "{";
        for (const auto& [name, json] : fields_)
            text += (text.size() > 1 ? ", " : "") + Value::quoted(name) + ": " + json;
        return text + "}";
    }
    operator Value() const { return Value::raw(json()); }  // NOLINT(google-explicit-constructor)

  private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// A scenario, field by field in the words of scenarios/README.md:
///
///     const Scenario crash = Scenario("kv-crash")
///         .target("kv", {"./kv", "--port", "${port.client}"}, {{"ready", Fields{{"probe",
///         "tcp"}}}}) .load("redis", "kv", {{"rate", "500/s"}}) .detection({{"exit", "kv"}})
///         .steady_state(0.99, 200ms)
///         .recovery(0.99, 200ms, 5s)
///         .fault("process.crash", "kv").at(2s)
///         .expect("recovery_time.p95 <= 3s")
///         .trials(3);
class Scenario {
  public:
    explicit Scenario(const std::string& name) { top_.set("name", name); }

    /// A program with one port, "client", unless `more` says otherwise.
    Scenario& target(const std::string& name,
                     const std::vector<std::string>& command,
                     const Fields& more = {}) {
        Fields fields{{"command", command}, {"ports", std::vector<std::string>{"client"}}};
        targets_.set(name, merged(fields, more));
        return *this;
    }
    Scenario& role(const std::string& target, const std::string& role, const Fields& probe) {
        for (auto& [known, roles] : roles_) {
            if (known == target) {
                roles.set(role, probe);
                return *this;
            }
        }
        roles_.emplace_back(target, Fields().set(role, probe));
        return *this;
    }
    Scenario& load(const std::string& driver, const std::string& to, const Fields& more = {}) {
        top_.set("load", merged({{"driver", driver}, {"to", to}}, more));
        return *this;
    }
    template <class Span>
    Scenario& steady_state(double success_rate, Span lasting) {
        top_.set("steady_state", Fields{{"success_rate", success_rate}, {"for", lasting}});
        return *this;
    }
    template <class Span, class Patience>
    Scenario& recovery(double success_rate, Span lasting, Patience within) {
        top_.set("recovery",
                 Fields{{"success_rate", success_rate}, {"for", lasting}, {"within", within}});
        return *this;
    }
    /// One more signal that counts as a detection.
    Scenario& detection(const Fields& signal) {
        detection_.push_back(signal);
        return *this;
    }
    /// The fault that `at`, `lasting`, `jitter` and `with` speak about.
    Scenario& fault(const std::string& kind, const std::string& on) {
        faults_.push_back(Fields{{"fault", kind}, {"on", on}});
        return *this;
    }
    template <class Span>
    Scenario& at(Span since_steady_state) {
        return with("at", since_steady_state);
    }
    template <class Span>
    Scenario& lasting(Span span) {
        return with("for", span);
    }
    template <class Span>
    Scenario& jitter(Span span) {
        return with("jitter", span);
    }
    /// A parameter of the last fault. Without one yet it makes a fault that nobody knows.
    Scenario& with(const std::string& parameter, const Value& value) {
        if (faults_.empty()) faults_.emplace_back();
        faults_.back().set(parameter, value);
        return *this;
    }
    Scenario& expect(const std::string& expectation) {
        expectations_.push_back(expectation);
        return *this;
    }
    Scenario& trials(int count, int control = 0) {
        top_.set("trials", Fields{{"count", count}, {"control", control}});
        return *this;
    }
    /// Any other field of a scenario: "about", "success_window", "isolation"...
    Scenario& field(const std::string& name, const Value& value) {
        top_.set(name, value);
        return *this;
    }

    [[nodiscard]] std::string json() const {
        Fields all = top_;
        all.set("targets", targets_);
        if (!roles_.empty()) {
            Fields roles;
            for (const auto& [target, fields] : roles_)
                roles.set(target, fields);
            all.set("roles", roles);
        }
        if (!faults_.empty()) all.set("faults", list(faults_));
        if (!detection_.empty()) all.set("detection", list(detection_));
        if (!expectations_.empty()) all.set("expect", expectations_);
        return all.json();
    }

  private:
    /// `more` over `fields`.
    static Value merged(Fields fields, const Fields& more) {
        fields.add_all(more);
        return fields;
    }
    static Value list(const std::vector<Fields>& all) {
        std::string text = "[";
        for (const Fields& fields : all)
            text += (text.size() > 1 ? ", " : "") + fields.json();
        return Value::raw(text + "]");
    }

    Fields top_;
    Fields targets_;
    std::vector<std::pair<std::string, Fields>> roles_;
    std::vector<Fields> faults_;
    std::vector<Fields> detection_;
    std::vector<std::string> expectations_;
};

}  // namespace faultline::testing
