//! Credentials encrypted to the keys of registered clients, opened by a decoder that shares neither
//! code nor cryptography with the server: plain Python.

use std::process::Command;

use serde_json::{Value, json};
use sim::{PhoneLogin, PushPhone, Registration};

use crate::community::{Community, HOUSEHOLD, incoming};
use crate::push::{offer, registered};
use crate::running::Running;
use crate::stock::python;

const SECRET: &str = "made-up-key";

/// Bob's key in RFC 7518, Appendix C.
const BOB: &str = "VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw";
const BOB_X: &str = "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ";
const BOB_Y: &str = "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck";

/// Alice's there.
const ALICE: &str = "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo";
const ALICE_X: &str = "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0";
const ALICE_Y: &str = "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps";

/// Opens a JWE with a private key, if it is one, and then the TRTC credential in it. Says whether
/// the vendor's signature is right. Argument: private key, secret of the application, credential.
const OPENER: &str = r#"
import base64, hashlib, hmac, json, sys, zlib

P = 2**256 - 2**224 + 2**192 + 2**96 - 1

def b64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))

def number(data):
    return int.from_bytes(data, "big")

def add(p, q):
    if p is None or q is None:
        return p or q
    if p[0] == q[0] and (p[1] + q[1]) % P == 0:
        return None
    if p == q:
        slope = (3 * p[0] * p[0] - 3) * pow(2 * p[1], -1, P)
    else:
        slope = (q[1] - p[1]) * pow(q[0] - p[0], -1, P)
    x = (slope * slope - p[0] - q[0]) % P
    return x, (slope * (p[0] - x) - p[1]) % P

def times(factor, point):
    product = None
    while factor:
        if factor & 1:
            product = add(product, point)
        point, factor = add(point, point), factor >> 1
    return product

def mul8(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a, b = (a << 1) ^ (0x11b if a & 0x80 else 0), b >> 1
    return product

def sbox(x):
    inverse = next((y for y in range(256) if mul8(x, y) == 1), 0)
    turned = [(inverse << n | inverse >> (8 - n)) & 255 for n in range(5)]
    return 0x63 ^ turned[0] ^ turned[1] ^ turned[2] ^ turned[3] ^ turned[4]

SBOX = [sbox(x) for x in range(256)]

def xor(a, b):
    return bytes(x ^ y for x, y in zip(a, b))

def expand(key):
    words, rcon = [key[n:n + 4] for n in range(0, 32, 4)], 1
    for n in range(8, 60):
        word = words[-1]
        if n % 8 == 0:
            word = bytes(SBOX[x] for x in word[1:] + word[:1])
            word, rcon = xor(word, bytes([rcon, 0, 0, 0])), mul8(rcon, 2)
        elif n % 8 == 4:
            word = bytes(SBOX[x] for x in word)
        words.append(xor(words[n - 8], word))
    return [b"".join(words[n:n + 4]) for n in range(0, 60, 4)]

def block(keys, data):
    state = xor(data, keys[0])
    for n in range(1, 15):
        state = bytes(SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16))
        if n < 14:
            columns = [state[i:i + 4] for i in range(0, 16, 4)]
            state = bytes(
                mul8(c[r], 2) ^ mul8(c[(r + 1) % 4], 3) ^ c[(r + 2) % 4] ^ c[(r + 3) % 4]
                for c in columns for r in range(4))
        state = xor(state, keys[n])
    return state

def mul128(x, y):
    product = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            product ^= y
        y = y >> 1 ^ (0xe1 << 120 if y & 1 else 0)
    return product

def gcm_open(key, iv, aad, data, tag):
    keys = expand(key)
    h, total = number(block(keys, bytes(16))), 0
    lengths = (8 * len(aad)).to_bytes(8, "big") + (8 * len(data)).to_bytes(8, "big")
    padded = aad + bytes(-len(aad) % 16) + data + bytes(-len(data) % 16) + lengths
    for n in range(0, len(padded), 16):
        total = mul128(total ^ number(padded[n:n + 16]), h)
    mask = block(keys, iv + (1).to_bytes(4, "big"))
    assert xor(total.to_bytes(16, "big"), mask) == tag, "the tag is wrong"
    return b"".join(
        xor(data[16 * n:16 * n + 16], block(keys, iv + (n + 2).to_bytes(4, "big")))
        for n in range((len(data) + 15) // 16))

def open_jwe(private, jwe):
    protected, encrypted_key, iv, data, tag = jwe.split(".")
    header = json.loads(b64(protected))
    epk = header["epk"]
    assert encrypted_key == "" and (epk["kty"], epk["crv"]) == ("EC", "P-256")
    assert len(b64(iv)) == 12 and len(b64(tag)) == 16
    agreed = times(number(b64(private)), (number(b64(epk["x"])), number(b64(epk["y"]))))
    name = header["enc"].encode()
    derived = (1).to_bytes(4, "big") + agreed[0].to_bytes(32, "big")
    derived += len(name).to_bytes(4, "big") + name + bytes(8) + (256).to_bytes(4, "big")
    key = hashlib.sha256(derived).digest()
    return header, gcm_open(key, b64(iv), protected.encode(), b64(data), b64(tag)).decode()

private, secret, text = sys.argv[1:]
header = None
if text.count(".") == 4:
    header, text = open_jwe(private, text)
    del header["epk"]
packed = text.replace("*", "+").replace("-", "/").replace("_", "=")
tls = json.loads(zlib.decompress(base64.b64decode(packed)))
userbuf = tls.get("TLS.userbuf")
signed = "TLS.identifier:%s\nTLS.sdkappid:%d\nTLS.time:%d\nTLS.expire:%d\n" % (
    tls["TLS.identifier"], tls["TLS.sdkappid"], tls["TLS.time"], tls["TLS.expire"])
signed += "TLS.userbuf:%s\n" % userbuf if userbuf else ""
mac = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
is_signed = base64.b64encode(mac).decode() == tls["TLS.sig"]
user, is_room_key = tls["TLS.identifier"], userbuf is not None
print(json.dumps({"header": header, "user": user, "signed": is_signed, "room_key": is_room_key}))
"#;

/// What the opener says of a credential; none if it cannot be opened with the key.
fn find_inside(private: &str, credential: &Value) -> Option<Value> {
    let mut opener = Command::new(python());
    opener.args(["-c", OPENER, private, SECRET, credential.as_str().unwrap()]);
    let output = opener.output().unwrap();
    serde_json::from_slice(&output.stdout).ok()
}

/// A credential of `user` with the service's signature, in a JWE with this header.
fn genuine(user: &Value, header: &Value, is_room_key: bool) -> Option<Value> {
    Some(json!({"header": header, "user": user, "signed": true, "room_key": is_room_key}))
}

fn jwk(x: &str, y: &str) -> Value {
    json!({"kty": "EC", "crv": "P-256", "x": x, "y": y})
}

fn header() -> Value {
    json!({"alg": "ECDH-ES", "enc": "A256GCM"})
}

async fn community() -> Community {
    let settings = [
        ("TRTC__SDK_APP_ID", "1400000001"),
        ("TRTC__SECRET_KEY", SECRET),
        ("TRTC__PRIVATE_MAP_KEY", "true"),
    ];
    Community::on(Running::with(&settings)).await
}

/// Status and answer of a registration with this key.
async fn register(community: &Community, login: &PhoneLogin, key: &Value) -> (u16, Value) {
    register_in("zh", community, login, key).await
}

async fn register_in(
    language: &str,
    community: &Community,
    login: &PhoneLogin,
    key: &Value,
) -> (u16, Value) {
    let bearer = format!("Bearer {}", login.token);
    let headers = [("authorization", &*bearer), ("accept-language", language)];
    let user = &login.resident_id;
    let body = json!({"user_id": user, "client_id": "mum_1", "public_key": key});
    let path = "/api/mqtt/clients/register";
    community.server.post(path, &headers, &body).await
}

async fn registered_with(community: &Community, key: &Value) -> PushPhone {
    let login = community.sign_in("mum").await;
    let (status, reply) = register(community, &login, key).await;
    assert_eq!(status, 200, "{reply}");
    connected(community, &reply).await
}

async fn connected(community: &Community, reply: &Value) -> PushPhone {
    let registration: Registration = serde_json::from_value(reply["data"].clone()).unwrap();
    let address = community.server.address();
    PushPhone::with(&address, &registration).await.unwrap()
}

#[tokio::test]
async fn a_client_with_a_key_hears_its_credentials_encrypted_and_its_neighbours_in_clear() {
    let community = community().await;
    let door = community.door().await;
    let mut key = jwk(BOB_X, BOB_Y);
    key["kid"] = json!("bob");
    let mut mum = registered_with(&community, &key).await;
    let mut dad = registered(&community, "dad", "dad_1").await;
    let mut mums_other = community.phone(&community.mum, "other").await;

    let call = door.press(HOUSEHOLD).await.unwrap().call_id;
    let sealed = offer(&mut mum).await["room_info"].clone();
    let plain = offer(&mut dad).await["room_info"].clone();
    let other = incoming(&mut mums_other).await.rtc;
    let answer = mum.act(&call, "accepted").await.unwrap().data["tencen_rtc"].clone();

    let header = json!({"alg": "ECDH-ES", "enc": "A256GCM", "kid": "bob"});
    for told in [&sealed, &answer] {
        for (field, is_room_key) in [("user_sig", false), ("private_map_key", true)] {
            let expected = genuine(&told["user_id"], &header, is_room_key);
            assert_eq!(find_inside(BOB, &told[field]), expected, "{field}");
        }
    }
    assert_eq!(find_inside(ALICE, &sealed["user_sig"]), None);
    let expected = genuine(&plain["user_id"], &Value::Null, false);
    assert_eq!(find_inside("", &plain["user_sig"]), expected);
    let expected = genuine(&json!(other.user_id), &Value::Null, false);
    assert_eq!(find_inside("", &json!(other.user_sig.as_str())), expected);
}

#[tokio::test]
async fn the_key_of_the_last_registration_counts() {
    let community = community().await;
    let door = community.door().await;
    let mut mum = registered_with(&community, &jwk(BOB_X, BOB_Y)).await;
    let login = community.sign_in("mum").await;
    let mut told = Vec::new();

    for key in [jwk(ALICE_X, ALICE_Y), Value::Null] {
        let (status, reply) = register(&community, &login, &key).await;
        assert_eq!(status, 200, "{reply}");
        let call = door.press(HOUSEHOLD).await.unwrap().call_id;
        told.push(offer(&mut mum).await["room_info"].clone());
        door.end_session(&call, None).await.unwrap();
        assert!(mum.next(crate::community::SOON).await.is_ok());
    }

    let user = &told[0]["user_id"];
    let [first, second] = [&told[0]["user_sig"], &told[1]["user_sig"]];
    assert_eq!(find_inside(ALICE, first), genuine(user, &header(), false));
    assert_eq!(find_inside("", second), genuine(user, &Value::Null, false));
}

#[tokio::test]
async fn a_key_outlives_the_server() {
    let mut community = community().await;
    let login = community.sign_in("mum").await;
    let (_, reply) = register(&community, &login, &jwk(BOB_X, BOB_Y)).await;

    community.server.kill_and_restart();

    let mut mum = connected(&community, &reply).await;
    let door = community.door().await;
    door.press(HOUSEHOLD).await.unwrap();
    let told = offer(&mut mum).await["room_info"].clone();
    let expected = genuine(&told["user_id"], &header(), false);
    assert_eq!(find_inside(BOB, &told["user_sig"]), expected);
}

#[tokio::test]
async fn what_is_no_key_is_refused_by_name_and_registers_nobody() {
    let community = community().await;
    let login = community.sign_in("mum").await;
    let chinese = "字段 public_key 必须是 P-256 公钥（JWK 对象）";
    let english = "field public_key must be a public key of P-256 (a JWK object)";
    let mut long = jwk(BOB_X, BOB_Y);
    long["kid"] = json!("x".repeat(65));

    for bad in [json!("key"), json!({}), jwk(BOB_X, ALICE_Y), long] {
        for (language, expected) in [("zh", chinese), ("en", english)] {
            let (status, reply) = register_in(language, &community, &login, &bad).await;
            let refused = json!({"code": 400, "message": expected, "data": null});
            assert_eq!((status, reply), (400, refused), "{bad}");
        }
    }

    let bearer = format!("Bearer {}", login.token);
    let status = json!({"client_id": "mum_1", "status": "active"});
    let url = format!("{}/api/mqtt/clients/status", community.server.http);
    let asked = community.server.client.put(url);
    let asked = asked
        .header("authorization", bearer)
        .body(status.to_string());
    assert_eq!(asked.send().await.unwrap().status().as_u16(), 404);
}
