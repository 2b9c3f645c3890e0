//! What is the same for every kind of thing: finding it, listing it, and who may.

use app::port::{Entry, Found, ListPage, Registry, Shelf};
use axum::Json;

use crate::Api;
use crate::ask::Operator;
use crate::page::{Page, PageQuery, limit};
use crate::problem::Problem;

/// The thing with this id, for an operator who may see it.
pub(super) async fn load<T: Entry>(
    api: &Api,
    operator: &Operator,
    id: &str,
) -> Result<Found<T>, Problem>
where
    dyn Registry: Shelf<T>,
{
    let found = api.directory.load::<T>(id).await?;
    operator.must_see(&found.community, T::WHAT)?;
    Ok(found)
}

/// The thing with this id, for an operator who may change it.
pub(crate) async fn load_to_change<T: Entry>(
    api: &Api,
    operator: &Operator,
    id: &str,
) -> Result<Found<T>, Problem>
where
    dyn Registry: Shelf<T>,
{
    let found = api.directory.load::<T>(id).await?;
    operator.must_manage(&found.community, T::WHAT)?;
    Ok(found)
}

/// A reply that shows one thing.
pub(super) trait Shows<T>: From<Found<T>> {
    /// The thing's id.
    fn id(&self) -> &str;
}

/// A page of the things that the operator may see.
pub(super) async fn list<T: Entry, R: Shows<T>>(
    api: &Api,
    operator: &Operator,
    query: PageQuery,
    within: Option<String>,
) -> Result<Json<Page<R>>, Problem>
where
    dyn Registry: Shelf<T>,
{
    let limit = limit(query.limit)?;
    let page = ListPage {
        sight: operator.sight(),
        community: query.community.map(Into::into),
        within,
        after: query.after,
        limit: limit + 1,
    };
    let found = api.directory.list::<T>(page).await?;
    let replies = found.into_iter().map(R::from).collect();
    Ok(Json(Page::cut(replies, limit, R::id)))
}
