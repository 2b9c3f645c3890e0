//! The directory is kept as it was given, and refuses what does not fit.

use std::time::Duration;

use app::directory::{
    CallTimes, ClientKey, ClientRow, Community, Device, DeviceKind, Flat, Household, Operator,
    PublicKey, Resident, RoomNaming,
};
use app::port::{
    AccountKind, CallFacts, CallStore, DirectoryStore, Entry, Shelf, StaffStore, StoreFailure,
    StoredToken,
};
use app::principal::{
    Client, DoorControl, Principal, Reach, client_endpoint, door_endpoint, resident_endpoint,
};
use app::secret::{PasswordHash, SecretDigest};
use engine::call::Scope;
use engine::id::{EndpointId, Hand};
use engine::time::Instant;
use tempfile::TempDir;

use crate::failure::Result;
use crate::store::Store;

#[tokio::test]
async fn a_household_rings_every_endpoint_of_every_resident() {
    let town = Town::found().await;
    town.flat("f2", "gardens", "102").await.unwrap();
    town.resident("dad", "f1").await.unwrap();
    town.resident("neighbour", "f2").await.unwrap();
    let kind = AccountKind::Resident("dad".into());
    assert!(town.add_token(1, kind, "hash of dad").await);
    town.client("tablet", "dad", 1).await;

    let household = town.household("gardens", "101").await.unwrap();

    let endpoints: Vec<_> = household.endpoints.iter().map(|e| &e.endpoint).collect();
    let tablet = client_endpoint(&client("tablet"));
    let phones = ["dad", "mum"].map(|who| resident_endpoint(&who.into()));
    assert_eq!(endpoints, [&tablet, &phones[0], &phones[1]]);
    assert_eq!(household.flat, "f1".into());
    assert!(household.endpoints[0].is_client && !household.endpoints[1].is_client);
}

#[tokio::test]
async fn a_number_is_dialled_in_its_own_community() {
    let town = Town::found().await;
    town.community("towers").await.unwrap();

    assert!(town.household("gardens", "101").await.is_some());
    assert!(town.household("towers", "101").await.is_none());
    assert!(town.household("gardens", "999").await.is_none());

    town.flat("t1", "towers", "101").await.unwrap();
    let household = town.household("towers", "101").await.unwrap();
    assert_eq!(household.flat, "t1".into());
    assert!(household.endpoints.is_empty());
}

#[tokio::test]
async fn a_token_is_good_until_it_expires() {
    let town = Town::found().await;
    town.mums_token(1).await;

    let (principal, until) = town.principal(1, 999).await.unwrap();

    let Principal::Resident(mum) = principal else {
        panic!("{principal:?}")
    };
    assert_eq!(mum.resident, "mum".into());
    assert_eq!(mum.login, Hand::from("login-1"));
    assert_eq!(until, Instant::from_ms(1000));
    assert!(town.principal(1, 1000).await.is_none());
    assert!(town.principal(2, 0).await.is_none());
}

#[tokio::test]
async fn a_token_of_an_operator_says_so() {
    let town = Town::found().await;
    town.operator("anna").await.unwrap();
    let kind = AccountKind::Operator("anna".into());
    assert!(town.add_token(1, kind, "hash of anna").await);

    let (principal, _) = town.principal(1, 0).await.unwrap();

    assert!(matches!(principal, Principal::Operator(anna) if anna.operator == "anna".into()));
}

#[tokio::test]
async fn what_is_unique_is_a_conflict_the_second_time() {
    let town = Town::found().await;
    town.operator("anna").await.unwrap();

    let seconds = [
        town.flat("f2", "gardens", "101").await,
        town.resident("mum", "f1").await,
        town.operator("anna").await,
        // Residents and operators sign in by the same names.
        town.operator("mum").await,
        town.resident("anna", "f1").await,
        town.device("north", "gardens").await,
    ];

    for (no, second) in seconds.iter().enumerate() {
        let is_conflict = matches!(second, Err(StoreFailure::Conflict { .. }));
        assert!(is_conflict, "{no}: {second:?}");
    }
}

#[tokio::test]
async fn a_sign_in_that_a_new_password_overtook_is_none() {
    let town = Town::found().await;
    town.mums_token(1).await;
    town.client("tablet", "mum", 1).await;

    let password = PasswordHash("new".to_owned());
    let changed = town.store.set_password(kind_of_mum(), password).await;
    changed.unwrap();

    assert!(!town.add_token(2, kind_of_mum(), "hash of mum").await);
    assert!(town.principal(2, 0).await.is_none());
    assert!(town.add_token(3, kind_of_mum(), "new").await);
}

#[tokio::test]
async fn a_registration_that_a_new_password_overtook_is_none() {
    let town = Town::found().await;
    town.mums_token(1).await;
    town.client("tablet", "mum", 1).await;

    let password = PasswordHash("new".to_owned());
    let changed = town.store.set_password(kind_of_mum(), password).await;
    changed.unwrap();

    // By the token, by the pass of the client, by the pass of one that was never there.
    for login in ["login-1", "tablet", "phone"] {
        let new = row("phone", "mum");
        let registered = town.store.register_client(new, login.into(), 4).await;
        assert_eq!(registered.unwrap(), None, "{login}");
    }
    let bound = town.store.bind_login("login-1".into(), client("phone"));
    assert!(!bound.await.unwrap());
    let found = town.store.find_client("mum".into(), "phone".into()).await;
    assert_eq!(found.unwrap(), None);
}

#[tokio::test]
async fn a_pass_registers_its_client_anew() {
    let town = Town::found().await;
    town.mums_token(1).await;
    town.client("tablet", "mum", 1).await;

    let again = row("tablet", "mum");
    let again = town.store.register_client(again, "tablet".into(), 4).await;

    assert_eq!(again.unwrap().unwrap().client, client("tablet"));
    let stranger = row("phone", "dad");
    let refused = town
        .store
        .register_client(stranger, "tablet".into(), 4)
        .await;
    assert_eq!(refused.unwrap(), None);
}

#[tokio::test]
async fn what_is_referred_to_must_exist() {
    let town = Town::found().await;

    let missing = [
        (town.flat("f9", "nowhere", "1").await, "community"),
        (town.resident("stranger", "f9").await, "flat"),
        (
            town.device("east", "nowhere").await,
            "community, unit or flat",
        ),
    ];

    for (refused, expected) in missing {
        let is_missing =
            matches!(&refused, Err(StoreFailure::Missing { what }) if *what == expected);
        assert!(is_missing, "{expected}: {refused:?}");
    }
}

#[tokio::test]
async fn who_could_not_be_added_cannot_sign_in() {
    let town = Town::found().await;

    town.resident("stranger", "f9").await.unwrap_err();

    let found = town.store.find_account("stranger".into()).await.unwrap();
    assert!(found.is_none());
    town.resident("stranger", "f1").await.unwrap();
}

#[tokio::test]
async fn an_account_is_found_by_its_exact_name() {
    let town = Town::found().await;

    let found = town.store.find_account("mum".into()).await.unwrap();

    let account = found.unwrap();
    assert_eq!(account.kind, AccountKind::Resident("mum".into()));
    assert_eq!(account.password.0, "hash of mum");
    let other = town.store.find_account("Mum".into()).await.unwrap();
    assert!(other.is_none());
}

#[tokio::test]
async fn a_device_is_found_with_its_secret() {
    let town = Town::found().await;

    let found = town.store.find_device("north".into()).await.unwrap();

    let (door, secret) = found.unwrap();
    assert_eq!(door.community, "gardens".into());
    assert!(secret == digest(7));
    let other = town.store.find_device("south".into()).await.unwrap();
    assert!(other.is_none());
}

#[tokio::test]
async fn a_client_that_registers_again_stays_the_same_and_takes_the_login() {
    let town = Town::found().await;
    town.mums_token(1).await;

    let first = town.client("tablet", "mum", 1).await;
    let mut again = row("tablet", "mum");
    again.client.id = "another".into();
    let again = town.store.register_client(again, "login-1".into(), 4).await;

    assert_eq!(again.unwrap().unwrap().client, first);
    let (principal, _) = town.principal(1, 0).await.unwrap();
    assert!(matches!(principal, Principal::Resident(mum) if mum.client == Some(first)));
}

#[tokio::test]
async fn a_clients_key_is_the_one_of_its_last_registration() {
    let town = Town::found().await;
    town.mums_token(1).await;
    let given = async |name: &str, key: Option<&str>| {
        let mut client = row(name, "mum");
        client.public_key = key.map(|key| PublicKey(key.into()));
        let registered = town.store.register_client(client, "login-1".into(), 4);
        registered.await.unwrap().unwrap();
        town.store.client_keys(None).await.unwrap()
    };
    let key = |name: &str, key: &str| ClientKey {
        resident: "mum".into(),
        client: client(name),
        key: PublicKey(key.into()),
    };

    assert_eq!(given("phone", None).await, []);
    assert_eq!(given("tablet", Some("a")).await, [key("tablet", "a")]);
    assert_eq!(given("tablet", Some("b")).await, [key("tablet", "b")]);
    let of = async |resident: &str| town.store.client_keys(Some(resident.into())).await;
    assert_eq!(of("mum").await.unwrap(), [key("tablet", "b")]);
    assert_eq!(of("dad").await.unwrap(), []);
    assert_eq!(given("tablet", None).await, []);
}

#[tokio::test]
async fn at_the_limit_the_client_that_registered_longest_ago_goes() {
    let town = Town::found().await;
    town.mums_token(1).await;
    let mut gone = Vec::new();
    for (no, name) in (1..).zip(["first", "second", "third"]) {
        let mut client = row(name, "mum");
        client.registered = Instant::from_ms(no);
        let registered = town
            .store
            .register_client(client, "login-1".into(), 2)
            .await;
        gone.push(registered.unwrap().unwrap().gone);
    }

    let mut left = Vec::new();
    for name in ["first", "second", "third"] {
        let found = town.store.find_client("mum".into(), name.into()).await;
        left.push(found.unwrap().is_some());
    }

    assert_eq!(left, [false, true, true]);
    assert_eq!(gone, [vec![], vec![], vec![client("first")]]);
}

#[tokio::test]
async fn an_id_stands_for_every_endpoint_behind_it() {
    let town = Town::found().await;
    town.mums_token(1).await;
    town.client("tablet", "mum", 1).await;
    let behind = async |ids: &[&str]| {
        let ids = ids.iter().map(|id| (*id).to_owned()).collect();
        town.store.endpoints_behind(ids).await.unwrap()
    };
    let door = door_endpoint(&"north".into());
    let mum = resident_endpoint(&"mum".into());
    let tablet = client_endpoint(&client("tablet"));
    let household = sorted(vec![mum.clone(), tablet.clone()]);

    assert_eq!(behind(&["north"]).await, Ok(vec![door.clone()]));
    assert_eq!(behind(&["mum"]).await, Ok(household.clone()));
    assert_eq!(behind(&["f1", "mum"]).await, Ok(household));
    let everyone = Ok(sorted(vec![door, mum, tablet]));
    assert_eq!(behind(&["gardens"]).await, everyone);
    assert_eq!(behind(&["mum", "x", "y"]).await, Err("x".to_owned()));
}

#[tokio::test]
async fn a_call_learns_the_times_of_flat_door_and_community_and_whom_declines_speak_for() {
    let town = Town::found().await;
    let (of_flat, of_door, of_community) = (times(50, 500), times(40, 400), times(30, 300));

    let edit = move |flat: &mut Flat| flat.times = of_flat;
    town.change("f1", edit).await;
    let edit = move |door: &mut Device| door.times = of_door;
    town.change("north", edit).await;
    let edit = move |community: &mut Community| {
        community.times = of_community;
        community.declines = Some(Scope::Household);
    };
    town.change("gardens", edit).await;

    let household = town.household("gardens", "101").await.unwrap();
    assert_eq!(household.times, of_flat);
    assert_eq!(household.community_times, of_community);
    assert_eq!(household.declines, Some(Scope::Household));
    let door = town.asked(|facts| facts.device(&"north".into())).await;
    assert_eq!(door.unwrap().times, of_door);
}

#[tokio::test]
async fn times_and_scope_are_kept_as_they_were_given_and_taken_away_again() {
    let town = Town::found().await;
    let given = Community {
        id: "towers".into(),
        name: "towers".into(),
        rooms: RoomNaming::Auto,
        times: times(5, 86_400),
        declines: Some(Scope::Device),
    };
    town.store.add_community(given.clone()).await.unwrap();
    let flat = Flat {
        id: "t1".into(),
        community: "towers".into(),
        unit: None,
        number: "101".into(),
        times: times(180, 60),
    };
    town.store.add_flat(flat.clone()).await.unwrap();
    let door = Device {
        id: "east".into(),
        community: "towers".into(),
        name: "east".into(),
        place: String::new(),
        kind: DeviceKind::Panel(DoorControl::Fixed),
        unit: None,
        times: CallTimes {
            talk: None,
            ..times(90, 0)
        },
    };
    town.store
        .add_device(door.clone(), digest(7))
        .await
        .unwrap();

    assert_eq!(town.find::<Community>("towers").await, given);
    assert_eq!(town.find::<Flat>("t1").await, flat);
    assert_eq!(town.find::<Device>("east").await, door);

    let nothing = CallTimes::default();
    town.change("t1", move |flat: &mut Flat| flat.times = nothing)
        .await;
    town.change("towers", |community: &mut Community| {
        community.declines = None;
    })
    .await;
    assert_eq!(town.find::<Flat>("t1").await.times, nothing);
    let towers = town.find::<Community>("towers").await;
    assert_eq!((towers.times, towers.declines), (given.times, None));
}

/// A store with a community, a flat, a resident and a door.
struct Town {
    store: Store,
    _folder: TempDir,
}

impl Town {
    async fn found() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let town = Self {
            store: Store::open(folder.path()).unwrap(),
            _folder: folder,
        };
        town.community("gardens").await.unwrap();
        town.flat("f1", "gardens", "101").await.unwrap();
        town.resident("mum", "f1").await.unwrap();
        town.device("north", "gardens").await.unwrap();
        town
    }

    async fn community(&self, id: &str) -> Result<()> {
        let community = Community {
            id: id.into(),
            name: id.into(),
            rooms: RoomNaming::Auto,
            times: CallTimes::default(),
            declines: None,
        };
        self.store.add_community(community).await
    }

    async fn flat(&self, id: &str, community: &str, number: &str) -> Result<()> {
        let flat = Flat {
            id: id.into(),
            community: community.into(),
            unit: None,
            number: number.into(),
            times: CallTimes::default(),
        };
        self.store.add_flat(flat).await
    }

    async fn resident(&self, name: &str, flat: &str) -> Result<()> {
        let resident = Resident {
            id: name.into(),
            flat: flat.into(),
            name: name.into(),
        };
        let password = PasswordHash(format!("hash of {name}"));
        self.store.add_resident(resident, password).await
    }

    async fn operator(&self, name: &str) -> Result<()> {
        let operator = Operator {
            id: name.into(),
            name: name.into(),
            reach: Reach::Everywhere,
        };
        let password = PasswordHash(format!("hash of {name}"));
        self.store.add_operator(operator, password).await
    }

    async fn device(&self, id: &str, community: &str) -> Result<()> {
        let device = Device {
            id: id.into(),
            community: community.into(),
            name: id.into(),
            place: String::new(),
            kind: DeviceKind::Panel(DoorControl::Fixed),
            unit: None,
            times: CallTimes::default(),
        };
        self.store.add_device(device, digest(7)).await
    }

    /// Adds a token that was made with this password; whether it was kept.
    async fn add_token(&self, no: u8, kind: AccountKind, password: &str) -> bool {
        let token = StoredToken {
            login: Hand::from(format!("login-{no}")),
            digest: digest(no),
            kind,
            expires: Instant::from_ms(1000),
        };
        let password = PasswordHash(password.to_owned());
        self.store.add_token(token, password).await.unwrap()
    }

    async fn mums_token(&self, no: u8) {
        let kept = self.add_token(no, kind_of_mum(), "hash of mum").await;
        assert!(kept);
    }

    async fn principal(&self, no: u8, now_ms: i64) -> Option<(Principal, Instant)> {
        let now = Instant::from_ms(now_ms);
        self.store.find_token(digest(no), now).await.unwrap()
    }

    async fn client(&self, name: &str, resident: &str, login: u8) -> Client {
        let login = Hand::from(format!("login-{login}"));
        let registered = self.store.register_client(row(name, resident), login, 4);
        registered.await.unwrap().unwrap().client
    }

    async fn household(&self, community: &str, number: &str) -> Option<Household> {
        let (community, number) = (community.into(), number.to_owned());
        self.asked(move |facts| facts.household(&community, &number))
            .await
    }

    /// As a call's step sees it.
    async fn asked<T: Send + 'static>(
        &self,
        mut ask: impl FnMut(&mut dyn CallFacts) -> Result<T> + Send + 'static,
    ) -> T {
        let (told, heard) = std::sync::mpsc::sync_channel(1);
        let rule = move |facts: &mut dyn CallFacts| {
            told.send(ask(facts)?).unwrap();
            Ok(None)
        };
        self.store.decide(Box::new(rule)).await.unwrap();
        heard.recv().unwrap()
    }

    async fn find<T: Entry>(&self, id: &str) -> T
    where
        Store: Shelf<T>,
    {
        let found = Shelf::<T>::find(&self.store, id.into()).await.unwrap();
        found.unwrap().entry
    }

    async fn change<T: Entry>(&self, id: &str, edit: impl FnOnce(&mut T) + Send + 'static)
    where
        Store: Shelf<T>,
    {
        Shelf::<T>::change(&self.store, id.into(), Box::new(edit))
            .await
            .unwrap();
    }
}

fn times(ring_s: u64, talk_s: u64) -> CallTimes {
    CallTimes {
        ring: Some(Duration::from_secs(ring_s)),
        talk: Some(Duration::from_secs(talk_s)),
    }
}

fn row(name: &str, resident: &str) -> ClientRow {
    ClientRow {
        client: client(name),
        resident: resident.into(),
        platform: "android".into(),
        device_type: "mobile".into(),
        app_version: "1.0".into(),
        push_token: String::new(),
        public_key: None,
        registered: Instant::from_ms(0),
    }
}

fn kind_of_mum() -> AccountKind {
    AccountKind::Resident("mum".into())
}

fn client(name: &str) -> Client {
    Client {
        id: format!("id-{name}"),
        name: name.into(),
    }
}

fn digest(no: u8) -> SecretDigest {
    SecretDigest([no; 32])
}

fn sorted(mut endpoints: Vec<EndpointId>) -> Vec<EndpointId> {
    endpoints.sort();
    endpoints
}
