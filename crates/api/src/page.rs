//! Pages of lists.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::problem::Problem;

const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 200;

/// Which part of a list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Only what is in this community.
    pub(crate) community: Option<String>,
    /// The `next` of the page before.
    pub(crate) after: Option<String>,
    /// How many at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Option<usize>,
}

/// Part of a list, in the order of the ids.
#[derive(Serialize, ToSchema)]
pub(crate) struct Page<T> {
    items: Vec<T>,
    /// `after` of the next page; null on the last.
    next: Option<String>,
}

impl<T> Page<T> {
    /// A page of `limit` out of up to one more, which shows that there is a next page.
    pub(crate) fn cut(mut items: Vec<T>, limit: usize, id: impl Fn(&T) -> &str) -> Self {
        let next = cut(&mut items, limit, id);
        Self { items, next }
    }
}

/// Cuts to `limit`; the id of the last one left, if something was cut off.
pub(crate) fn cut<T>(items: &mut Vec<T>, limit: usize, id: impl Fn(&T) -> &str) -> Option<String> {
    let is_more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| is_more);
    last.map(|last| id(last).to_owned())
}

/// The limit that was asked for, if it is within bounds.
pub(crate) fn limit(asked: Option<usize>) -> Result<usize, Problem> {
    let limit = asked.unwrap_or(LIMIT_DEFAULT);
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(limit);
    }
    Err(Problem::bad("limit: must be 1 to 200"))
}
