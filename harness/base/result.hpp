// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace faultline {

/// What a caller can act on; everything else is `failed` and explained by the message.
enum class ErrorCode {
    failed,
    invalid,
    not_found,
    exists,
    permission,
    no_space,
    timeout,
    unsupported
};

/// An operating error: a code some caller acts on and a sentence that names the object, the
/// operation, the numbers and the remedy.
struct Error {
    ErrorCode code = ErrorCode::failed;
    std::string message;
};

/// A value or an `Error`. Never drop one.
template <class T = void>
class [[nodiscard]] Result : public tl::expected<T, Error> {
  public:
    using tl::expected<T, Error>::expected;
};

/// `return fail("cannot open ...")`, or with a code a caller acts on.
[[nodiscard]] inline tl::unexpected<Error> fail(std::string message,
                                                ErrorCode code = ErrorCode::failed) {
    return tl::unexpected<Error>(Error{code, std::move(message)});
}

/// The same error with what was being done put in front: "starting kv[0]: no such file".
[[nodiscard]] inline tl::unexpected<Error> in_context(const std::string& doing, Error error) {
    error.message = doing + ": " + error.message;
    return tl::unexpected<Error>(std::move(error));
}

/// "doing: No such file or directory", with the code that belongs to `errno_value`.
[[nodiscard]] Error system_error(const std::string& doing, int errno_value);
[[nodiscard]] inline tl::unexpected<Error> fail_errno(const std::string& doing, int errno_value) {
    return tl::unexpected<Error>(system_error(doing, errno_value));
}

}  // namespace faultline

#define FL_CONCAT_(a, b) a##b
#define FL_CONCAT(a, b) FL_CONCAT_(a, b)
#define FL_TRY_(name, declaration, expression)                   \
    auto name = (expression);                                    \
    if (!name) return ::tl::unexpected(std::move(name).error()); \
    declaration = std::move(*name)

/// `FL_TRY(auto text, read_file(path));` declares `text`, or returns the error.
#define FL_TRY(declaration, expression) \
    FL_TRY_(FL_CONCAT(fl_try_, __LINE__), declaration, expression)

/// `FL_TRY_VOID(remove_tree(path));` returns the error, if any.
#define FL_TRY_VOID(expression)                                        \
    do {                                                               \
        if (auto fl_try_result = (expression); !fl_try_result)         \
            return ::tl::unexpected(std::move(fl_try_result).error()); \
    } while (false)
