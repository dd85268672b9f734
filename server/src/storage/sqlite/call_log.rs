//! Calls that go on, and calls of the past.

use app::page::{PastCall, PastOutcome};
use call::id::UserId;
use call::media::CallType;
use call::protocol::InviteOutcome;
use call::switchboard::StoredCall;
use call::time::millis;
use sqlx::SqliteConnection;

use super::SqliteStorage;
use super::accounts::read_person;
use crate::storage::{CallChange, CallLog, LoggedCall, StorageError, Stored};

/// The other side's id and name, whether the reader called, and the call's type, outcome, length and date.
type Row = (String, String, bool, String, String, i64, i64);

impl CallLog for SqliteStorage {
    fn store_calls<'a>(&'a self, changes: &'a [CallChange]) -> Stored<'a, ()> {
        Box::pin(async move {
            let mut write = self.write().await?;
            for change in changes {
                match change {
                    CallChange::Running(call) => store_running(&mut write, call).await?,
                    CallChange::Over(call) => {
                        sqlx::query("DELETE FROM running_calls WHERE call_id = $1")
                            .bind(call.to_string())
                            .execute(&mut *write)
                            .await?;
                    }
                    CallChange::Logged(call) => store_logged(&mut write, call).await?,
                }
            }
            write.commit().await?;
            Ok(())
        })
    }

    fn running_calls(&self) -> Stored<'_, Vec<StoredCall>> {
        Box::pin(async move {
            let rows: Vec<(String, String)> = sqlx::query_as("SELECT call_id, state FROM running_calls")
                .fetch_all(&self.readers)
                .await?;
            let mut calls = Vec::with_capacity(rows.len());
            for (id, state) in rows {
                match serde_json::from_str(&state) {
                    Ok(call) => calls.push(call),
                    Err(error) => {
                        tracing::warn!(call = id, %error, "a call of another version of yodel cannot go on");
                        sqlx::query("DELETE FROM running_calls WHERE call_id = $1")
                            .bind(id)
                            .execute(&self.writer)
                            .await?;
                    }
                }
            }
            Ok(calls)
        })
    }

    fn recent_calls<'a>(&'a self, me: &'a UserId, limit: u32) -> Stored<'a, Vec<PastCall>> {
        Box::pin(async move {
            // Each half is read from its own index; a condition with OR would read the whole table.
            let rows: Vec<Row> = sqlx::query_as(
                "SELECT people.id, people.name, called, call_type, outcome, connected_ms, placed_at FROM ( \
                     SELECT * FROM (SELECT callee AS other, TRUE AS called, call_type, outcome, connected_ms, \
                         placed_at FROM calls WHERE caller = $1 ORDER BY placed_at DESC LIMIT $2) AS outgoing \
                     UNION ALL \
                     SELECT * FROM (SELECT caller AS other, FALSE AS called, call_type, outcome, connected_ms, \
                         placed_at FROM calls WHERE callee = $1 AND NOT kept_from_callee ORDER BY placed_at DESC LIMIT $2) AS incoming \
                 ) AS mine JOIN people ON people.id = mine.other ORDER BY placed_at DESC LIMIT $2",
            )
            .bind(me.as_str())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
            rows.into_iter().map(read_past_call).collect()
        })
    }
}

async fn store_running(write: &mut SqliteConnection, call: &StoredCall) -> Result<(), StorageError> {
    let state = serde_json::to_string(call).map_err(|_| StorageError::Unreadable { what: "call" })?;
    sqlx::query(
        "INSERT INTO running_calls (call_id, state) VALUES ($1, $2) \
         ON CONFLICT (call_id) DO UPDATE SET state = excluded.state",
    )
    .bind(call.id().to_string())
    .bind(state)
    .execute(write)
    .await?;
    Ok(())
}

/// A call to nobody is in nobody's history.
async fn store_logged(write: &mut SqliteConnection, call: &LoggedCall) -> Result<(), StorageError> {
    sqlx::query(
        "INSERT INTO calls (call_id, caller, callee, call_type, outcome, connected_ms, placed_at, kept_from_callee) \
         SELECT $1, $2, id, $4, $5, $6, $7, $8 FROM people WHERE id = $3",
    )
    .bind(call.call.to_string())
    .bind(call.caller.as_str())
    .bind(call.callee.as_str())
    .bind(write_call_type(call.call_type))
    .bind(write_outcome(call.outcome))
    .bind(i64::try_from(millis(call.connected)).unwrap_or(i64::MAX))
    .bind(call.placed_at.as_millis())
    .bind(call.kept_from_callee)
    .execute(write)
    .await?;
    Ok(())
}

fn read_past_call(row: Row) -> Result<PastCall, StorageError> {
    let (id, name, called, call_type, outcome, connected_ms, placed_at) = row;
    Ok(PastCall {
        with: read_person(id, name)?,
        call_type: read_call_type(&call_type)?,
        outcome: as_seen(called, read_outcome(&outcome)?),
        connected_ms: u64::try_from(connected_ms).unwrap_or(0),
        placed_at_ms: u64::try_from(placed_at).unwrap_or(0),
    })
}

/// What the outcome of an invitation means to the one who `called`, or to the other one.
fn as_seen(called: bool, outcome: InviteOutcome) -> PastOutcome {
    match (called, outcome) {
        (true, InviteOutcome::Accepted) => PastOutcome::Outgoing,
        (
            true,
            InviteOutcome::Rejected
            | InviteOutcome::Cancelled
            | InviteOutcome::TimedOut
            | InviteOutcome::Busy
            | InviteOutcome::Unknown,
        ) => PastOutcome::Unanswered,
        (false, InviteOutcome::Accepted) => PastOutcome::Incoming,
        (false, InviteOutcome::Rejected) => PastOutcome::Declined,
        (
            false,
            InviteOutcome::Cancelled | InviteOutcome::TimedOut | InviteOutcome::Busy | InviteOutcome::Unknown,
        ) => PastOutcome::Missed,
    }
}

fn write_call_type(call_type: CallType) -> &'static str {
    match call_type {
        CallType::Audio => "audio",
        CallType::Video => "video",
    }
}

fn read_call_type(text: &str) -> Result<CallType, StorageError> {
    match text {
        "audio" => Ok(CallType::Audio),
        "video" => Ok(CallType::Video),
        _ => Err(StorageError::Unreadable { what: "call type" }),
    }
}

fn write_outcome(outcome: InviteOutcome) -> &'static str {
    match outcome {
        InviteOutcome::Accepted => "accepted",
        InviteOutcome::Rejected => "rejected",
        InviteOutcome::Cancelled => "cancelled",
        InviteOutcome::TimedOut => "timed-out",
        InviteOutcome::Busy => "busy",
        InviteOutcome::Unknown => "unknown",
    }
}

fn read_outcome(text: &str) -> Result<InviteOutcome, StorageError> {
    match text {
        "accepted" => Ok(InviteOutcome::Accepted),
        "rejected" => Ok(InviteOutcome::Rejected),
        "cancelled" => Ok(InviteOutcome::Cancelled),
        "timed-out" => Ok(InviteOutcome::TimedOut),
        "busy" => Ok(InviteOutcome::Busy),
        "unknown" => Ok(InviteOutcome::Unknown),
        _ => Err(StorageError::Unreadable { what: "call outcome" }),
    }
}
