//! A screen joins its flat. Source: S3 §3.

use std::sync::Arc;

use app::directory::BoxedDevice;

use crate::link::conversation::{Conversation, Gone, Role, profile_of};
use crate::settings::Place;
use crate::streams::stream_address;
use crate::wire::{JoinAccept, JoinFamily, Message};

impl Conversation {
    /// Lets a screen in by its token, or says why not; then it is owed what is current.
    pub(super) async fn join(&mut self, join: JoinFamily) -> Result<(), Gone> {
        let Place::Home(no) = self.place else {
            self.drop_message("not_here");
            return Ok(());
        };
        if self.role != Role::Stranger {
            self.drop_message("joined_before");
            return Ok(());
        }
        // As they are before the token is checked: who is turned away meanwhile is found later.
        let peers = self.house.ports().peers.peers();
        match self.find_screen(&join, no).await {
            Ok(screen) => {
                self.turns = peers.turns(&screen.device.id);
                self.let_in(screen, no).await
            }
            Err(reason) => {
                self.drop_message("join_rejected");
                let reason = reason.to_owned();
                self.say(Message::JoinReject { reason }).await?;
                Err(Gone)
            }
        }
    }

    async fn find_screen(
        &self,
        join: &JoinFamily,
        no: usize,
    ) -> Result<Arc<BoxedDevice>, &'static str> {
        let ports = self.house.ports();
        let found = ports.screens.by_token(&join.token).await;
        let screen = match found {
            Ok(Some(screen)) => screen,
            Ok(None) => return Err("token_invalid"),
            Err(failure) => {
                tracing::warn!(%failure, "a screen could not be let in");
                return Err("unavailable");
            }
        };
        let number = screen.flat_number.as_deref().unwrap_or_default();
        match ports.settings.serves(no, number) {
            true => Ok(screen),
            false => Err("other_box"),
        }
    }

    async fn let_in(&mut self, screen: Arc<BoxedDevice>, no: usize) -> Result<(), Gone> {
        let ports = self.house.ports();
        let media = ports.settings.boxes.get(no);
        let media = media.and_then(|own| own.home_media.as_deref());
        let accepted = JoinAccept {
            room_id: screen.flat_number.clone(),
            stream_address: media.map(stream_address),
        };
        self.socket.set_profile(profile_of(&screen));
        let registry = self.house.registry();
        registry.replace(&screen.device.endpoint(), &self.handle);
        self.device = Some(screen);
        self.role = Role::Screen;
        self.say(Message::JoinAccept(accepted)).await?;
        self.speak().await?;
        self.speak_alarms().await
    }
}
