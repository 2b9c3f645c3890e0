//! Where the server is, and who a simulated party claims to be.
//!
//! The time of day is part of it: a simulated party stamps its requests with the clock it is
//! given, which lets a test run one that is an hour wrong.

/// Where one server listens.
#[derive(Debug, Clone)]
pub struct ServerAddress {
    /// The HTTP origin without a path or final slash, such as `http://127.0.0.1:8080`.
    pub http: String,
    /// The host of the MQTT listener.
    pub mqtt_host: String,
    /// The port of the MQTT listener, plain TCP.
    pub mqtt_port: u16,
    /// The simulated party's clock, in milliseconds since the epoch.
    pub clock: fn() -> i64,
}

/// A door's identity. Without `Debug`, for it holds a secret.
#[derive(Clone)]
pub struct DoorLogin {
    /// The device id, also its MQTT client id and user name.
    pub device_id: String,
    /// The device secret: MQTT password and HTTP bearer token.
    pub secret: String,
}

/// A resident's identity. Without `Debug`, for it holds a secret.
#[derive(Clone)]
pub struct PhoneLogin {
    /// The resident id, also the MQTT user name.
    pub resident_id: String,
    /// The session token: MQTT password and HTTP bearer token.
    pub token: String,
}
