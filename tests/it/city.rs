//! A city with its people, a project of the seven houses of maintenance-fund E2, and money in their accounts. Made through the API.
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    client::{Answer, Client},
    server::{Server, Store},
};

pub const TODAY: &str = "2026-11-16";

/// House, area, deposit. The deposits are the available sums of E2, so that H3 is short by 4,669.54.
pub const HOUSES: [(&str, &str, &str); 7] = [
    ("0101", "89.56", "18512.34"),
    ("0102", "120.33", "25303.10"),
    ("0201", "75.08", "8511.07"),
    ("0202", "143.21", "29901.55"),
    ("0301", "98.40", "17284.00"),
    ("0302", "110.00", "22000.00"),
    ("0401", "66.66", "13709.77"),
];

/// Everything that stories need of one tenant.
pub struct City {
    pub api: Client,
    pub operator: Client,
    /// First four digits of its area code.
    pub area4: String,
    pub people: BTreeMap<String, Client>,
    pub account_ids: BTreeMap<String, String>,
    pub logins: BTreeMap<String, (String, String)>,
    pub project: String,
    pub company: String,
    pub bank: String,
    pub building: String,
    pub committee: String,
    /// room → (id, code)
    pub houses: BTreeMap<String, (String, String)>,
    base: String,
}

/// Which city, and the numbers in which it differs.
#[derive(Clone, Copy)]
pub struct Plan<'a> {
    pub pack: &'a str,
    pub area4: &'a str,
    pub slug: &'a str,
}

pub const BINHAI: Plan<'static> = Plan { pack: "binhai", area4: "3799", slug: "bin" };
pub const SHANHE: Plan<'static> = Plan { pack: "shanhe", area4: "3798", slug: "shan" };

pub async fn operator(server: &Server) -> Client {
    let (login_name, password) = server.operator();
    let client = Client::new(&format!("{}/platform/api/v1", server.base));
    let session = client.post("/sessions", json!({ "login_name": login_name, "password": password })).await.is(201);
    client.with_token(&session.text_at("/token"))
}

impl City {
    /// A tenant with officials, nothing else.
    pub async fn empty(server: &Server, plan: Plan<'_>) -> City {
        let operator = operator(server).await;
        let admin = |role: &str| json!({ "login_name": role, "name": role, "mail": format!("{role}@example.org") });
        let mut body = json!({
            "slug": plan.slug, "name": "验收市", "area_code": format!("{}00000000", plan.area4), "pack": plan.pack,
            "administrators": { "sys_admin": admin("sys_admin"), "sec_admin": admin("sec_admin"), "audit_admin": admin("audit_admin") },
        });
        if server.store == Store::Postgres {
            body["database"] = json!("postgres");
        }
        let tenant = operator.post("/tenants", body).await.is(201).has("/state", "active");
        let base = format!("{}/t/{}/api/v1", server.base, plan.slug);
        let mut city = City {
            api: Client::new(&base),
            operator,
            area4: plan.area4.to_owned(),
            people: BTreeMap::new(),
            account_ids: BTreeMap::new(),
            logins: BTreeMap::new(),
            project: String::new(),
            company: String::new(),
            bank: String::new(),
            building: String::new(),
            committee: String::new(),
            houses: BTreeMap::new(),
            base,
        };
        for invitation in tenant.body["invitations"].as_array().expect("three invitations").clone() {
            let role = invitation["role"].as_str().expect("a role").to_owned();
            city.accept(&role, invitation["token"].as_str().expect("a token")).await;
        }
        for role in ["data_steward", "fund_clerk", "fund_reviewer", "fund_approver"] {
            city.official(role, role, json!({ "scope_kind": "area", "area_code": city.area("00000000") })).await;
        }
        for role in ["fund_cashier", "fin_maker", "fin_checker", "fin_head"] {
            city.official(role, role, json!({ "scope_kind": "tenant" })).await;
        }
        let (street, district, other) = (city.area("01001000"), city.area("01000000"), city.area("02000000"));
        city.official("street_officer", "street_officer", json!({ "scope_kind": "area", "area_code": street })).await;
        city.official("district_officer", "district_officer", json!({ "scope_kind": "area", "area_code": district })).await;
        city.official("other_district", "fund_clerk", json!({ "scope_kind": "area", "area_code": other })).await;
        city
    }

    /// With the project, its seven houses, the owners' deposits, a committee with its chair, and an owner bound to house 0101.
    pub async fn with_houses(server: &Server, plan: Plan<'_>) -> City {
        let mut city = City::empty(server, plan).await;
        city.register().await;
        city.import_houses().await;
        for (room, _, amount) in HOUSES {
            city.deposit(room, amount, "first", None).await.has("/code", "MF01");
        }
        city.committee().await;
        let bank = json!({ "scope_kind": "assigned", "subject_kind": "ledger.bank_account", "subject_id": city.bank });
        city.person("bank", Some("bank"), bank, "service", None).await;
        city
    }

    pub fn area(&self, rest: &str) -> String {
        format!("{}{rest}", self.area4)
    }
    pub fn as_(&self, who: &str) -> &Client {
        self.people.get(who).unwrap_or_else(|| panic!("nobody is called {who}"))
    }
    pub fn house(&self, room: &str) -> &str {
        &self.houses[room].0
    }

    /// Moves the province's clock forward.
    pub async fn clock(&self, now: &str) {
        self.operator.put("/clock", json!({ "now": now })).await.is(200);
    }

    async fn accept(&mut self, who: &str, token: &str) {
        let password = format!("Linli-{}-9a", uuid::Uuid::now_v7().simple());
        let accepted = self.api.post("/invitations/acceptance", json!({ "token": token, "password": password })).await.is(200);
        let login_name = accepted.text_at("/login_name");
        self.logins.insert(who.to_owned(), (login_name, password));
        self.sign_in(who).await;
    }

    pub async fn sign_in(&mut self, who: &str) -> Answer {
        let (login_name, password) = self.logins[who].clone();
        let session = self.api.post("/sessions", json!({ "login_name": login_name, "password": password })).await.is(201);
        self.people.insert(who.to_owned(), self.api.with_token(&session.text_at("/token")));
        session
    }

    pub async fn official(&mut self, who: &str, role: &str, scope: Value) {
        self.person(who, Some(role), scope, "official", None).await;
    }

    /// An account with its invitation accepted and, if `role` is given, a post that two administrators made.
    pub async fn person(&mut self, who: &str, role: Option<&str>, scope: Value, kind: &str, identity: Option<Value>) {
        let mut row = json!({ "kind": kind, "login_name": format!("{who}.x"), "name": who });
        if let Some(identity) = identity {
            row["name"] = identity["name"].clone();
            row["person"] = identity;
        }
        let account = self.as_("sys_admin").post("/accounts", row).await.is(201).has("/state", "invited");
        self.account_ids.insert(who.to_owned(), account.id());
        if let Some(role) = role {
            let mut post = json!({ "account_id": account.id(), "role": role, "from": TODAY });
            for (key, value) in scope.as_object().expect("an object") {
                post[key] = value.clone();
            }
            let post = self.as_("sys_admin").post("/posts", post).await.is(201).has("/state", "proposed");
            self.as_("sec_admin").post(&format!("/posts/{}/approval", post.id()), json!({})).await.is(200).has("/state", "active");
        }
        let token = account.text_at("/invitation/token");
        self.accept(who, &token).await;
    }

    /// Company, project, bank account, the project's fund, one standard.
    pub async fn register(&mut self) {
        let company = json!({
            "name": "滨城物业服务有限公司", "uscc": uscc(&format!("91{}01", self.area4)), "trades": ["property"], "origin": "local",
            "legal_rep": "周建国", "area_code": self.area("01000000"),
        });
        self.company = self.as_("data_steward").post("/property/companies", company).await.is(201).id();
        let project = json!({
            "code": self.area("01200012"), "name": "悦海花园", "kind": "residential", "address": "海滨路18号",
            "area_code": self.area("01001001"), "management_mode": "company", "company_id": self.company,
        });
        self.project = self.as_("data_steward").post("/property/projects", project).await.is(201).has("/state", "normal").id();
        let bank = json!({
            "pool_code": "01", "bank": "BOC", "number": "3799010001000123", "holder_name": "维修资金专户", "kind": "demand",
            "connector": "callback", "opened_on": "2024-01-02",
        });
        self.bank = self.as_("fin_head").post("/ledger/bank-accounts", bank).await.is(201).id();
        let fund = json!({ "project_id": self.project, "pool_code": "01", "bank_account_id": self.bank, "management": "trust" });
        self.as_("fund_clerk").post("/fund/projects", fund).await.is(201).has("/state", "registered");
        let standard = json!({
            "code": "A-LIFT", "area_code": self.area("00000000"), "nature": "commodity", "building_class": "lift", "basis": "area",
            "value": "300.00", "from": "2020-01-01", "document_no": "滨建〔2020〕3号",
        });
        let standard = self.as_("fund_clerk").post("/fund/standards", standard).await.is(201).id();
        self.as_("fund_reviewer").post(&format!("/fund/standards/{standard}/approval"), json!({})).await.is(200).has("/state", "active");
    }

    /// The house table as a CSV, checked by the clerk and committed by the steward.
    pub async fn import_houses(&mut self) {
        let mut csv = String::from(
            "小区编码,楼栋号,单元,楼层,房号,建筑面积,套内面积,公摊面积,房屋用途,房屋性质,有无电梯,销售价格,合同编号,不动产单元号,业主姓名,证件类型,证件号码,手机,交存标准代码,备注\n",
        );
        for (i, (room, area, _)) in HOUSES.iter().enumerate() {
            let floor = &room[1..2];
            csv.push_str(&format!(
                "{},1,1,{floor},{room},{area},,,住宅,商品房,有,,,,{},居民身份证,{},1380000000{i},A-LIFT,\n",
                self.area("01200012"),
                owner_name(i),
                owner_id(i),
            ));
        }
        let import = self.import("fund_clerk", "T1", "houses.csv", csv.into_bytes(), json!({})).await;
        assert_eq!(import.body["error_rows"], 0, "{}", import.text);
        self.commit("data_steward", &import.id()).await.has("/created/houses", HOUSES.len());
        let houses = self.as_("fund_clerk").get(&format!("/property/houses?project_id={}", self.project)).await.is(200);
        for house in houses.items() {
            let text = |key: &str| house[key].as_str().unwrap_or_else(|| panic!("{key} of {house}")).to_owned();
            self.houses.insert(text("room"), (text("id"), text("code")));
            self.building = text("building_id");
        }
        assert_eq!(self.houses.len(), HOUSES.len());
    }

    /// Uploads a file and waits for its dry run.
    pub async fn import(&self, who: &str, template: &str, name: &str, bytes: Vec<u8>, more: Value) -> Answer {
        let kind = if name.ends_with("csv") { "text/csv" } else { "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" };
        let document = self.as_(who).upload("import", name, kind, bytes).await.is(201).id();
        let mut body = json!({ "template": template, "document_id": document, "business_date": TODAY, "row_policy": "all" });
        for (key, value) in more.as_object().expect("an object") {
            body[key] = value.clone();
        }
        let made = self.as_(who).post("/fund/imports", body).await.is(202);
        self.job(who, &made.text_at("/job/id")).await;
        self.as_(who).get(&format!("/fund/imports/{}", made.text_at("/import/id"))).await.is(200).has("/state", "checked")
    }

    pub async fn commit(&self, who: &str, import: &str) -> Answer {
        let made = self.as_(who).post(&format!("/fund/imports/{import}/commit"), json!({})).await.is(202);
        self.job(who, &made.text_at("/job/id")).await;
        self.as_("fund_clerk").get(&format!("/fund/imports/{import}")).await.is(200).has("/state", "committed")
    }

    /// Waits until a job is done.
    pub async fn job(&self, who: &str, id: &str) {
        for _ in 0..600 {
            let job = self.as_(who).get(&format!("/jobs/{id}")).await.is(200);
            match job.text_at("/state").as_str() {
                "done" => return,
                "failed" | "cancelled" => panic!("the job ended badly: {}", job.text),
                _ => tokio::time::sleep(std::time::Duration::from_millis(50)).await, // a job has no end that a caller can await
            }
        }
        panic!("the job did not end in 30 s");
    }

    /// A deposit made by the clerk and confirmed by the reviewer.
    pub async fn deposit(&self, room: &str, amount: &str, kind: &str, use_id: Option<&str>) -> Answer {
        let made = self.slip(room, amount, kind, use_id).await.is(201).has("/state", "paid_pending");
        let path = format!("/fund/deposits/{}/confirmation", made.id());
        self.as_("fund_reviewer").post(&path, json!({})).await.is(200).has("/state", "posted")
    }

    pub async fn slip(&self, room: &str, amount: &str, kind: &str, use_id: Option<&str>) -> Answer {
        let mut body = json!({
            "house_id": self.house(room), "kind": kind, "amount": amount, "bank_account_id": self.bank, "bank_date": "2026-11-12",
            "bank_serial": format!("S{}", uuid::Uuid::now_v7().simple()), "payer": "业主",
        });
        if let Some(id) = use_id {
            body["use_id"] = json!(id);
        }
        self.as_("fund_clerk").post("/fund/deposits", body).await
    }

    /// The committee, its chair (owner of 0102) and the owner of 0101 with his house bound.
    pub async fn committee(&mut self) {
        let committee = json!({
            "project_id": self.project, "kind": "owners", "name": "悦海花园第一届业主委员会", "term_no": 1, "from": "2026-01-01",
            "to": "2030-12-31", "seats": 5, "members": [{ "name": owner_name(1), "house_code": self.houses["0102"].1, "duty": "chair" }],
        });
        self.committee = self.as_("data_steward").post("/property/committees", committee).await.is(201).has("/state", "filed").id();
        let scope = json!({ "scope_kind": "committee", "committee_id": self.committee });
        self.person("chair", Some("committee_chair"), scope, "person", Some(owner(1))).await;
        self.person("owner", None, json!({}), "person", Some(owner(0))).await;
        let mut claim = json!({ "house_code": self.houses["0101"].1, "role": "owner" });
        for key in ["name", "id_type", "id_number"] {
            claim[key] = owner(0)[key].clone();
        }
        self.as_("owner").post("/property/bindings", claim).await.is(201).has("/state", "bound");
    }

    /// Any small PDF as a paper of `kind`.
    pub async fn paper(&self, who: &str, kind: &str) -> String {
        let text = format!(
            "%PDF-1.4\n% {kind} {}\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Size 3/Root 1 0 R>>\n%%EOF\n",
            uuid::Uuid::now_v7()
        );
        self.as_(who).upload(kind, &format!("{kind}.pdf"), "application/pdf", text.into_bytes()).await.is(201).id()
    }

    pub async fn fund(&self) -> Answer {
        self.as_("fund_clerk").get(&format!("/fund/projects/{}", self.project)).await.is(200)
    }

    /// The base address of this tenant's API.
    pub fn base(&self) -> &str {
        &self.base
    }
}

pub fn owner_name(i: usize) -> String {
    ["曹玉", "胡平霞", "邓超超", "周勇", "韩梅", "宋青", "陆远"][i].to_owned()
}

/// An 18-digit number whose check character is right.
pub fn owner_id(i: usize) -> String {
    let body = format!("3799011980010100{i}");
    let body = format!("{body}{}", if body.len() < 17 { "1" } else { "" });
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(weights).map(|(c, w)| c.to_digit(10).expect("a digit") * w).sum();
    format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize])
}

pub fn owner(i: usize) -> Value {
    json!({ "name": owner_name(i), "id_type": "resident_id", "id_number": owner_id(i), "mobile": format!("1380000000{i}") })
}

/// A unified social credit code with right check characters, made up from its first eight.
pub fn uscc(head: &str) -> String {
    const SIGNS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let org = format!("{:08}", uuid::Uuid::now_v7().as_u128() % 100_000_000);
    let sum: u32 = org.chars().zip([3, 7, 9, 10, 5, 8, 4, 2]).map(|(c, w)| c.to_digit(10).expect("a digit") * w).sum();
    let body = format!("{head}{org}{}", ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "X", "0"][(11 - sum % 11) as usize]);
    let mut total = 0;
    let mut weight = 1;
    for c in body.chars() {
        total += SIGNS.find(c).expect("a sign of the alphabet") * weight;
        weight = weight * 3 % 31;
    }
    format!("{body}{}", SIGNS.as_bytes()[(31 - total % 31) % 31] as char)
}
