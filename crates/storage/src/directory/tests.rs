//! The directory is kept as it was given, and refuses what does not fit.

use app::directory::{
    ClientRow, Community, Device, Flat, Household, Operator, Resident, RoomNaming,
};
use app::port::{AccountKind, CallStore, DirectoryStore, StaffStore, StoreFailure, StoredToken};
use app::principal::{
    Client, DoorControl, Principal, Reach, client_endpoint, door_endpoint, resident_endpoint,
};
use app::secret::{PasswordHash, SecretDigest};
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
        (town.device("east", "nowhere").await, "community"),
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
        };
        self.store.add_community(community).await
    }

    async fn flat(&self, id: &str, community: &str, number: &str) -> Result<()> {
        let flat = Flat {
            id: id.into(),
            community: community.into(),
            unit: None,
            number: number.into(),
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
            control: DoorControl::Fixed,
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

    /// As a call's step sees it.
    async fn household(&self, community: &str, number: &str) -> Option<Household> {
        let (told, heard) = std::sync::mpsc::sync_channel(1);
        let (community, number) = (community.into(), number.to_owned());
        let rule = move |facts: &mut dyn app::port::CallFacts| {
            told.send(facts.household(&community, &number)?).unwrap();
            Ok(None)
        };
        self.store.decide(Box::new(rule)).await.unwrap();
        heard.recv().unwrap()
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
