//! A call from its request to its end. Source: S3 §2.1, §2.3–2.6.
//!
//! Deviation(sid-everywhere): the document gives `call_accept` no parameters; to peers that keep to
//! it we name the call there too, so that no message can be taken for another call's.

use serde::Serialize;

use crate::wire::fault::DecodeError;
use crate::wire::fields::{Fields, ID_MAX};
use crate::wire::peer::{End, EndValues};
use crate::wire::profile::Profile;

/// `call_req`: whoever calls names the call, both ends and their streams.
///
/// ```json
/// {"sid": "c-1", "src": {"id": "2-1-1", …}, "dest": {"id": "301", …}}
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallReq {
    /// The call's name, made by the caller.
    pub sid: Option<String>,
    /// Who calls.
    pub src: End,
    /// Who is called.
    pub dest: End,
}

/// `call_reject`: the called end will not or cannot.
///
/// ```json
/// {"sid": "c-1", "reason": "line_busy", "message": "…"}     v0.4, v0.5
/// {"code": 1, "message": "…"}                               field
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallReject {
    /// Which call, if it says so.
    pub sid: Option<String>,
    /// Why. From `code`, or from a `reason` that is one of our words or a code's number.
    pub code: RejectCode,
    /// Why, for people; a `reason` that is no word of ours, if there is no `message`.
    pub message: Option<String>,
}

/// Why a call is rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum RejectCode {
    /// It says nothing, or nothing known.
    #[default]
    Undefined = 0,
    /// Its line is taken.
    LineBusy = 1,
    /// It takes no calls now.
    CallInDenied = 2,
    /// There is nobody behind it.
    AppOffline = 3,
}

/// `call_end`: either side is done, or the link to it is lost.
///
/// ```json
/// {"sid": "c-1", "reason": "…", "message": "…"}
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallEnd {
    /// Which call, if it says so.
    pub sid: Option<String>,
    /// Why, as a word.
    pub reason: Option<String>,
    /// Why, for people.
    pub message: Option<String>,
}

/// What `call_accept`, `call_keep` and `open_door` carry: `{"sid": "c-1"}`.
#[derive(Serialize)]
pub(super) struct SidValues<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct CallReqValues<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    src: EndValues<'a>,
    dest: EndValues<'a>,
}

#[derive(Serialize)]
pub(super) struct CallRejectValues<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct CallEndValues<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
}

/// Which call a message is about, if it says so.
pub(super) fn decode_sid(fields: &mut Fields) -> Result<Option<String>, DecodeError> {
    fields.text(&["sid"], ID_MAX)
}

/// For messages in which peers in the field name no call.
pub(super) fn sid_values(sid: Option<&str>, profile: Profile) -> SidValues<'_> {
    let sid = find_sid(sid, profile);
    SidValues { sid }
}

/// For messages in which everybody names the call.
pub(super) fn sid_values_for_all(sid: Option<&str>) -> SidValues<'_> {
    SidValues { sid }
}

fn find_sid(sid: Option<&str>, profile: Profile) -> Option<&str> {
    sid.filter(|_| profile.is_documented())
}

impl CallReq {
    pub(super) fn decode(mut fields: Fields) -> Result<Self, DecodeError> {
        Ok(Self {
            sid: decode_sid(&mut fields)?,
            src: End::decode(fields.nested("src")?)?,
            dest: End::decode(fields.nested("dest")?)?,
        })
    }

    pub(super) fn values(&self) -> CallReqValues<'_> {
        CallReqValues {
            sid: self.sid.as_deref(),
            src: self.src.values(),
            dest: self.dest.values(),
        }
    }
}

impl CallReject {
    pub(super) fn decode(mut fields: Fields) -> Result<Self, DecodeError> {
        let sid = decode_sid(&mut fields)?;
        let reason = fields.remark("reason");
        let code = fields.remark("code");
        let known = reason.as_deref().and_then(RejectCode::find);
        let rest = reason.filter(|_| known.is_none());
        let code = code.as_deref().and_then(RejectCode::find).or(known);
        Ok(Self {
            sid,
            code: code.unwrap_or_default(),
            message: fields.remark("message").or(rest),
        })
    }

    pub(super) fn values(&self, profile: Profile) -> CallRejectValues<'_> {
        let is_documented = profile.is_documented();
        CallRejectValues {
            sid: find_sid(self.sid.as_deref(), profile),
            code: (!is_documented).then_some(self.code as u8),
            reason: is_documented.then_some(self.code.word()),
            message: self.message.as_deref(),
        }
    }
}

impl RejectCode {
    /// Every code.
    pub const ALL: [Self; 4] = [
        Self::Undefined,
        Self::LineBusy,
        Self::CallInDenied,
        Self::AppOffline,
    ];

    /// Its word, where the document asks for a text and names none.
    pub fn word(self) -> &'static str {
        match self {
            Self::Undefined => "undefined",
            Self::LineBusy => "line_busy",
            Self::CallInDenied => "call_in_denied",
            Self::AppOffline => "app_offline",
        }
    }

    /// By its word or its number.
    fn find(text: &str) -> Option<Self> {
        let fits = |code: &Self| code.word() == text || text.parse() == Ok(*code as u8);
        Self::ALL.into_iter().find(fits)
    }
}

impl CallEnd {
    pub(super) fn decode(mut fields: Fields) -> Result<Self, DecodeError> {
        Ok(Self {
            sid: decode_sid(&mut fields)?,
            reason: fields.remark("reason"),
            message: fields.remark("message"),
        })
    }

    pub(super) fn values(&self, profile: Profile) -> CallEndValues<'_> {
        CallEndValues {
            sid: find_sid(self.sid.as_deref(), profile),
            reason: self.reason.as_deref(),
            message: self.message.as_deref(),
        }
    }
}
