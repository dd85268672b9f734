//! Sessions.

use call::id::UserId;

use super::SqliteStorage;
use super::accounts::read_person;
use crate::clock::UnixMillis;
use crate::desk::token::SessionKey;
use crate::storage::{Session, Sessions, Stored};

impl Sessions for SqliteStorage {
    fn open_session<'a>(
        &'a self,
        key: &'a SessionKey,
        user: &'a UserId,
        replaced: Option<&'a SessionKey>,
        now: UnixMillis,
        expires_at: UnixMillis,
    ) -> Stored<'a, ()> {
        Box::pin(async move {
            let mut write = self.write().await?;
            if let Some(replaced) = replaced {
                sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
                    .bind(replaced.to_string())
                    .execute(&mut *write)
                    .await?;
            }
            sqlx::query(
                "INSERT INTO sessions (token_hash, person, created_at, expires_at) VALUES ($1, $2, $3, $4)",
            )
            .bind(key.to_string())
            .bind(user.as_str())
            .bind(now.as_millis())
            .bind(expires_at.as_millis())
            .execute(&mut *write)
            .await?;
            write.commit().await?;
            Ok(())
        })
    }

    fn session<'a>(&'a self, key: &'a SessionKey, now: UnixMillis) -> Stored<'a, Option<Session>> {
        Box::pin(async move {
            let row: Option<(String, String, i64)> = sqlx::query_as(
                "SELECT people.id, people.name, sessions.expires_at \
                 FROM sessions JOIN people ON people.id = sessions.person \
                 WHERE sessions.token_hash = $1 AND sessions.expires_at > $2",
            )
            .bind(key.to_string())
            .bind(now.as_millis())
            .fetch_optional(&self.readers)
            .await?;
            row.map(|(id, name, expires_at)| {
                let expires_at = UnixMillis::from_millis(expires_at);
                Ok(Session {
                    person: read_person(id, name)?,
                    expires_at,
                })
            })
            .transpose()
        })
    }

    fn close_session<'a>(&'a self, key: &'a SessionKey) -> Stored<'a, ()> {
        Box::pin(async move {
            let mut write = self.write().await?;
            sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
                .bind(key.to_string())
                .execute(&mut *write)
                .await?;
            write.commit().await?;
            Ok(())
        })
    }

    fn sweep_sessions(&self, now: UnixMillis) -> Stored<'_, u64> {
        Box::pin(async move {
            let mut write = self.write().await?;
            let deleted = sqlx::query("DELETE FROM sessions WHERE expires_at <= $1")
                .bind(now.as_millis())
                .execute(&mut *write)
                .await?;
            write.commit().await?;
            Ok(deleted.rows_affected())
        })
    }
}
