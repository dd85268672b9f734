//! People.

use app::page::People;
use call::id::{DisplayName, Person, UserId};
use sqlx::{Sqlite, Transaction};

use super::SqliteStorage;
use crate::clock::UnixMillis;
use crate::storage::{Account, Accounts, AdmitError, Admitted, CreateAccountError, StorageError, Stored};

impl Accounts for SqliteStorage {
    fn create_account<'a>(
        &'a self,
        account: &'a Account,
        now: UnixMillis,
    ) -> Stored<'a, (), CreateAccountError> {
        Box::pin(async move {
            let mut write = self.write().await?;
            if !insert(&mut write, account, now).await? {
                return Err(CreateAccountError::Taken);
            }
            write.commit().await?;
            Ok(())
        })
    }

    fn admit<'a>(&'a self, id: &'a UserId, now: UnixMillis) -> Stored<'a, Admitted, AdmitError> {
        Box::pin(async move {
            // Nearly everybody has been here before, and needs nothing to be written.
            if let Some(known) = self.account(id.as_str()).await? {
                return known_as(id, known.person);
            }
            let account = Account {
                person: Person {
                    id: id.clone(),
                    name: DisplayName::of(id),
                },
                password_hash: None,
            };
            let mut write = self.write().await?;
            let is_new = insert(&mut write, &account, now).await?;
            write.commit().await?;
            if is_new {
                return Ok(Admitted::New(account.person));
            }
            // Somebody else was faster. Accounts do not go away.
            let known = self.account(id.as_str()).await?;
            known_as(id, known.map_or(account.person, |known| known.person))
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
                    password_hash: Some(password_hash).filter(|hash| hash != NOBODYS_PASSWORD),
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

/// What stands in the place of a hash where there is no password.
const NOBODYS_PASSWORD: &str = "";

/// Store an account, unless the id is taken in whatever case. Whether it was stored.
async fn insert(
    write: &mut Transaction<'static, Sqlite>,
    account: &Account,
    now: UnixMillis,
) -> Result<bool, sqlx::Error> {
    let inserted = sqlx::query(
        "INSERT INTO people (id, folded_id, name, folded_name, password_hash, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(account.person.id.as_str())
    .bind(folded(account.person.id.as_str()))
    .bind(account.person.name.as_str())
    .bind(folded(account.person.name.as_str()))
    .bind(account.password_hash.as_deref().unwrap_or(NOBODYS_PASSWORD))
    .bind(now.as_millis())
    .execute(&mut **write)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Whoever has this id, if they write it so.
fn known_as(id: &UserId, person: Person) -> Result<Admitted, AdmitError> {
    if person.id == *id {
        Ok(Admitted::Known(person))
    } else {
        Err(AdmitError::TakenInOtherCase)
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
