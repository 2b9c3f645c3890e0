//! JSON Web Encryption to clients' keys: ECDH-ES on P-256 with A256GCM, in the compact form.

mod jwk;
mod concat_kdf;
mod sealer;

pub(crate) use sealer::JweSealer;
