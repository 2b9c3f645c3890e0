//! The passes of registered clients as JSON web tokens, HS256. Source: S1 §1.1, §5.1.

use app::port::{ClientPass, Passes};
use app::principal::Client;
use app::secret::Secret;
use engine::id::ResidentId;
use engine::time::Instant;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use crate::machine::random::{SystemRandom, pass_key};

const ISSUER: &str = "koumen";
const AUDIENCE: &str = "mqtt";

/// Signs and checks passes.
pub(crate) struct Jwt {
    signing: EncodingKey,
    checking: DecodingKey,
    rules: Validation,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The resident.
    sub: String,
    /// The client's id with us.
    cid: String,
    /// The client id it chose.
    client_id: String,
    /// Seconds since the epoch.
    exp: i64,
}

impl Jwt {
    pub(crate) fn new(random: &SystemRandom) -> Self {
        let key = pass_key(random);
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        // The library reads its own clock for this; ours decides below.
        rules.validate_exp = false;
        Self {
            signing: EncodingKey::from_secret(&key),
            checking: DecodingKey::from_secret(&key),
            rules,
        }
    }
}

impl Passes for Jwt {
    fn sign(&self, pass: &ClientPass) -> Secret {
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: pass.resident.to_string(),
            cid: pass.client.id.clone(),
            client_id: pass.client.name.clone(),
            exp: pass.expires.ms() / 1000,
        };
        let token = encode(&Header::new(Algorithm::HS256), &claims, &self.signing);
        Secret::new(token.expect("HS256 signs any claims"))
    }

    fn verify(&self, pass: &Secret, now: Instant) -> Option<ClientPass> {
        let claims = decode::<Claims>(pass.expose(), &self.checking, &self.rules)
            .ok()?
            .claims;
        let expires = Instant::from_ms(claims.exp.saturating_mul(1000));
        (now < expires).then(|| ClientPass {
            resident: ResidentId::from(claims.sub),
            client: Client {
                id: claims.cid,
                name: claims.client_id,
            },
            expires,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jwt() -> Jwt {
        let folder = tempfile::tempdir().unwrap();
        Jwt::new(&SystemRandom::open(folder.path()).unwrap())
    }

    fn pass() -> ClientPass {
        ClientPass {
            resident: "mum".into(),
            client: Client {
                id: "1".into(),
                name: "mum_android".into(),
            },
            expires: Instant::from_ms(2_000_000),
        }
    }

    #[test]
    fn a_pass_is_read_until_it_expires() {
        let jwt = jwt();

        let signed = jwt.sign(&pass());

        assert_eq!(
            jwt.verify(&signed, Instant::from_ms(1_999_999)),
            Some(pass())
        );
        assert_eq!(jwt.verify(&signed, Instant::from_ms(2_000_000)), None);
    }

    #[test]
    fn a_pass_of_another_server_or_a_changed_one_is_not_read() {
        let signed = jwt().sign(&pass());
        let mut changed = signed.expose().to_owned();
        changed.replace_range(40..41, "x");

        let now = Instant::from_ms(0);
        assert_eq!(jwt().verify(&signed, now), None);
        assert_eq!(jwt().verify(&Secret::new(changed), now), None);
        assert_eq!(
            jwt().verify(&Secret::new("no.jwt.at.all".into()), now),
            None
        );
    }
}
