//! Blocks.

use std::collections::BTreeSet;

use call::id::UserId;
use call::protocol::limits;
use sqlx::SqliteConnection;

use super::SqliteStorage;
use crate::clock::UnixMillis;
use crate::storage::{BlockError, Blocks, StorageError, Stored};

impl Blocks for SqliteStorage {
    fn block<'a>(&'a self, by: &'a UserId, whom: &'a UserId, now: UnixMillis) -> Stored<'a, (), BlockError> {
        Box::pin(async move {
            if by == whom {
                return Err(BlockError::Oneself);
            }
            let mut write = self.write().await?;
            let known: Option<(i64,)> = sqlx::query_as("SELECT 1 FROM people WHERE id = $1")
                .bind(whom.as_str())
                .fetch_optional(&mut *write)
                .await?;
            if known.is_none() {
                return Err(BlockError::UnknownPerson { user: whom.clone() });
            }
            sqlx::query(
                "INSERT INTO blocks (person, blocked, blocked_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
            )
            .bind(by.as_str())
            .bind(whom.as_str())
            .bind(now.as_millis())
            .execute(&mut *write)
            .await?;
            let (blocks,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM blocks WHERE person = $1")
                .bind(by.as_str())
                .fetch_one(&mut *write)
                .await?;
            if usize::try_from(blocks).is_ok_and(|blocks| blocks > limits::BLOCKS) {
                return Err(BlockError::TooMany);
            }
            write.commit().await?;
            Ok(())
        })
    }

    fn unblock<'a>(&'a self, by: &'a UserId, whom: &'a UserId) -> Stored<'a, ()> {
        Box::pin(async move {
            let mut write = self.write().await?;
            sqlx::query("DELETE FROM blocks WHERE person = $1 AND blocked = $2")
                .bind(by.as_str())
                .bind(whom.as_str())
                .execute(&mut *write)
                .await?;
            write.commit().await?;
            Ok(())
        })
    }

    fn blocked_by<'a>(&'a self, me: &'a UserId) -> Stored<'a, BTreeSet<UserId>> {
        Box::pin(async move {
            let rows: Vec<(String,)> = sqlx::query_as("SELECT blocked FROM blocks WHERE person = $1")
                .bind(me.as_str())
                .fetch_all(&self.readers)
                .await?;
            rows.into_iter()
                .map(|(id,)| {
                    id.parse()
                        .map_err(|_| StorageError::Unreadable { what: "user id" })
                })
                .collect()
        })
    }

    fn blockers_of<'a>(&'a self, whom: &'a UserId, among: &'a [UserId]) -> Stored<'a, Vec<UserId>> {
        Box::pin(async move {
            let mut read = self.readers.acquire().await?;
            let mut blockers = Vec::new();
            for user in among {
                if has_blocked(&mut read, user, whom).await? {
                    blockers.push(user.clone());
                }
            }
            Ok(blockers)
        })
    }
}

/// Whether somebody has blocked somebody else.
pub(super) async fn has_blocked(
    read: &mut SqliteConnection,
    by: &UserId,
    whom: &UserId,
) -> Result<bool, sqlx::Error> {
    let found: Option<(i64,)> = sqlx::query_as("SELECT 1 FROM blocks WHERE person = $1 AND blocked = $2")
        .bind(by.as_str())
        .bind(whom.as_str())
        .fetch_optional(read)
        .await?;
    Ok(found.is_some())
}
