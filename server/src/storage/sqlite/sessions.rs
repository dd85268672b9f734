//! Sessions.

use sqlx::{Sqlite, Transaction};

use super::SqliteStorage;
use super::accounts::read_person;
use crate::clock::UnixMillis;
use crate::desk::token::SessionKey;
use crate::storage::{NewSession, NewSessionError, Session, Sessions, StorageError, Stored};

impl Sessions for SqliteStorage {
    fn open_session<'a>(
        &'a self,
        new: &'a NewSession,
        replaced: Option<&'a SessionKey>,
    ) -> Stored<'a, bool, NewSessionError> {
        Box::pin(async move {
            let mut write = self.write().await?;
            if !has_password(&mut write, new).await? {
                return Err(NewSessionError::PasswordChanged);
            }
            let mut closed = 0;
            if let Some(replaced) = replaced {
                closed = sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
                    .bind(replaced.to_string())
                    .execute(&mut *write)
                    .await?
                    .rows_affected();
            }
            insert(&mut write, new).await?;
            write.commit().await?;
            Ok(closed > 0)
        })
    }

    fn renew_sessions<'a>(
        &'a self,
        new: &'a NewSession,
        password_hash: Option<&'a str>,
    ) -> Stored<'a, Vec<SessionKey>, NewSessionError> {
        Box::pin(async move {
            let mut write = self.write().await?;
            if !has_password(&mut write, new).await? {
                return Err(NewSessionError::PasswordChanged);
            }
            if let Some(password_hash) = password_hash {
                sqlx::query("UPDATE people SET password_hash = $1 WHERE id = $2")
                    .bind(password_hash)
                    .bind(new.user.as_str())
                    .execute(&mut *write)
                    .await?;
            }
            let over: Vec<String> =
                sqlx::query_scalar("DELETE FROM sessions WHERE person = $1 RETURNING token_hash")
                    .bind(new.user.as_str())
                    .fetch_all(&mut *write)
                    .await?;
            insert(&mut write, new).await?;
            write.commit().await?;
            let read = |key: String| {
                key.parse()
                    .map_err(|_| StorageError::Unreadable { what: "session" })
            };
            Ok(over.into_iter().map(read).collect::<Result<_, _>>()?)
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

    fn close_session<'a>(&'a self, key: &'a SessionKey) -> Stored<'a, bool> {
        Box::pin(async move {
            // Anybody can ask for this with a token that they have made up, as often as they like. There are many readers, and
            // one writer.
            let open: Option<i64> = sqlx::query_scalar("SELECT 1 FROM sessions WHERE token_hash = $1")
                .bind(key.to_string())
                .fetch_optional(&self.readers)
                .await?;
            if open.is_none() {
                return Ok(false);
            }
            let mut write = self.write().await?;
            let deleted = sqlx::query("DELETE FROM sessions WHERE token_hash = $1")
                .bind(key.to_string())
                .execute(&mut *write)
                .await?;
            write.commit().await?;
            Ok(deleted.rows_affected() > 0)
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

/// Whether the person still has the password that was checked. While this transaction lasts, nobody changes it.
async fn has_password(
    write: &mut Transaction<'static, Sqlite>,
    new: &NewSession,
) -> Result<bool, sqlx::Error> {
    let has: Option<i64> = sqlx::query_scalar("SELECT 1 FROM people WHERE id = $1 AND password_hash = $2")
        .bind(new.user.as_str())
        .bind(&new.verified)
        .fetch_optional(&mut **write)
        .await?;
    Ok(has.is_some())
}

async fn insert(write: &mut Transaction<'static, Sqlite>, new: &NewSession) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO sessions (token_hash, person, created_at, expires_at) VALUES ($1, $2, $3, $4)")
        .bind(new.key.to_string())
        .bind(new.user.as_str())
        .bind(new.now.as_millis())
        .bind(new.expires_at.as_millis())
        .execute(&mut **write)
        .await?;
    Ok(())
}
