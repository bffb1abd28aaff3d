// SPDX-License-Identifier: Apache-2.0
#include "harness/result/store_session.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <fmt/format.h>

#include "harness/base/file.hpp"
#include "harness/result/store.hpp"

namespace faultline {
namespace {

namespace fs = std::filesystem;

constexpr int busy_timeout_s = 10;       // how long a statement waits for another writer
constexpr int statement_timeout_s = 60;  // after which a server's answer is not waited for
constexpr long long schema_lock = 0x6661756c746c6eLL;  // of this program among advisory locks

constexpr const char* elsewhere = "choose another with --store, or none";

bool is_url(const std::string& where) {
    return where.find("://") != std::string::npos;
}

bool is_postgresql(const std::string& where) {
    return where.starts_with("postgresql://") || where.starts_with("postgres://");
}

/// Adds what keeps a server that does not answer from holding up a run.
std::string with_limits(std::string url) {
    const std::pair<const char*, std::string> limits[] = {
        {"connect_timeout", std::to_string(busy_timeout_s)},
        {"tcp_user_timeout", std::to_string(1000 * statement_timeout_s)},
        {"client_encoding", "UTF8"},
        {"fallback_application_name", "faultline"}};
    for (const auto& [name, value] : limits) {
        if (url.find(fmt::format("{}=", name)) != std::string::npos) continue;
        url += fmt::format("{}{}={}", url.find('?') == std::string::npos ? '?' : '&', name, value);
    }
    return url;
}

/// What went wrong in words, whether another try may go better, and what helps.
struct Trouble {
    ErrorCode code = ErrorCode::failed;
    std::string message;
    std::string remedy = elsewhere;
    bool again = false;
};

// Source: sqlite.org/rescode.html; the upper bits say more.
Trouble trouble_of(const soci::sqlite3_soci_error& error) {
    Trouble trouble{.message = error.get_error_message()};
    switch (error.result() & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            trouble.code = ErrorCode::timeout;
            trouble.remedy = "another program is writing to it; try again";
            trouble.again = true;
            break;
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_CANTOPEN:
        case SQLITE_AUTH:
            trouble.code = ErrorCode::permission;
            break;
        case SQLITE_FULL:
            trouble.code = ErrorCode::no_space;
            trouble.remedy = "free space on its file system";
            break;
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            trouble.code = ErrorCode::invalid;
            trouble.remedy =
                "move the file away and make it anew with: faultline history import results";
            break;
        default:
            break;
    }
    return trouble;
}

// Source: PostgreSQL 15 manual, appendix A.
Trouble trouble_of(const soci::postgresql_soci_error& error) {
    Trouble trouble{.message = error.get_error_message()};
    const std::string state = error.sqlstate();
    const auto is_one_of = [&state](std::initializer_list<const char*> states) {
        return std::find(states.begin(), states.end(), state) != states.end();
    };
    // Serialization, deadlock, a key that another transaction has just inserted.
    trouble.again = is_one_of({"40001", "40P01", "23505"});
    if (is_one_of({"55P03", "57014"})) {
        trouble.code = ErrorCode::timeout;
        trouble.remedy = "another program holds it; try again";
    } else if (state == "42501" || state.starts_with("28")) {
        trouble.code = ErrorCode::permission;
        trouble.remedy = "the user in the URL needs the right to create and write tables";
    } else if (state.starts_with("53")) {
        trouble.code = ErrorCode::no_space;
    } else if (state == "3D000") {
        trouble.remedy = "create the database first: createdb NAME";
    }
    return trouble;
}

/// Calls `work` and turns what it throws into words.
template <class Call>
std::optional<Trouble> trouble_in(Call call) {
    try {
        call();
        return std::nullopt;
    } catch (const soci::sqlite3_soci_error& error) {
        return trouble_of(error);
    } catch (const soci::postgresql_soci_error& error) {
        return trouble_of(error);
    } catch (const std::exception& error) {
        return Trouble{.message = error.what()};
    }
}

std::string replaced(std::string text, const std::string& part, const std::string& by) {
    for (std::size_t at = text.find(part); at != std::string::npos;
         at = text.find(part, at + by.size()))
        text.replace(at, part.size(), by);
    return text;
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    while (!text.empty() && (text.back() == ' ' || text.back() == '.'))
        text.pop_back();
    return text;
}

}  // namespace

struct StoreSession::Connection {
    std::string where;
    std::string shown;
    bool sqlite = true;
    soci::session sql{};

    [[nodiscard]] tl::unexpected<Error> failure(const std::string& doing,
                                                const Trouble& trouble) const {
        // libpq repeats a URL that it cannot parse.
        const std::string message = replaced(trouble.message, where, shown);
        return fail(
            fmt::format(
                "the store {}: {}: {}; {}", shown, doing, one_line(message), trouble.remedy),
            trouble.code);
    }

    Result<> open_file(Missing missing) {
        const fs::path path = where;
        std::error_code error;
        if (!fs::exists(path, error)) {
            if (missing == Missing::refuse) {
                return fail(
                    fmt::format("there is no store {} yet: faultline run makes it, and faultline "
                                "history import DIR takes earlier runs into it",
                                shown),
                    ErrorCode::not_found);
            }
            if (path.has_parent_path()) {
                if (auto made = make_folder(path.parent_path()); !made)
                    return in_context("the store " + shown, made.error());
            }
        }
        if (where.find('"') != std::string::npos) {
            return fail(fmt::format("the store {}: a path cannot hold '\"'; {}", shown, elsewhere),
                        ErrorCode::invalid);
        }
        sql.open(soci::sqlite3, fmt::format("dbname=\"{}\" timeout={}", where, busy_timeout_s));
        // Readers and the writer do not wait for each other then. A file system without shared
        // memory keeps the rollback journal, which is right too.
        std::string mode;
        sql << "pragma journal_mode", soci::into(mode);
        if (mode != "wal") sql << "pragma journal_mode = wal", soci::into(mode);
        return {};
    }

    Result<> open_server() {
        sql.open(soci::postgresql, with_limits(where));
        sql << fmt::format("set lock_timeout = '{}s'", busy_timeout_s);
        sql << fmt::format("set statement_timeout = '{}s'", statement_timeout_s);
        return {};
    }

    void begin(Access access) {
        // A reader that becomes a writer is refused at once when another has written since, without
        // waiting: writers say so at the beginning.
        if (sqlite) {
            sql << (access == Access::write ? "begin immediate" : "begin");
        } else {
            sql << (access == Access::write
                        ? "begin"
                        : "begin transaction isolation level repeatable read read only");
        }
    }

    /// Errors in undoing are the fate of a broken connection, which the next statement reports.
    void roll_back() {
        static_cast<void>(trouble_in([this] { sql << "rollback"; }));
    }
};

StoreSession::StoreSession(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}
StoreSession::StoreSession(StoreSession&&) noexcept = default;
StoreSession& StoreSession::operator=(StoreSession&&) noexcept = default;
StoreSession::~StoreSession() = default;

Result<StoreSession> StoreSession::connect(const std::string& where, Missing missing) {
    auto connection = std::make_unique<Connection>();
    connection->where = where;
    connection->shown = shown_store(where);
    connection->sqlite = !is_url(where);
    if (is_url(where) && !is_postgresql(where)) {
        return fail(
            fmt::format("the store {}: a store is a path or postgresql://user@host/database",
                        connection->shown),
            ErrorCode::invalid);
    }
    for (int attempt = 1;; ++attempt) {
        Result<> opened;
        const auto trouble = trouble_in([&] {
            opened =
                connection->sqlite ? connection->open_file(missing) : connection->open_server();
        });
        if (!opened) return tl::unexpected(opened.error());
        if (!trouble) return StoreSession(std::move(connection));
        if (!trouble->again || attempt == attempts_max)
            return connection->failure("opening it", *trouble);
        static_cast<void>(trouble_in([&] { connection->sql.close(); }));
    }
}

Result<> StoreSession::transaction(const std::string& doing, Access access, const Work& work) {
    for (int attempt = 1;; ++attempt) {
        Result<> done;
        const auto trouble = trouble_in([&] {
            connection_->begin(access);
            done = work(connection_->sql);
            if (done) connection_->sql << "commit";
        });
        if (!trouble && done) return done;
        connection_->roll_back();
        if (!trouble) return done;
        if (!trouble->again || attempt == attempts_max)
            return connection_->failure(doing, *trouble);
    }
}

void StoreSession::lock_schema(soci::session& sql) const {
    if (connection_->sqlite) return;  // its writers are alone anyway
    sql << fmt::format("select pg_advisory_xact_lock({})", schema_lock);
}

bool StoreSession::has_table(soci::session& sql, const std::string& name) const {
    int count = 0;
    sql << (connection_->sqlite
                ? "select count(*) from sqlite_master where type = 'table' and name = :name"
                : "select count(*) from pg_catalog.pg_tables where tablename = :name"
                  " and schemaname = any (current_schemas(false))"),
        soci::use(name), soci::into(count);
    return count > 0;
}

const std::string& StoreSession::shown() const {
    return connection_->shown;
}

}  // namespace faultline
