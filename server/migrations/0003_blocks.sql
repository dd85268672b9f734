-- Who does not want to be reached by whom.

CREATE TABLE blocks (
    person     TEXT   NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    blocked    TEXT   NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    blocked_at BIGINT NOT NULL,
    PRIMARY KEY (person, blocked)
);

-- A call by somebody whom the callee had blocked. The callee has not heard of it, and does not see it later.
ALTER TABLE calls ADD COLUMN kept_from_callee BOOLEAN NOT NULL DEFAULT FALSE;

-- Of the callee's calls only those that are seen are found: however many are kept from somebody, their page is as quick.
DROP INDEX calls_by_callee;
CREATE INDEX calls_by_callee ON calls (callee, placed_at) WHERE NOT kept_from_callee;
