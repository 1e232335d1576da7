//! A whole program with one city over SQLite: its job loop answers the orders that are sent.
use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use linli_kernel::{Clock, JobId, Money};
use linli_tenants::{
    App, AppConfig, Pack, Ports, ProvisionStep, Report, Subject, SubjectState, background,
    platform::tenants::{Administrator, Administrators, TenantCreate, create_at_start},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;
use crate::{
    bank_accounts::{self, BankAccountCreate},
    model::{BankKind, payment_order::OrderStep},
    order::{NewOrder, Payee, StepCommand, create, step},
};

/// The thing paid for: notes what the bank said.
#[derive(Default)]
struct Paid(Mutex<Vec<(Uuid, String)>>);

#[async_trait]
impl Subject for Paid {
    fn kind(&self) -> &'static str {
        "test.payment"
    }
    async fn may_see(&self, _: &Ctx, _: Uuid) -> Result<bool, Problem> {
        Ok(true)
    }
    async fn state(&self, _: &Tx, _: Uuid) -> Result<SubjectState, Problem> {
        Err(Problem::not_found())
    }
    async fn report(&self, _: &Ctx, tx: &Tx, id: Uuid, what: &Report) -> Result<Value, Problem> {
        assert_eq!(tx.author().account, None, "the bank is nobody of the city");
        let told = match what {
            Report::Paid { bank_serial, amount, .. } => format!("paid {amount} {}", bank_serial.get(..3).unwrap_or_default()),
            Report::PaymentFailed { reason, .. } => reason.clone(),
            other => format!("{other:?}"),
        };
        self.0.lock().unwrap().push((id, told));
        Ok(json!({ "posting_no": "20261120010000001" }))
    }
}

struct InstallLedger;

#[async_trait]
impl ProvisionStep for InstallLedger {
    async fn install(&self, _: &Ctx, tx: &Tx, pack: &Pack) -> Result<(), Problem> {
        crate::install_pack(tx, std::str::from_utf8(pack.file("ledger.toml").unwrap()).unwrap()).await
    }
}

struct City {
    ctx: Ctx,
    paid: Arc<Paid>,
    folder: PathBuf,
}

impl Drop for City {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// On a Friday morning.
async fn city(demo: bool) -> City {
    let folder = std::env::temp_dir().join(format!("linli-bank-{}", Uuid::now_v7()));
    let clock = Arc::new(Clock::simulated("2026-11-20T01:00:00Z".parse().unwrap()));
    let paid = Arc::new(Paid::default());
    let mut ports = Ports::default();
    ports.add_subject(paid.clone());
    ports.provision = vec![Arc::new(InstallLedger)];
    ports.add_job(Arc::new(BankSimulator));
    let config = AppConfig { demo, ..AppConfig::embedded(&folder, "http://127.0.0.1:8080", clock) };
    let app = App::start(config, ports).await.unwrap();
    let head = app.packs.list().into_iter().next().expect("a shipped pack");
    let admin = |login: &str| Administrator { login_name: login.into(), name: login.into(), mail: None };
    let new = TenantCreate {
        slug: "test-city".into(),
        name: head.name,
        area_code: head.area_code,
        pack: head.code,
        database: None,
        administrators: Administrators { sys_admin: admin("sys"), sec_admin: admin("sec"), audit_admin: admin("aud") },
    };
    create_at_start(&app, new).await.unwrap();
    let tenant = app.tenant("test-city").await.unwrap();
    City { ctx: Ctx::system(&app, &tenant, "test"), paid, folder }
}

impl City {
    async fn bank(&self, connector: Connector) -> Result<linli_kernel::BankAccountId, Problem> {
        let cmd = BankAccountCreate {
            pool_code: "01".into(),
            bank: "BOC".into(),
            number: "3799010001000123".into(),
            holder_name: "维修资金专户".into(),
            kind: BankKind::Demand,
            connector,
            opened_on: "2024-01-02".parse().unwrap(),
        };
        Ok(bank_accounts::create(&self.ctx, &Key::default(), cmd).await?.id)
    }
    /// An order to this payee, on its way to the bank; with its subject.
    async fn sent(&self, bank: linli_kernel::BankAccountId, account_number: &str) -> (PaymentOrderId, Uuid) {
        let (ctx, subject) = (&self.ctx, Uuid::now_v7());
        let payee =
            Payee { name: "华东电梯工程有限公司".into(), uscc: None, bank: "CCB".into(), account_number: account_number.into() };
        let new = NewOrder {
            payee,
            bank_account_id: bank,
            amount: Money(6_172_839),
            subject_kind: "test.payment",
            subject_id: subject,
            scope: ScopeIds::default(),
            purpose: "电梯更新首付款".into(),
        };
        let id = ctx.tx("test.order", &Key::default(), async |tx| create(ctx, tx, new).await).await.unwrap().id;
        for s in [OrderStep::Check, OrderStep::Sign, OrderStep::Send] {
            step(ctx, &Key::default(), id, s, StepCommand::default()).await.unwrap();
        }
        (id, subject)
    }
    async fn order(&self, id: PaymentOrderId) -> payment_order::Model {
        self.ctx.get::<payment_order::Entity>(self.ctx.conn(), id).await.unwrap()
    }
    fn told(&self, subject: Uuid) -> Vec<String> {
        self.paid.0.lock().unwrap().iter().filter(|(id, _)| *id == subject).map(|(_, told)| told.clone()).collect()
    }
    async fn until_settled(&self, id: PaymentOrderId) -> payment_order::Model {
        for _ in 0..200 {
            let order = self.order(id).await;
            if order.state != OrderState::Sent {
                return order;
            }
            // the job loop runs beside the test and tells nobody when it is done
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the simulated bank did not answer");
    }
    fn pass_to(&self, instant: &str) {
        self.ctx.app.clock.advance(instant.parse().unwrap()).unwrap();
    }
}

#[test]
fn the_end_of_the_account_number_decides() {
    for (number, expected) in [
        ("31001588880050000000", Behaviour::Refuses),
        ("31001588880050009999", Behaviour::Returns),
        ("31001588880050008888", Behaviour::PaysTwice),
        ("31001588880050007777", Behaviour::PaysLate),
        ("31001588880050001234", Behaviour::Pays),
        ("700000", Behaviour::Refuses),
        ("", Behaviour::Pays),
    ] {
        assert_eq!(Behaviour::of(number), expected, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_simulated_bank_pays_refuses_returns_confirms_twice_and_late() {
    let c = city(true).await;
    let bank = c.bank(Connector::Simulator).await.unwrap();
    let mut orders = Vec::new();
    for end in ["1234", "0000", "9999", "8888", "7777"] {
        orders.push(c.sent(bank, &format!("3100158888005000{end}")).await);
    }
    let loops = background::spawn(c.ctx.app.clone());
    c.pass_to("2026-11-20T01:01:00Z");
    for (n, state, told) in [
        (0, OrderState::Paid, "paid 61728.39 SIM"),
        (1, OrderState::Failed, "账号户名不符"),
        (2, OrderState::Returned, "收款账户已销户，退汇"),
        (3, OrderState::Paid, "paid 61728.39 SIM"),
    ] {
        let order = c.until_settled(orders[n].0).await;
        assert_eq!(order.state, state);
        assert_eq!(order.bank_serial, Some(format!("SIM{}", order.order_no)));
        assert_eq!(c.told(orders[n].1), [told]);
    }
    // The late one waits over the weekend, until Monday at nine in China.
    let (late, subject) = orders[4];
    c.pass_to("2026-11-23T00:58:00Z");
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(c.order(late).await.state, OrderState::Sent);
    c.pass_to("2026-11-23T01:00:01Z");
    let order = c.until_settled(late).await;
    assert_eq!((order.state, order.bank_date.map(|d| d.to_string())), (OrderState::Paid, Some("2026-11-23".into())));
    assert_eq!(c.told(subject), ["paid 61728.39 SIM"]);
    loops.abort();
}

struct Again(Value);

#[async_trait]
impl JobRun for Again {
    fn id(&self) -> JobId {
        JobId::new()
    }
    fn payload(&self) -> &Value {
        &self.0
    }
    async fn progress(&self, _: i64, _: i64, _: i64) -> Result<(), Problem> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_that_died_after_its_answer_pays_nothing_twice() {
    let c = city(true).await;
    let bank = c.bank(Connector::Simulator).await.unwrap();
    for end in ["1234", "8888", "0000"] {
        let (id, subject) = c.sent(bank, &format!("3100158888005000{end}")).await;
        let job = Again(json!({ "payment_order_id": id }));
        // Two at once, then one on another day: as after a kill, and as two replicas.
        let (a, b) = tokio::join!(BankSimulator.run(&c.ctx, &job), BankSimulator.run(&c.ctx, &job));
        a.unwrap();
        b.unwrap();
        c.ctx.app.clock.advance(c.ctx.now().plus_seconds(86_400)).unwrap();
        BankSimulator.run(&c.ctx, &job).await.unwrap();
        assert_eq!(c.told(subject).len(), 1, "{end}");
    }
    // Where a person was the bank, the simulator keeps quiet.
    let (id, subject) = c.sent(bank, "31001588880050001234").await;
    let order = c.order(id).await;
    let cmd = BankConfirmation {
        order_no: order.order_no,
        status: ConfirmationStatus::Paid,
        amount: order.amount,
        bank_serial: "P1".into(),
        bank_date: c.ctx.today(),
        reason: None,
    };
    confirm(&c.ctx, &Key::default(), cmd).await.unwrap();
    BankSimulator.run(&c.ctx, &Again(json!({ "payment_order_id": id }))).await.unwrap();
    assert_eq!((c.order(id).await.bank_serial.as_deref(), c.told(subject).len()), (Some("P1"), 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_production_city_has_no_simulated_bank() {
    let c = city(false).await;
    let refused = c.bank(Connector::Simulator).await.unwrap_err();
    assert_eq!(refused.status(), 422);
    assert_eq!(refused.errors()[0].pointer, "/connector");
    let bank = c.bank(Connector::Callback).await.unwrap();
    let (id, _) = c.sent(bank, "31001588880050001234").await;
    let left = BankSimulator.run(&c.ctx, &Again(json!({ "payment_order_id": id }))).await.unwrap_err();
    assert_eq!(left.code(), "ledger.bank.no_simulator");
    assert_eq!(c.order(id).await.state, OrderState::Sent);
}
