//! Groups: who makes, renames, enlarges and leaves them.
//!
//! A change is stored first and then told to the switchboard, in one go (see
//! [`HubHandle::change_group`](crate::signaling::HubHandle::change_group)).

use app::desk::GroupProblem;
use app::desk::ssr::Visitor;
use call::id::{DisplayName, Group, GroupId, UserId};
use call::protocol::limits;

use super::Inner;
use crate::clock::UnixMillis;
use crate::storage::{ChangeGroupError, StorageError};

impl Inner {
    pub(super) async fn create_group(
        &self,
        visitor: &Visitor,
        name: &str,
        others: &[String],
    ) -> Result<GroupId, GroupProblem> {
        let by = self.admitted(visitor)?;
        let id = new_group_id()?;
        let name = name.parse().map_err(GroupProblem::Name)?;
        let others = read_people(others)?;
        let group = Group { id, name };
        let storage = self.storage.clone();
        self.hub
            .change_group(None, async move {
                storage
                    .create_group(&by, &group, &others, UnixMillis::now())
                    .await
            })
            .await
            .map_err(problem)?;
        Ok(id)
    }

    pub(super) async fn rename_group(
        &self,
        visitor: &Visitor,
        group: &str,
        name: &str,
    ) -> Result<(), GroupProblem> {
        let by = self.admitted(visitor)?;
        let group = read_group(group)?;
        let name: DisplayName = name.parse().map_err(GroupProblem::Name)?;
        let storage = self.storage.clone();
        self.hub
            .change_group(None, async move { storage.rename_group(&by, group, &name).await })
            .await
            .map_err(problem)
    }

    pub(super) async fn add_members(
        &self,
        visitor: &Visitor,
        group: &str,
        people: &[String],
    ) -> Result<(), GroupProblem> {
        let by = self.admitted(visitor)?;
        let group = read_group(group)?;
        let people = read_people(people)?;
        let storage = self.storage.clone();
        self.hub
            .change_group(None, async move {
                storage.add_members(&by, group, &people, UnixMillis::now()).await
            })
            .await
            .map_err(problem)
    }

    pub(super) async fn leave_group(&self, visitor: &Visitor, group: &str) -> Result<(), GroupProblem> {
        let by = self.admitted(visitor)?;
        let group = read_group(group)?;
        let storage = self.storage.clone();
        self.hub
            .change_group(
                Some(by.clone()),
                async move { storage.leave_group(&by, group).await },
            )
            .await
            .map_err(problem)
    }

    /// Who changes a group, if they are signed in and have not changed too many.
    fn admitted(&self, visitor: &Visitor) -> Result<UserId, GroupProblem> {
        let by = visitor.user.clone().ok_or(GroupProblem::SignedOut)?;
        self.tries
            .group_change(&by)
            .map_err(|_| GroupProblem::TooManyChanges)?;
        Ok(by)
    }
}

/// What cannot be the id of a group is the id of none.
fn read_group(text: &str) -> Result<GroupId, GroupProblem> {
    text.parse().map_err(|_| GroupProblem::NoSuchGroup)
}

fn read_people(texts: &[String]) -> Result<Vec<UserId>, GroupProblem> {
    if texts.is_empty() {
        return Err(GroupProblem::NobodyChosen);
    }
    if texts.len() > limits::CALL_PEOPLE {
        return Err(GroupProblem::TooManyMembers);
    }
    texts
        .iter()
        .map(|text| text.parse().map_err(|_| GroupProblem::UnknownPerson))
        .collect()
}

fn new_group_id() -> Result<GroupId, GroupProblem> {
    getrandom::u64()
        .map(GroupId::from_bits)
        .inspect_err(|error| tracing::error!(%error, "the operating system has no randomness"))
        .map_err(|_| GroupProblem::Unavailable)
}

fn problem(error: ChangeGroupError) -> GroupProblem {
    match error {
        ChangeGroupError::NoSuchGroup => GroupProblem::NoSuchGroup,
        ChangeGroupError::UnknownPerson { .. } => GroupProblem::UnknownPerson,
        ChangeGroupError::InTooManyGroups => GroupProblem::InTooManyGroups,
        ChangeGroupError::CannotBeAdded { user } => GroupProblem::CannotBeAdded { user },
        ChangeGroupError::TooManyMembers => GroupProblem::TooManyMembers,
        ChangeGroupError::Storage(error) => unavailable(&error),
    }
}

fn unavailable(error: &StorageError) -> GroupProblem {
    tracing::error!(error = error as &dyn std::error::Error, "cannot change a group");
    GroupProblem::Unavailable
}
