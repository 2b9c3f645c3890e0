//! `koumen sim`: a party of a call against any server that speaks its document.

mod transcript;
mod ilock;
mod manner;
mod outdoor;
mod centre;
mod screen;

use clap::Subcommand;

pub(super) use manner::judge;
pub(super) use transcript::{print, print_as};

#[derive(Subcommand)]
pub(super) enum Sim {
    /// Press the button, wait for the answer, talk, hang up.
    #[command(after_help = ilock::DOOR_EXAMPLES)]
    Door(ilock::DoorArguments),
    /// Wait for a call and answer it.
    #[command(after_help = ilock::PHONE_EXAMPLES)]
    Phone(ilock::PhoneArguments),
    /// A unit at an entrance that speaks TCP: call a flat or a desk, or wait to be called.
    #[command(after_help = outdoor::EXAMPLES)]
    Outdoor(outdoor::Outdoor),
    /// A property desk that speaks TCP: wait for calls and alarms, or call.
    #[command(after_help = centre::EXAMPLES)]
    Centre(centre::Centre),
    /// A screen in a flat: join its box, then answer or call.
    #[command(after_help = screen::EXAMPLES)]
    Screen(screen::ScreenArguments),
}

impl Sim {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Door(door) => door.run().await,
            Self::Phone(phone) => phone.run().await,
            Self::Outdoor(outdoor) => outdoor.run().await,
            Self::Centre(centre) => centre.run().await,
            Self::Screen(screen) => screen.run().await,
        }
    }
}
