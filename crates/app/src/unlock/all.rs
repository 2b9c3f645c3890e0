//! Opening every common door of a community, and what really became of each.

use engine::id::{CommunityId, DeviceId};
use engine::unlock::Unlock;
use futures_util::future::join_all;

use crate::failure::Failure;
use crate::principal::OperatorPrincipal;
use crate::unlock::ask::{Ask, Asker, check_key};
use crate::unlock::step::Unlocks;

/// Room for the door's id beside the key of the whole request.
const KEY_MAX: usize = 32;

impl Unlocks {
    /// Opens every door of the community that is no flat's own, all at once, each as a request of its
    /// own. What is returned is what each of them said, or that it is not known; a door that could not
    /// be asked is a failure of its own. The same key again moves nothing.
    pub async fn open_all(
        &self,
        operator: &OperatorPrincipal,
        community: CommunityId,
        key: &str,
    ) -> Result<Vec<(DeviceId, Result<Unlock, Failure>)>, Failure> {
        check_key(key)?;
        if key.len() > KEY_MAX {
            return Err(Failure::Invalid {
                field: "unlock_id",
                problem: "must be at most 32 bytes",
            });
        }
        self.ports()
            .limit
            .take(&format!("operator:{}", operator.operator))?;
        let doors = self.store().common_doors(community).await?;
        let asking = doors.into_iter().map(|door| async {
            let ask = Ask {
                by: Asker::Operator(operator.clone()),
                key: format!("{key}@{door}"),
                call: None,
                door: Some(door.clone()),
                nonce: None,
            };
            let done = self.ask_uncounted(ask).await;
            (door, done)
        });
        Ok(join_all(asking).await)
    }
}
