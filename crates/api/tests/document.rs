//! The OpenAPI document, whole: a change of the API shows here first.
//!
//! Whether the server's answers fit it is tested in `server`.

const WHO_MAY: &str = include_str!("../../../docs/protocols/v1.md");

#[test]
fn the_document_is_as_agreed() {
    let document = api::document().to_pretty_json().unwrap();

    insta::assert_snapshot!("openapi", document);
}

#[test]
fn the_protocol_page_says_who_may_do_each_thing() {
    let document: serde_json::Value =
        serde_json::from_str(&api::document().to_json().unwrap()).unwrap();

    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let row = format!("\n| `{} {path}` | ", method.to_uppercase());
            assert_eq!(WHO_MAY.matches(&row).count(), 1, "{row}");
        }
    }
}
