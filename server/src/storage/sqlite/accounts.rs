//! People.

use app::page::People;
use call::id::{DisplayName, Person, UserId};

use super::SqliteStorage;
use crate::clock::UnixMillis;
use crate::storage::{Account, Accounts, CreateAccountError, StorageError, Stored};

impl Accounts for SqliteStorage {
    fn create_account<'a>(
        &'a self,
        account: &'a Account,
        now: UnixMillis,
    ) -> Stored<'a, (), CreateAccountError> {
        Box::pin(async move {
            let mut write = self.write().await?;
            let inserted = sqlx::query(
                "INSERT INTO people (id, folded_id, name, folded_name, password_hash, created_at) \
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            )
            .bind(account.person.id.as_str())
            .bind(folded(account.person.id.as_str()))
            .bind(account.person.name.as_str())
            .bind(folded(account.person.name.as_str()))
            .bind(&account.password_hash)
            .bind(now.as_millis())
            .execute(&mut *write)
            .await?;
            if inserted.rows_affected() == 0 {
                return Err(CreateAccountError::Taken);
            }
            write.commit().await?;
            Ok(())
        })
    }

    fn account<'a>(&'a self, typed_id: &'a str) -> Stored<'a, Option<Account>> {
        Box::pin(async move {
            let row: Option<(String, String, String)> =
                sqlx::query_as("SELECT id, name, password_hash FROM people WHERE folded_id = $1")
                    .bind(folded(typed_id))
                    .fetch_optional(&self.readers)
                    .await?;
            row.map(|(id, name, password_hash)| {
                Ok(Account {
                    person: read_person(id, name)?,
                    password_hash,
                })
            })
            .transpose()
        })
    }

    fn person<'a>(&'a self, id: &'a UserId) -> Stored<'a, Option<Person>> {
        Box::pin(async move {
            let row: Option<(String, String)> = sqlx::query_as("SELECT id, name FROM people WHERE id = $1")
                .bind(id.as_str())
                .fetch_optional(&self.readers)
                .await?;
            row.map(|(id, name)| read_person(id, name)).transpose()
        })
    }

    fn find_people<'a>(&'a self, me: &'a UserId, query: &'a str) -> Stored<'a, People> {
        Box::pin(async move {
            // Longer than any id and any name: nobody has it, and SQLite takes no pattern without end.
            if query.chars().count() > DisplayName::MAX_CHARS {
                return Ok(People::default());
            }
            // One more than is shown tells whether there are more.
            let one_more = i64::try_from(People::LIMIT).unwrap_or(i64::MAX).saturating_add(1);
            let rows: Vec<(String, String)> = sqlx::query_as(
                "SELECT id, name FROM people \
                 WHERE id <> $1 AND (folded_id LIKE $2 ESCAPE '\\' OR folded_name LIKE $2 ESCAPE '\\') \
                 ORDER BY folded_name, id LIMIT $3",
            )
            .bind(me.as_str())
            .bind(containing(query))
            .bind(one_more)
            .fetch_all(&self.readers)
            .await?;
            let more = rows.len() > People::LIMIT;
            let found = rows
                .into_iter()
                .take(People::LIMIT)
                .map(|(id, name)| read_person(id, name))
                .collect::<Result<_, _>>()?;
            Ok(People { found, more })
        })
    }
}

/// A person out of a row.
pub(super) fn read_person(id: String, name: String) -> Result<Person, StorageError> {
    let id = id
        .parse()
        .map_err(|_| StorageError::Unreadable { what: "user id" })?;
    // A name that an earlier version let pass locks nobody out.
    let name = name.parse().unwrap_or_else(|_| DisplayName::of(&id));
    Ok(Person { id, name })
}

/// How a text is compared: without regard to the case of its letters.
pub(super) fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// A `LIKE` pattern for texts that contain the query, in which `%`, `_` and `\` stand for themselves.
fn containing(query: &str) -> String {
    let mut pattern = String::from("%");
    for c in folded(query.trim()).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}
