//! An operator's console, which believes no answer that the OpenAPI document does not describe.

use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Value, json};

use crate::community::{Community, PASSWORD};

pub(super) struct Console {
    pub(super) community: Community,
    pub(super) document: Value,
}

impl Console {
    pub(super) async fn start() -> Self {
        let community = Community::start().await;
        let (status, document) = community.server.get("/v1/openapi.json", "").await;
        assert_eq!(status, 200);
        Self {
            community,
            document,
        }
    }

    /// Asks as the first operator, who is an owner.
    pub(super) async fn ask(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        self.ask_as(&self.community.operator, method, path, body)
            .await
    }

    /// Asks with a token; a body of null is none. The answer fits the document.
    pub(super) async fn ask_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: Value,
    ) -> (u16, Value) {
        let server = &self.community.server;
        let verb = Method::from_bytes(method.as_bytes()).unwrap();
        let url = format!("{}{path}", server.http);
        let mut request = server.client.request(verb, url).bearer_auth(token);
        if !body.is_null() {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let kind = answer.headers().get("content-type").cloned();
        let text = answer.text().await.unwrap();
        let value = serde_json::from_str(&text).unwrap_or(Value::Null);
        let asked = format!("{method} {path}: {status} {text}");
        let described = self.described(method, path, status);
        let described = described.unwrap_or_else(|| panic!("not in the document: {asked}"));
        match kind {
            Some(kind) => self.check(&described, kind.to_str().unwrap(), &value, &asked),
            None => assert!(text.is_empty() && described["content"].is_null(), "{asked}"),
        }
        (status, value)
    }

    /// The thing that was added.
    pub(super) async fn add(&self, path: &str, body: Value) -> Value {
        let (status, added) = self.ask("POST", path, body).await;
        assert_eq!(status, 201, "{path}: {added}");
        added
    }

    /// The token of an operator who may what the body says.
    pub(super) async fn hire(&self, name: &str, mut rights: Value) -> String {
        rights["name"] = name.into();
        rights["password"] = PASSWORD.into();
        self.add("/v1/operators", rights).await;
        self.sign_in(name, PASSWORD).await
    }

    pub(super) async fn sign_in(&self, name: &str, password: &str) -> String {
        let body = json!({"name": name, "password": password});
        let (status, login) = self.ask("POST", "/v1/login", body).await;
        assert_eq!(status, 200, "{login}");
        login["token"].as_str().unwrap().to_owned()
    }

    /// The community of the doors and residents.
    pub(super) async fn home(&self) -> String {
        let (_, page) = self.ask("GET", "/v1/communities", Value::Null).await;
        page["items"][0]["id"].as_str().unwrap().to_owned()
    }

    /// What the document says of this answer.
    fn described(&self, method: &str, path: &str, status: u16) -> Option<Value> {
        let path = path.split('?').next().unwrap();
        let paths = self.document["paths"].as_object().unwrap();
        let (_, item) = paths.iter().find(|(template, _)| fits(template, path))?;
        let answers = &item[method.to_lowercase()]["responses"];
        let answer = answers.get(status.to_string())?;
        match answer["$ref"].as_str() {
            Some(reference) => self
                .document
                .pointer(reference.trim_start_matches('#'))
                .cloned(),
            None => Some(answer.clone()),
        }
    }

    fn check(&self, described: &Value, kind: &str, value: &Value, asked: &str) {
        let mut schema = described["content"][kind]["schema"].clone();
        assert!(schema.is_object(), "{kind} is not in the document: {asked}");
        schema["components"] = self.document["components"].clone();
        let validator: Validator = jsonschema::draft202012::new(&schema).unwrap();
        if let Err(error) = validator.validate(value) {
            panic!("{asked}: {error} at {}", error.instance_path());
        }
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template
            .iter()
            .zip(&path)
            .all(|(expected, is)| expected.starts_with('{') || expected == is)
}
