//! Groups.

use call::id::{DisplayName, Group, GroupId, Person, Roster, UserId};
use call::protocol::limits;
use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::SqliteStorage;
use super::accounts::{folded, read_person};
use super::blocks::has_blocked;
use crate::clock::UnixMillis;
use crate::storage::{ChangeGroupError, Groups, StorageError, Stored};

impl Groups for SqliteStorage {
    fn create_group<'a>(
        &'a self,
        by: &'a UserId,
        group: &'a Group,
        others: &'a [UserId],
        now: UnixMillis,
    ) -> Stored<'a, Roster, ChangeGroupError> {
        Box::pin(async move {
            let mut write = self.write().await?;
            sqlx::query(
                "INSERT INTO stored_groups (id, name, folded_name, created_at) VALUES ($1, $2, $3, $4)",
            )
            .bind(group.id.to_string())
            .bind(group.name.as_str())
            .bind(folded(group.name.as_str()))
            .bind(now.as_millis())
            .execute(&mut *write)
            .await?;
            put_in(&mut write, group.id, by, core::slice::from_ref(by), now).await?;
            put_in(&mut write, group.id, by, others, now).await?;
            checked(write, group.id).await
        })
    }

    fn rename_group<'a>(
        &'a self,
        by: &'a UserId,
        group: GroupId,
        name: &'a DisplayName,
    ) -> Stored<'a, Roster, ChangeGroupError> {
        Box::pin(async move {
            let mut write = self.write().await?;
            require_member(&mut write, group, by).await?;
            sqlx::query("UPDATE stored_groups SET name = $1, folded_name = $2 WHERE id = $3")
                .bind(name.as_str())
                .bind(folded(name.as_str()))
                .bind(group.to_string())
                .execute(&mut *write)
                .await?;
            checked(write, group).await
        })
    }

    fn add_members<'a>(
        &'a self,
        by: &'a UserId,
        group: GroupId,
        people: &'a [UserId],
        now: UnixMillis,
    ) -> Stored<'a, Roster, ChangeGroupError> {
        Box::pin(async move {
            let mut write = self.write().await?;
            require_member(&mut write, group, by).await?;
            put_in(&mut write, group, by, people, now).await?;
            checked(write, group).await
        })
    }

    fn leave_group<'a>(&'a self, by: &'a UserId, group: GroupId) -> Stored<'a, Roster, ChangeGroupError> {
        Box::pin(async move {
            let mut write = self.write().await?;
            require_member(&mut write, group, by).await?;
            sqlx::query("DELETE FROM group_members WHERE group_id = $1 AND person = $2")
                .bind(group.to_string())
                .bind(by.as_str())
                .execute(&mut *write)
                .await?;
            let roster = read_roster(&mut write, group).await?;
            let roster = roster.ok_or(ChangeGroupError::NoSuchGroup)?;
            if roster.members.is_empty() {
                sqlx::query("DELETE FROM stored_groups WHERE id = $1")
                    .bind(group.to_string())
                    .execute(&mut *write)
                    .await?;
            }
            write.commit().await?;
            Ok(roster)
        })
    }

    fn roster(&self, group: GroupId) -> Stored<'_, Option<Roster>> {
        Box::pin(async move {
            // Both its queries see the same moment.
            let mut read = self.readers.begin().await?;
            read_roster(&mut read, group).await
        })
    }

    fn groups_of<'a>(&'a self, me: &'a UserId) -> Stored<'a, Vec<Roster>> {
        Box::pin(async move {
            let mut read = self.readers.begin().await?;
            let ids: Vec<(String,)> = sqlx::query_as(
                "SELECT stored_groups.id FROM stored_groups \
                 JOIN group_members ON group_members.group_id = stored_groups.id \
                 WHERE group_members.person = $1 ORDER BY stored_groups.folded_name, stored_groups.id",
            )
            .bind(me.as_str())
            .fetch_all(&mut *read)
            .await?;
            let mut groups = Vec::new();
            for (id,) in ids {
                groups.extend(read_roster(&mut read, read_group_id(&id)?).await?);
            }
            Ok(groups)
        })
    }
}

/// Whoever is not in a group is told the same as if there were none.
async fn require_member(
    write: &mut SqliteConnection,
    group: GroupId,
    user: &UserId,
) -> Result<(), ChangeGroupError> {
    let found: Option<(i64,)> =
        sqlx::query_as("SELECT 1 FROM group_members WHERE group_id = $1 AND person = $2")
            .bind(group.to_string())
            .bind(user.as_str())
            .fetch_optional(write)
            .await?;
    found.map(|_| ()).ok_or(ChangeGroupError::NoSuchGroup)
}

/// Put these people into a group. Who is in it already stays so.
async fn put_in(
    write: &mut SqliteConnection,
    group: GroupId,
    by: &UserId,
    people: &[UserId],
    now: UnixMillis,
) -> Result<(), ChangeGroupError> {
    for user in people {
        let known: Option<(i64,)> = sqlx::query_as("SELECT 1 FROM people WHERE id = $1")
            .bind(user.as_str())
            .fetch_optional(&mut *write)
            .await?;
        if known.is_none() {
            return Err(ChangeGroupError::UnknownPerson { user: user.clone() });
        }
        let inserted = sqlx::query(
            "INSERT INTO group_members (group_id, person, joined_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .bind(group.to_string())
        .bind(user.as_str())
        .bind(now.as_millis())
        .execute(&mut *write)
        .await?;
        let (groups,): (i64,) = sqlx::query_as("SELECT COUNT(*) FROM group_members WHERE person = $1")
            .bind(user.as_str())
            .fetch_one(&mut *write)
            .await?;
        let too_many = usize::try_from(groups).is_ok_and(|groups| groups > limits::GROUPS);
        if user == by && too_many {
            return Err(ChangeGroupError::InTooManyGroups);
        }
        // Of somebody who was in it before, a block must not show either.
        let unwilling = has_blocked(write, user, by).await? && inserted.rows_affected() > 0;
        if too_many || unwilling {
            return Err(ChangeGroupError::CannotBeAdded { user: user.clone() });
        }
    }
    Ok(())
}

/// Commit, unless the group has become too large.
async fn checked(
    mut write: Transaction<'static, Sqlite>,
    group: GroupId,
) -> Result<Roster, ChangeGroupError> {
    let roster = read_roster(&mut write, group).await?;
    let roster = roster.ok_or(ChangeGroupError::NoSuchGroup)?;
    if roster.members.len() > limits::CALL_PEOPLE {
        return Err(ChangeGroupError::TooManyMembers);
    }
    write.commit().await?;
    Ok(roster)
}

async fn read_roster(read: &mut SqliteConnection, group: GroupId) -> Result<Option<Roster>, StorageError> {
    let id = group.to_string();
    let name: Option<(String,)> = sqlx::query_as("SELECT name FROM stored_groups WHERE id = $1")
        .bind(&id)
        .fetch_optional(&mut *read)
        .await?;
    let Some((name,)) = name else { return Ok(None) };
    let name = name
        .parse()
        .map_err(|_| StorageError::Unreadable { what: "group name" })?;
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT people.id, people.name FROM people JOIN group_members ON group_members.person = people.id \
         WHERE group_members.group_id = $1 ORDER BY people.folded_name, people.id",
    )
    .bind(&id)
    .fetch_all(read)
    .await?;
    let members: Vec<Person> = rows
        .into_iter()
        .map(|(id, name)| read_person(id, name))
        .collect::<Result<_, _>>()?;
    let group = Group { id: group, name };
    Ok(Some(Roster { group, members }))
}

fn read_group_id(text: &str) -> Result<GroupId, StorageError> {
    text.parse()
        .map_err(|_| StorageError::Unreadable { what: "group id" })
}
