//! What people read: messages in Chinese and English.
//!
//! Source: S0 §4 and §6, S1 §4.3 (the envelope's `message`). Chinese is the seed's language and the default.

use engine::alarm::Notice;

/// A language these paths speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    Chinese,
    English,
}

impl Language {
    /// Reads `Accept-Language`; Chinese unless English is preferred to it.
    pub(crate) fn from_header(header: Option<&str>) -> Self {
        let mut best = (Self::Chinese, 0.0_f32);
        for part in header.unwrap_or_default().split(',') {
            let mut pieces = part.split(';');
            let tag = pieces
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase();
            let quality = pieces.find_map(|piece| piece.trim().strip_prefix("q=")?.parse().ok());
            let language = match tag.split('-').next() {
                Some("zh") => Self::Chinese,
                Some("en") => Self::English,
                _ => continue,
            };
            let quality = quality.unwrap_or(1.0);
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }
}

/// Something to tell whoever asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Success,
    BodyTooLarge,
    NotJson,
    NotObject,
    Missing(&'static str),
    WrongType {
        field: &'static str,
        expected: Kind,
    },
    TooLong {
        field: &'static str,
        max: usize,
    },
    UnknownValue {
        field: &'static str,
        allowed: &'static [&'static str],
    },
    SignInFirst,
    UnknownCall,
    UnknownHousehold,
    UnknownDevice,
    UnknownClient,
    UnknownTarget(String),
    NotToSome,
    BrokerAway,
    StaleTimestamp,
    TooOften,
    NobodyThere,
    AllBusy,
    AnsweredElsewhere,
    CallEnded,
    NoLongerRinging,
    YourLineIsBusy,
    DoesNotFit,
    TooManyToRing,
    UnknownAlarm,
    AcknowledgedElsewhere,
    AlarmOver,
    UnlockUnknown,
    DoorUnreachable,
    DoorRefused,
    LocksNotMoved,
    UnlockLate,
    NeedsAlarm,
    UnlockIdTaken,
    UnknownUnlock,
    Broken,
}

/// A JSON type, for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    Printable,
    Texts,
    Object,
    Truth,
    Milliseconds,
    Priority,
    PublicKey,
}

impl Kind {
    fn chinese(self) -> &'static str {
        match self {
            Self::Text => "非空字符串",
            Self::Printable => "不含控制字符的字符串",
            Self::Texts => "字符串数组",
            Self::Object => "JSON 对象",
            Self::Truth => "布尔值",
            Self::Milliseconds => "毫秒时间戳（整数）",
            Self::Priority => "0 到 100 的整数",
            Self::PublicKey => " P-256 公钥（JWK 对象）",
        }
    }

    fn english(self) -> &'static str {
        match self {
            Self::Text => "a non-empty string",
            Self::Printable => "a string without control characters",
            Self::Texts => "a list of strings",
            Self::Object => "a JSON object",
            Self::Truth => "true or false",
            Self::Milliseconds => "a timestamp in milliseconds (an integer)",
            Self::Priority => "an integer from 0 to 100",
            Self::PublicKey => "a public key of P-256 (a JWK object)",
        }
    }
}

impl Said {
    pub(crate) fn text(&self, language: Language) -> String {
        match language {
            Language::Chinese => self.chinese(),
            Language::English => self.english(),
        }
    }

    fn chinese(&self) -> String {
        match self {
            Self::Success => "成功".into(),
            Self::BodyTooLarge => "请求体过大".into(),
            Self::NotJson => "请求体不是合法的 JSON".into(),
            Self::NotObject => "请求体必须是 JSON 对象".into(),
            Self::Missing(field) => format!("缺少字段 {field}"),
            Self::WrongType { field, expected } => {
                format!("字段 {field} 必须是{}", expected.chinese())
            }
            Self::TooLong { field, max } => format!("字段 {field} 过长，最多 {max} 字节"),
            Self::UnknownValue { field, allowed } => {
                format!("字段 {field} 的值无效，可用值：{}", allowed.join("、"))
            }
            Self::SignInFirst => "未认证或凭证无效".into(),
            Self::UnknownCall => "通话不存在".into(),
            Self::UnknownHousehold => "户号不存在".into(),
            Self::UnknownDevice => "设备不存在".into(),
            Self::UnknownClient => "客户端未注册".into(),
            Self::UnknownTarget(id) => format!("字段 target 中的 {id} 不存在"),
            Self::NotToSome => {
                "当前使用外部 MQTT 服务器，消息只能发给所有人，不能指定 target".into()
            }
            Self::BrokerAway => "MQTT 服务器暂时不可用，消息未发出".into(),
            Self::TooOften => "请求过于频繁，请稍后再试".into(),
            Self::StaleTimestamp => "字段 timestamp 与服务器时间相差过大".into(),
            Self::NobodyThere => "该户没有可呼叫的住户".into(),
            Self::AllBusy => "该户所有终端正忙".into(),
            Self::AnsweredElsewhere => "通话已在其他设备接听".into(),
            Self::CallEnded => "通话已结束".into(),
            Self::NoLongerRinging => "本终端已不再振铃".into(),
            Self::YourLineIsBusy => "本终端正在另一通话中".into(),
            Self::DoesNotFit => "该操作与当前通话状态不符".into(),
            Self::TooManyToRing => "该户终端过多，无法同时呼叫".into(),
            Self::UnknownAlarm => "报警不存在".into(),
            Self::AcknowledgedElsewhere => "报警已由他人确认".into(),
            Self::AlarmOver => "报警已结束".into(),
            Self::UnlockUnknown => "开锁指令已发出，结果未知".into(),
            Self::DoorUnreachable => "门口机不在线，未发出开锁指令".into(),
            Self::DoorRefused => "门口机拒绝开锁".into(),
            Self::LocksNotMoved => "当前 MQTT 服务器不支持远程开锁".into(),
            Self::UnlockLate => "开锁指令已过期，未发出".into(),
            Self::NeedsAlarm => "住户自有的门只能在通话中或凭有效报警打开".into(),
            Self::UnlockIdTaken => "字段 unlock_id 已用于其他门".into(),
            Self::UnknownUnlock => "本门口机没有这条开锁指令".into(),
            Self::Broken => "服务器内部错误".into(),
        }
    }

    fn english(&self) -> String {
        match self {
            Self::Success => "success".into(),
            Self::BodyTooLarge => "the request body is too large".into(),
            Self::NotJson => "the request body is not valid JSON".into(),
            Self::NotObject => "the request body must be a JSON object".into(),
            Self::Missing(field) => format!("field {field} is missing"),
            Self::WrongType { field, expected } => {
                format!("field {field} must be {}", expected.english())
            }
            Self::TooLong { field, max } => {
                format!("field {field} is too long, at most {max} bytes")
            }
            Self::UnknownValue { field, allowed } => {
                format!(
                    "field {field} has an unknown value; use one of {}",
                    allowed.join(", ")
                )
            }
            Self::SignInFirst => "no valid credentials".into(),
            Self::UnknownCall => "no such call".into(),
            Self::UnknownHousehold => "no such household number".into(),
            Self::UnknownDevice => "no such device".into(),
            Self::UnknownClient => "no such registered client".into(),
            Self::UnknownTarget(id) => format!("field target names {id}, which does not exist"),
            Self::NotToSome => {
                "over this MQTT broker, which is not ours, messages go to everyone, and not to some \
                 (field target, or an operator who manages some communities)"
                    .into()
            }
            Self::BrokerAway => "the MQTT broker is away; the message was not sent".into(),
            Self::TooOften => "too often; try again in a minute".into(),
            Self::StaleTimestamp => "field timestamp is too far from the server's time".into(),
            Self::NobodyThere => "nobody in this household can be called".into(),
            Self::AllBusy => "every endpoint of this household is busy".into(),
            Self::AnsweredElsewhere => "the call was answered on another device".into(),
            Self::CallEnded => "the call has ended".into(),
            Self::NoLongerRinging => "this endpoint no longer rings".into(),
            Self::YourLineIsBusy => "this endpoint is in another call".into(),
            Self::DoesNotFit => "this does not fit the state of the call".into(),
            Self::TooManyToRing => "the household has too many endpoints to ring at once".into(),
            Self::UnknownAlarm => "no such alarm".into(),
            Self::AcknowledgedElsewhere => "somebody else has acknowledged the alarm".into(),
            Self::AlarmOver => "the alarm is over".into(),
            Self::UnlockUnknown => "the order was sent; whether the door opened is not known".into(),
            Self::DoorUnreachable => "the door is not connected; nothing was sent".into(),
            Self::DoorRefused => "the door did not open".into(),
            Self::LocksNotMoved => {
                "over this MQTT broker, which is not ours, doors cannot be unlocked".into()
            }
            Self::UnlockLate => "the order was too old to be sent; nothing was sent".into(),
            Self::NeedsAlarm => {
                "a flat's own door opens in a call or against a live alarm only".into()
            }
            Self::UnlockIdTaken => "field unlock_id was used for another door".into(),
            Self::UnknownUnlock => "this door has no such unlock order".into(),
            Self::Broken => "internal server error".into(),
        }
    }
}

/// An alarm in one line. What arrives by MQTT is Chinese, as nobody was asked for a language.
pub(crate) fn alarm_text(notice: Notice, place: &str, going: Option<&str>) -> String {
    match notice {
        Notice::Raised => format!("报警：{place}"),
        Notice::Acknowledged => format!("报警已确认：{place}，前往：{}", going.unwrap_or_default()),
        Notice::Over => format!("报警已解除：{place}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(header: &str, expected: Language) {
        assert_eq!(Language::from_header(Some(header)), expected, "{header}");
    }

    #[test]
    fn the_preferred_language_is_spoken() {
        check("en", Language::English);
        check("en-GB,en;q=0.9", Language::English);
        check("zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese);
        check("en;q=0.5,zh;q=0.9", Language::Chinese);
        check("fr, en;q=0.1", Language::English);
    }

    #[test]
    fn chinese_is_spoken_where_nothing_is_asked() {
        assert_eq!(Language::from_header(None), Language::Chinese);
        check("fr;q=nonsense", Language::Chinese);
    }
}
