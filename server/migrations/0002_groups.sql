-- Groups of people who call one another together.

CREATE TABLE stored_groups (
    -- 16 hexadecimal digits, chosen at random.
    id          TEXT   NOT NULL PRIMARY KEY,
    name        TEXT   NOT NULL,
    folded_name TEXT   NOT NULL,
    created_at  BIGINT NOT NULL
);

-- Who is in which. A group that nobody is in is deleted.
CREATE TABLE group_members (
    group_id  TEXT   NOT NULL REFERENCES stored_groups (id) ON DELETE CASCADE,
    person    TEXT   NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (group_id, person)
);

CREATE INDEX group_members_by_person ON group_members (person);
