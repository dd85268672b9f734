-- Calls that go on, so that they do so after the server was started anew.

CREATE TABLE running_calls (
    call_id TEXT NOT NULL PRIMARY KEY,
    -- The call as the switchboard of this version knows it, in JSON.
    state   TEXT NOT NULL
);
