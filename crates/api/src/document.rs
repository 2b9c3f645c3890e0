//! The OpenAPI document: what the handlers do not say of themselves. Source: OpenAPI 3.1.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use utoipa::openapi::path::{HttpMethod, Operation};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ComponentsBuilder, Info, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Response,
};

use crate::problem::ProblemDetails;

const SCHEME: &str = "token";

/// What cannot happen where nothing is written.
const WRITING_ONLY: [&str; 2] = ["409", "413"];

/// The document before the routes are known.
pub(crate) fn start() -> OpenApi {
    let mut info = Info::new("Koumen", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "The product's own API. Moments are milliseconds since the epoch; unknown fields are \
         ignored; what an operator may not see is not found."
            .to_owned(),
    );
    // Handlers bring the schemas of their bodies along, not those of refusals.
    let components = ComponentsBuilder::new().schema_from::<ProblemDetails>();
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components.build()))
        .build()
}

/// Adds that every request shows a token, except those that say otherwise; names each operation
/// once and each refusal once.
pub(crate) fn finish(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_with(Components::new);
    let bearer = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    components.add_security_scheme(SCHEME, bearer);
    let shown = SecurityRequirement::new::<_, [String; 0], _>(SCHEME, []);
    document.security = Some(vec![shown]);
    for item in document.paths.paths.values_mut() {
        for (method, operation) in operations(item) {
            name(operation);
            if method == HttpMethod::Get {
                let responses = &mut operation.responses.responses;
                responses.retain(|status, _| !WRITING_ONLY.contains(&status.as_str()));
            }
            share_refusals(operation, &mut components.responses);
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (HttpMethod, &mut Operation)> {
    let all = [
        (HttpMethod::Get, &mut item.get),
        (HttpMethod::Post, &mut item.post),
        (HttpMethod::Put, &mut item.put),
        (HttpMethod::Patch, &mut item.patch),
        (HttpMethod::Delete, &mut item.delete),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Handlers are named within their resource; ids must be unique in the document.
fn name(operation: &mut Operation) {
    let tag = operation.tags.iter().flatten().next();
    if let (Some(tag), Some(id)) = (tag, &operation.operation_id) {
        operation.operation_id = Some(format!("{tag}_{id}"));
    }
}

/// Moves refusals to where all operations can refer to them, and says what success is called.
fn share_refusals(operation: &mut Operation, shared: &mut BTreeMap<String, RefOr<Response>>) {
    for (status, response) in &mut operation.responses.responses {
        let status = StatusCode::from_bytes(status.as_bytes()).unwrap_or_default();
        let words = status.canonical_reason().unwrap_or_default();
        if status.is_client_error() || status.is_server_error() {
            let name = words.replace(' ', "");
            let refusal = Ref::from_response_name(&name);
            let taken = std::mem::replace(response, RefOr::Ref(refusal));
            shared.entry(name).or_insert(taken);
        } else if let RefOr::T(response) = response {
            words.clone_into(&mut response.description);
        }
    }
}
