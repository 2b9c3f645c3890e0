//! The passes of registered clients and the tokens of screens as JSON web tokens, HS256.
//! Source: S1 §1.1, §5.1; S3 §3.1.

use app::port::{ClientPass, Passes, ScreenPass, ScreenPasses};
use app::principal::Client;
use app::secret::Secret;
use engine::id::{DeviceId, ResidentId};
use engine::time::Instant;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde::{Deserialize, Serialize};

use crate::machine::random::{SystemRandom, pass_key};

const ISSUER: &str = "koumen";
const AUDIENCE: &str = "mqtt";
const SCREENS: &str = "smartbox";

/// Signs and checks passes.
pub(crate) struct Jwt {
    signing: EncodingKey,
    checking: DecodingKey,
    rules: Validation,
    screen_rules: Validation,
}

/// Of a screen's token.
#[derive(Serialize, Deserialize)]
struct ScreenClaims {
    iss: String,
    aud: String,
    /// The device.
    sub: String,
    #[serde(rename = "type")]
    kind: String,
    system: String,
    /// Of the device's secret.
    mark: String,
    /// Seconds since the epoch.
    exp: i64,
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
        Self {
            signing: EncodingKey::from_secret(&key),
            checking: DecodingKey::from_secret(&key),
            rules: rules(AUDIENCE),
            screen_rules: rules(SCREENS),
        }
    }
}

fn rules(audience: &str) -> Validation {
    let mut rules = Validation::new(Algorithm::HS256);
    rules.set_issuer(&[ISSUER]);
    rules.set_audience(&[audience]);
    // The library reads its own clock for this; ours decides below.
    rules.validate_exp = false;
    rules
}

impl ScreenPasses for Jwt {
    fn sign_screen(&self, pass: &ScreenPass) -> Secret {
        let claims = ScreenClaims {
            iss: ISSUER.into(),
            aud: SCREENS.into(),
            sub: pass.device.to_string(),
            kind: pass.kind.clone(),
            system: pass.system.clone(),
            mark: pass.mark.clone(),
            exp: pass.expires.ms() / 1000,
        };
        let token = encode(&Header::new(Algorithm::HS256), &claims, &self.signing);
        Secret::new(token.expect("HS256 signs any claims"))
    }

    fn verify_screen(&self, token: &Secret, now: Instant) -> Option<ScreenPass> {
        let claims = decode::<ScreenClaims>(token.expose(), &self.checking, &self.screen_rules)
            .ok()?
            .claims;
        let expires = Instant::from_ms(claims.exp.saturating_mul(1000));
        (now < expires).then(|| ScreenPass {
            device: DeviceId::from(claims.sub),
            kind: claims.kind,
            system: claims.system,
            mark: claims.mark,
            expires,
        })
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
    fn a_screens_token_is_read_until_it_expires_and_is_no_clients_pass() {
        let jwt = jwt();
        let pass = ScreenPass {
            device: "hall".into(),
            kind: "screen".into(),
            system: "android".into(),
            mark: "0011223344556677".into(),
            expires: Instant::from_ms(2_000_000),
        };

        let token = jwt.sign_screen(&pass);

        let before = Instant::from_ms(1_999_999);
        assert_eq!(jwt.verify(&token, before), None);
        assert_eq!(jwt.verify_screen(&token, before), Some(pass.clone()));
        assert_eq!(jwt.verify_screen(&token, pass.expires), None);
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
