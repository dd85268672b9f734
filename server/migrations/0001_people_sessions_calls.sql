-- People, their sessions and the call history. Portable: SQLite and PostgreSQL both take it.
-- Times are milliseconds since 1970, by the server's clock.

CREATE TABLE people (
    id            TEXT   NOT NULL PRIMARY KEY,
    -- The id in lower case: "Alice" and "alice" are one person, so nobody can pose as her by the case of a letter.
    folded_id     TEXT   NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    -- The name in lower case, for searching: SQLite's own lower() knows ASCII only.
    folded_name   TEXT   NOT NULL,
    -- A PHC string (argon2id).
    password_hash TEXT   NOT NULL,
    created_at    BIGINT NOT NULL
);

CREATE INDEX people_by_name ON people (folded_name, id);

CREATE TABLE sessions (
    -- The SHA-256 of the token, in hexadecimal digits. The token itself is known to the browser alone.
    token_hash TEXT   NOT NULL PRIMARY KEY,
    person     TEXT   NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sessions_by_person ON sessions (person);
CREATE INDEX sessions_by_end ON sessions (expires_at);

-- One line an invitation.
CREATE TABLE calls (
    call_id      TEXT   NOT NULL,
    caller       TEXT   NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    callee       TEXT   NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    call_type    TEXT   NOT NULL CHECK (call_type IN ('audio', 'video')),
    outcome      TEXT   NOT NULL CHECK (outcome IN ('accepted', 'rejected', 'cancelled', 'timed-out', 'busy')),
    connected_ms BIGINT NOT NULL,
    placed_at    BIGINT NOT NULL
);

CREATE INDEX calls_by_caller ON calls (caller, placed_at);
CREATE INDEX calls_by_callee ON calls (callee, placed_at);
