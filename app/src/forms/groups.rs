//! Making, naming, enlarging and leaving a group.

use call::id::GroupId;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use server_fn::codec::JsonEncoding;
use server_fn::error::{FromServerFnError, ServerFnErrorErr};

use crate::desk::GroupProblem;

/// A group that was not made or changed, with what the visitor does not have to type and choose again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupError {
    /// Which group; none while it is being made.
    pub group: Option<GroupId>,
    /// What was typed as the name, if a name was asked for.
    pub name: Option<String>,
    /// The ids of those who were chosen.
    pub chosen: Vec<String>,
    /// Why it failed.
    pub problem: GroupProblem,
}

impl FromServerFnError for GroupError {
    type Encoder = JsonEncoding;

    /// Whatever keeps the question from being asked or the answer from being read is the same to a visitor.
    fn from_server_fn_error(_: ServerFnErrorErr) -> Self {
        Self {
            group: None,
            name: None,
            chosen: Vec::new(),
            problem: GroupProblem::Unavailable,
        }
    }
}

/// Make a group of oneself and others, and go to the start, where it can be called.
#[server(prefix = "/api", endpoint = "create_group")]
pub async fn create_group(
    /// The name, as typed.
    name: String,
    /// The ids of the others.
    #[server(default)]
    people: Vec<String>,
) -> Result<(), GroupError> {
    use super::ssr;

    let (desk, visitor) = ssr::desk()?;
    let done = desk.create_group(&visitor, &name, &people).await;
    let failed = |problem| GroupError {
        group: None,
        name: Some(name),
        chosen: people,
        problem,
    };
    ssr::group_done(done.map(|_| "/".into()).map_err(failed))
}

/// Give a group another name, and come back to its page.
#[server(prefix = "/api", endpoint = "rename_group")]
pub async fn rename_group(
    /// The group's id.
    group: String,
    /// The name, as typed.
    name: String,
) -> Result<(), GroupError> {
    use super::ssr;

    let (desk, visitor) = ssr::desk()?;
    let done = desk.rename_group(&visitor, &group, &name).await;
    let failed = |problem| GroupError {
        group: group.parse().ok(),
        name: Some(name),
        chosen: Vec::new(),
        problem,
    };
    ssr::group_done(done.map(|()| ssr::group_path(&group)).map_err(failed))
}

/// Put more people into a group, and come back to its page.
#[server(prefix = "/api", endpoint = "add_members")]
pub async fn add_members(
    /// The group's id.
    group: String,
    /// The ids of the people.
    #[server(default)]
    people: Vec<String>,
) -> Result<(), GroupError> {
    use super::ssr;

    let (desk, visitor) = ssr::desk()?;
    let done = desk.add_members(&visitor, &group, &people).await;
    let failed = |problem| GroupError {
        group: group.parse().ok(),
        name: None,
        chosen: people,
        problem,
    };
    ssr::group_done(done.map(|()| ssr::group_path(&group)).map_err(failed))
}

/// Leave a group, and go to the start.
#[server(prefix = "/api", endpoint = "leave_group")]
pub async fn leave_group(
    /// The group's id.
    group: String,
) -> Result<(), GroupError> {
    use super::ssr;

    let (desk, visitor) = ssr::desk()?;
    let done = desk.leave_group(&visitor, &group).await;
    let failed = |problem| GroupError {
        group: group.parse().ok(),
        name: None,
        chosen: Vec::new(),
        problem,
    };
    ssr::group_done(done.map(|()| "/".into()).map_err(failed))
}
