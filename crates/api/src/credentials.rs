//! `/v1/credentials`: codes and cards that open doors.

use app::directory::{Flat, Resident};
use app::port::{CredentialPage, ListedCredential};
use app::secret::Secret;
use app::unlock::{Given, NewCredential};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use engine::access::CredentialKind;
use engine::id::CredentialId;
use engine::time::Instant;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::Api;
use crate::ask::{Asked, Body, Operator};
use crate::directory::entry;
use crate::page::{Page, PageQuery, limit};
use crate::problem::{Problem, Refusals};

/// What kind of thing it is.
#[derive(Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum KindWord {
    Pin,
    Visitor,
    Card,
}

/// A code or card. What it reads is shown when it is given out, and never again.
#[derive(Serialize, ToSchema)]
pub(crate) struct CredentialReply {
    id: String,
    kind: KindWord,
    community: String,
    flat: String,
    /// Whose it is; null: the household's.
    resident: Option<String>,
    label: String,
    /// Valid from this moment on.
    from: Option<i64>,
    /// Valid before this moment.
    until: Option<i64>,
    /// How often it still opens; null: as often as one likes.
    uses_left: Option<u32>,
    created_at: i64,
}

/// A code or card that was given out just now.
#[derive(Serialize, ToSchema)]
pub(crate) struct GivenReply {
    #[serde(flatten)]
    credential: CredentialReply,
    /// The digits to type, shown this once; null for a card.
    code: Option<String>,
    /// The same as a text for a QR picture, of a visitor's code with an end.
    qr: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub(crate) struct CredentialRequest {
    kind: KindWord,
    /// For whom; it opens the doors that serve this flat.
    flat: String,
    /// For one person of the flat alone: it goes when they go.
    resident: Option<String>,
    /// At most 64 bytes, for people.
    #[serde(default)]
    label: String,
    /// A card's number; codes are drawn by the server.
    number: Option<String>,
    /// How many digits a code has; 6 if nobody says.
    #[schema(minimum = 4, maximum = 8)]
    digits: Option<u32>,
    /// Valid from this moment on, in milliseconds.
    from: Option<i64>,
    /// Valid before this moment.
    until: Option<i64>,
    /// How often it opens.
    #[schema(minimum = 1)]
    uses: Option<u32>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Which {
    /// Only those of this flat.
    flat: Option<String>,
    /// Only those of this kind.
    #[param(inline)]
    kind: Option<KindWord>,
}

impl From<KindWord> for CredentialKind {
    fn from(word: KindWord) -> Self {
        match word {
            KindWord::Pin => Self::Pin,
            KindWord::Visitor => Self::Visitor,
            KindWord::Card => Self::Card,
        }
    }
}

impl From<&ListedCredential> for CredentialReply {
    fn from(listed: &ListedCredential) -> Self {
        let one = &listed.credential;
        Self {
            id: one.id.to_string(),
            kind: match one.kind {
                CredentialKind::Pin => KindWord::Pin,
                CredentialKind::Visitor => KindWord::Visitor,
                CredentialKind::Card => KindWord::Card,
            },
            community: one.community.to_string(),
            flat: one.flat.to_string(),
            resident: one.resident.as_ref().map(ToString::to_string),
            label: listed.label.clone(),
            from: one.from.map(Instant::ms),
            until: one.until.map(Instant::ms),
            uses_left: one.uses_left,
            created_at: listed.created.ms(),
        }
    }
}

/// Gives out a code or registers a card. Managers of the flat's community.
#[utoipa::path(post, path = "/v1/credentials", tag = "credentials",
    request_body = CredentialRequest,
    responses((status = 201, body = GivenReply), Refusals))]
pub(crate) async fn add(
    operator: Operator,
    State(api): State<Api>,
    Body(request): Body<CredentialRequest>,
) -> Result<(StatusCode, Json<GivenReply>), Problem> {
    let at = entry::load_to_change::<Flat>(&api, &operator, &request.flat).await?;
    if let Some(resident) = &request.resident {
        let found = entry::load_to_change::<Resident>(&api, &operator, resident).await?;
        if found.entry.flat != at.entry.id {
            return Err(Problem::missing("resident"));
        }
    }
    let new = NewCredential {
        kind: request.kind.into(),
        community: at.community,
        flat: at.entry.id,
        resident: request.resident.map(Into::into),
        label: request.label,
        number: request.number.map(Secret::new),
        digits: request.digits,
        from: request.from.map(Instant::from_ms),
        until: request.until.map(Instant::from_ms),
        uses: request.uses,
    };
    let Given { listed, code, qr } = api.unlocks.add_credential(new).await?;
    let shown = |secret: Option<Secret>| secret.map(|secret| secret.expose().to_owned());
    let given = GivenReply {
        credential: CredentialReply::from(&listed),
        code: shown(code),
        qr: shown(qr),
    };
    Ok((StatusCode::CREATED, Json(given)))
}

/// Lists codes and cards.
#[utoipa::path(get, path = "/v1/credentials", tag = "credentials", params(PageQuery, Which),
    responses((status = 200, body = Page<CredentialReply>), Refusals))]
pub(crate) async fn list(
    operator: Operator,
    State(api): State<Api>,
    Asked(query): Asked<PageQuery>,
    Asked(which): Asked<Which>,
) -> Result<Json<Page<CredentialReply>>, Problem> {
    let limit = limit(query.limit)?;
    let page = CredentialPage {
        sight: operator.sight(),
        community: query.community.map(Into::into),
        flat: which.flat.map(Into::into),
        kind: which.kind.map(Into::into),
        after: query.after.map(Into::into),
        limit: limit + 1,
    };
    let found = api.unlocks.list_credentials(page).await?;
    let replies = found.iter().map(CredentialReply::from).collect();
    Ok(Json(Page::cut(replies, limit, |reply| &reply.id)))
}

/// Takes a code or card back. Managers.
#[utoipa::path(delete, path = "/v1/credentials/{id}", tag = "credentials",
    params(("id" = String, Path)),
    responses((status = 204), Refusals))]
pub(crate) async fn remove(
    operator: Operator,
    State(api): State<Api>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    let missing = || Problem::missing("credential");
    let id = CredentialId::from(id);
    let found = api.unlocks.find_credential(id.clone()).await?;
    let found = found.ok_or_else(missing)?;
    operator.must_manage(&found.credential.community, "credential")?;
    if api.unlocks.remove_credential(id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(missing())
}
