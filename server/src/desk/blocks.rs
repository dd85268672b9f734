//! Blocks: who does not want to be reached by whom.
//!
//! As a change of a group, a block is stored first and then told to the switchboard, in one go.

use app::desk::BlockProblem;
use app::desk::ssr::Visitor;
use call::id::UserId;

use super::Inner;
use crate::clock::UnixMillis;
use crate::storage::{BlockError, StorageError};

impl Inner {
    pub(super) async fn block(&self, visitor: &Visitor, whom: &str) -> Result<(), BlockProblem> {
        let (by, whom) = self.both(visitor, whom)?;
        let storage = self.storage.clone();
        self.hub
            .block(by.clone(), whom.clone(), async move {
                storage.block(&by, &whom, UnixMillis::now()).await
            })
            .await
            .map_err(|error| match error {
                BlockError::Oneself => BlockProblem::Oneself,
                BlockError::UnknownPerson { .. } => BlockProblem::UnknownPerson,
                BlockError::TooMany => BlockProblem::TooMany,
                BlockError::Storage(error) => unavailable(&error),
            })
    }

    pub(super) async fn unblock(&self, visitor: &Visitor, whom: &str) -> Result<(), BlockProblem> {
        let (by, whom) = self.both(visitor, whom)?;
        let storage = self.storage.clone();
        self.hub
            .unblock(by.clone(), whom.clone(), async move {
                storage.unblock(&by, &whom).await
            })
            .await
            .map_err(|error| unavailable(&error))
    }

    /// Who blocks whom, if they are signed in and have not done so too often. What cannot be an id is nobody's.
    fn both(&self, visitor: &Visitor, whom: &str) -> Result<(UserId, UserId), BlockProblem> {
        let by = visitor.user.clone().ok_or(BlockProblem::SignedOut)?;
        let whom = whom.parse().map_err(|_| BlockProblem::UnknownPerson)?;
        self.tries
            .block_change(&by)
            .map_err(|_| BlockProblem::TooManyChanges)?;
        Ok((by, whom))
    }
}

fn unavailable(error: &StorageError) -> BlockProblem {
    tracing::error!(error = error as &dyn std::error::Error, "cannot change a block");
    BlockProblem::Unavailable
}
