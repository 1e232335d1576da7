//! The province of the tour: two cities, each with the people of the fund's use, a project, houses, owners and money.
use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path, sync::Arc};

use anyhow::Context;
use linli_tenants::App;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::caller::{Caller, text};

/// One line of `accounts.json`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Account {
    pub tenant: Option<String>,
    pub role: String,
    pub login_name: String,
    pub password: String,
}

const CITIES: [(&str, &str, &str); 2] = [("binhai", "滨海市", "3799"), ("shanhe", "山河市", "3798")];

pub async fn province(app: &Arc<App>, router: axum::Router, file: &Path) -> anyhow::Result<()> {
    let mut accounts = Vec::new();
    let password = draw();
    linli_tenants::platform::operators::create(app, "operator", "平台运维", &password).await?;
    accounts.push(Account { tenant: None, role: "platform_operator".into(), login_name: "operator".into(), password: password.clone() });
    let platform = Caller { router, base: "/platform/api/v1".into(), token: None }.sign_in("operator", &password).await?;
    let made = CITIES.map(|(slug, name, area4)| {
        let platform = platform.clone();
        tokio::spawn(async move {
            let mut accounts = Vec::new();
            city(&platform, slug, name, area4, &mut accounts).await.with_context(|| format!("the demo city {slug}"))?;
            anyhow::Ok(accounts)
        })
    });
    for city in made {
        accounts.extend(city.await??);
    }
    // Written last and at once: its presence says that the province is whole.
    let next = file.with_extension("next");
    let mut out = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&next)?;
    out.write_all(serde_json::to_string_pretty(&accounts)?.as_bytes())?;
    out.sync_all()?;
    Ok(fs::rename(next, file)?)
}

/// A password that nobody else has.
fn draw() -> String {
    let random = linli_runtime::crypto::random_token();
    format!("Linli-{}-7a", &random[..16])
}

struct City<'a> {
    slug: &'a str,
    area4: &'a str,
    api: Caller,
    sys: Caller,
    sec: Caller,
    today: String,
}

async fn city(platform: &Caller, slug: &str, name: &str, area4: &str, accounts: &mut Vec<Account>) -> anyhow::Result<()> {
    let admin = |role: &str, name: &str| json!({ "login_name": role, "name": name, "mail": format!("{role}@{slug}.example.org") });
    let tenant = platform
        .post(
            "/tenants",
            json!({
                "slug": slug, "name": name, "area_code": format!("{area4}00000000"), "pack": slug,
                "administrators": {
                    "sys_admin": admin("sys_admin", "秦岚"), "sec_admin": admin("sec_admin", "尤刚"), "audit_admin": admin("audit_admin", "许静"),
                },
            }),
        )
        .await?;
    let api = Caller { router: platform.router.clone(), base: format!("/t/{slug}/api/v1"), token: None };
    let mut admins = Vec::new();
    for role in ["sys_admin", "sec_admin", "audit_admin"] {
        let invitations = tenant["invitations"].as_array().context("invitations")?;
        let token = invitations.iter().find(|i| i["role"] == role).and_then(|i| i["token"].as_str()).context("an invitation")?;
        let (login_name, password) = accept(&api, token).await?;
        admins.push(api.sign_in(&login_name, &password).await?);
        accounts.push(Account { tenant: Some(slug.to_owned()), role: role.into(), login_name, password });
    }
    let now = platform.get("/clock").await.ok().and_then(|c| c["now"].as_str().map(str::to_owned));
    let now = now.and_then(|n| n.parse::<linli_kernel::Timestamp>().ok());
    let today = now.map_or_else(|| linli_kernel::Clock::system().today(8), |n| n.date_at(8)).to_string();
    let (sec, sys) = (admins.remove(1), admins.remove(0));
    let city = City { slug, area4, api, sys, sec, today };
    city.fill(accounts).await
}

async fn accept(api: &Caller, token: &str) -> anyhow::Result<(String, String)> {
    let password = draw();
    let accepted = api.post("/invitations/acceptance", json!({ "token": token, "password": password })).await?;
    Ok((text(&accepted, "login_name")?, password))
}

impl City<'_> {
    fn area(&self, rest: &str) -> String {
        format!("{}{rest}", self.area4)
    }

    /// An account with a post, its invitation accepted. Nobody is signed in who has nothing to do: a password costs time.
    async fn person(
        &self,
        login: &str,
        name: &str,
        kind: &str,
        post: Option<Value>,
        identity: Option<Value>,
        accounts: &mut Vec<Account>,
    ) -> anyhow::Result<Account> {
        let mut row = json!({ "kind": kind, "login_name": login, "name": name });
        if let Some(identity) = identity {
            row["person"] = identity;
        }
        let account = self.sys.post("/accounts", row).await?;
        let mut role = "owner".to_owned();
        if let Some(mut post) = post {
            post["account_id"] = account["id"].clone();
            post["from"] = json!(self.today);
            role = text(&post, "role")?;
            let post = self.sys.post("/posts", post).await?;
            self.sec.post(&format!("/posts/{}/approval", text(&post, "id")?), json!({})).await?;
        }
        let (login_name, password) = accept(&self.api, &text(&account, "invitation/token")?).await?;
        let account = Account { tenant: Some(self.slug.to_owned()), role, login_name, password };
        accounts.push(account.clone());
        Ok(account)
    }

    async fn fill(&self, accounts: &mut Vec<Account>) -> anyhow::Result<()> {
        let city = json!({ "scope_kind": "area", "area_code": self.area("00000000") });
        let whole = json!({ "scope_kind": "tenant" });
        let none = json!({ "scope_kind": "none" });
        let street = json!({ "scope_kind": "area", "area_code": self.area("01001000") });
        let district = json!({ "scope_kind": "area", "area_code": self.area("01000000") });
        let staff = [
            ("data_steward", "孙静", &city),
            ("fund_clerk", "李敏", &city),
            ("fund_reviewer", "王芳", &city),
            ("fund_approver", "赵强", &city),
            ("fund_cashier", "钱丽", &whole),
            ("fin_maker", "吴洁", &whole),
            ("fin_checker", "郑涛", &whole),
            ("fin_head", "冯军", &whole),
            ("street_officer", "陈晨", &street),
            ("district_officer", "褚燕", &district),
            ("flow_designer", "卫东", &none),
            ("rule_manager", "蒋华", &none),
        ];
        let mut callers = std::collections::BTreeMap::new();
        for (role, name, scope) in staff {
            let mut post = scope.clone();
            post["role"] = json!(role);
            let account = self.person(role, name, "official", Some(post), None, accounts).await?;
            if ["data_steward", "fund_clerk", "fund_reviewer", "fin_head"].contains(&role) {
                callers.insert(role, self.api.sign_in(&account.login_name, &account.password).await?);
            }
        }
        let (steward, clerk, reviewer) = (&callers["data_steward"], &callers["fund_clerk"], &callers["fund_reviewer"]);
        let company = json!({
            "name": "海晏物业服务有限公司", "uscc": uscc(&format!("91{}01", self.area4)), "trades": ["property"], "origin": "local",
            "legal_rep": "沈海", "area_code": self.area("01000000"),
        });
        let company = text(&steward.post("/property/companies", company).await?, "id")?;
        let code = self.area("01200012");
        let project = json!({
            "code": code, "name": "悦海花园", "kind": "residential", "address": "海滨路18号", "area_code": self.area("01001001"),
            "management_mode": "company", "company_id": company,
        });
        let project = text(&steward.post("/property/projects", project).await?, "id")?;
        let bank = json!({
            "pool_code": "01", "bank": "BOC", "number": format!("{}010001000123", self.area4), "holder_name": "维修资金专户", "kind": "demand",
            "connector": "simulator", "opened_on": "2024-01-02",
        });
        let bank = text(&callers["fin_head"].post("/ledger/bank-accounts", bank).await?, "id")?;
        clerk
            .post("/fund/projects", json!({ "project_id": project, "pool_code": "01", "bank_account_id": bank, "management": "trust" }))
            .await?;
        for (code, class, value) in [("A-LIFT", "lift", "120.00"), ("A-STAIR", "stairs", "80.00")] {
            let standard = json!({
                "code": code, "area_code": self.area("00000000"), "nature": "commodity", "building_class": class, "basis": "area", "value": value,
                "from": "2020-01-01", "document_no": "建发〔2020〕3号",
            });
            let standard = text(&clerk.post("/fund/standards", standard).await?, "id")?;
            reviewer.post(&format!("/fund/standards/{standard}/approval"), json!({})).await?;
        }
        let houses = houses();
        self.import(clerk, steward, "T1", "houses.csv", table_of_houses(&code, &houses), json!({})).await?;
        let deposits = table_of_deposits(&houses);
        self.import(clerk, reviewer, "T2", "deposits.csv", deposits, json!({ "project_id": project, "bank_account_id": bank })).await?;
        self.people(&callers, accounts, &project, &company, &bank, &houses).await
    }

    /// Committee with its chair, manager, bank, three owners with their houses bound.
    async fn people(
        &self,
        callers: &std::collections::BTreeMap<&str, Caller>,
        accounts: &mut Vec<Account>,
        project: &str,
        company: &str,
        bank: &str,
        houses: &[House],
    ) -> anyhow::Result<()> {
        let listed = callers["fund_clerk"].get(&format!("/property/houses?project_id={project}&page_size=200")).await?;
        let code_of = |house: &House| {
            let rows = listed["items"].as_array().into_iter().flatten();
            let mut same =
                rows.filter(|r| r["building_name"] == house.building && r["unit_name"] == house.unit && r["room"] == house.room.as_str());
            same.next().and_then(|r| r["code"].as_str()).map(str::to_owned).context("a house that was imported")
        };
        let committee = json!({
            "project_id": project, "kind": "owners", "name": "悦海花园第一届业主委员会", "term_no": 1, "from": "2026-01-01", "to": "2030-12-31", "seats": 5,
            "members": [{ "name": houses[0].owner, "house_code": code_of(&houses[0])?, "duty": "chair" }],
        });
        let committee = text(&callers["data_steward"].post("/property/committees", committee).await?, "id")?;
        let post = json!({ "role": "committee_chair", "scope_kind": "committee", "committee_id": committee });
        self.person("chair", &houses[0].owner, "person", Some(post), Some(houses[0].identity()), accounts).await?;
        let post = json!({ "role": "project_manager", "scope_kind": "project", "project_id": project });
        self.person("manager", "韩经理", "person", Some(post), Some(person("韩立", 901)), accounts).await?;
        let post = json!({ "role": "company_admin", "scope_kind": "company", "company_id": company });
        self.person("company", "沈海", "person", Some(post), Some(person("沈海", 902)), accounts).await?;
        let post = json!({ "role": "bank", "scope_kind": "assigned", "subject_kind": "ledger.bank_account", "subject_id": bank });
        self.person("bank", "专户银行", "service", Some(post), None, accounts).await?;
        for (i, house) in houses[1..4].iter().enumerate() {
            let account = self.person(&format!("owner{}", i + 1), &house.owner, "person", None, Some(house.identity()), accounts).await?;
            let owner = self.api.sign_in(&account.login_name, &account.password).await?;
            let mut claim = house.identity();
            claim["house_code"] = json!(code_of(house)?);
            claim["role"] = json!("owner");
            claim.as_object_mut().context("an object")?.remove("mobile");
            owner.post("/property/bindings", claim).await?;
        }
        Ok(())
    }

    async fn import(
        &self,
        maker: &Caller,
        committer: &Caller,
        template: &str,
        name: &str,
        table: String,
        more: Value,
    ) -> anyhow::Result<()> {
        let document = maker.upload("import", name, "text/csv", table.as_bytes()).await?;
        let mut body = json!({ "template": template, "document_id": document, "business_date": self.today, "row_policy": "all" });
        for (key, value) in more.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        let made = maker.post("/fund/imports", body).await?;
        maker.job(&text(&made, "job/id")?).await?;
        let import = text(&made, "import/id")?;
        let made = committer.post(&format!("/fund/imports/{import}/commit"), json!({})).await?;
        committer.job(&text(&made, "job/id")?).await
    }
}

struct House {
    building: &'static str,
    unit: &'static str,
    floor: u32,
    room: String,
    area: String,
    owner: String,
    number: usize,
}

impl House {
    fn identity(&self) -> Value {
        person(&self.owner, self.number)
    }
}

/// A made-up person; the number has a right check character and belongs to nobody (order of a day in 1980).
fn person(name: &str, number: usize) -> Value {
    json!({ "name": name, "id_type": "resident_id", "id_number": id_number(number), "mobile": format!("1390000{number:04}") })
}

const FAMILY: [&str; 12] = ["曹", "胡", "邓", "周", "韩", "宋", "陆", "许", "何", "吕", "施", "张"];
const GIVEN: [&str; 10] = ["玉", "平", "超", "勇", "梅", "青", "远", "宁", "岚", "川"];

/// Two buildings with a lift, two staircases of six floors and three rooms a floor.
fn houses() -> Vec<House> {
    let mut all = Vec::new();
    for building in ["1", "2"] {
        for unit in ["1", "2"] {
            for floor in 1..=6 {
                for room in 1..=3_u32 {
                    let n = all.len();
                    let hundredths = 7_000 + (n as u64 * 977) % 7_500;
                    all.push(House {
                        building,
                        unit,
                        floor,
                        room: format!("{floor:02}{room:02}"),
                        area: format!("{}.{:02}", hundredths / 100, hundredths % 100),
                        owner: format!("{}{}{}", FAMILY[n % 12], GIVEN[n % 10], GIVEN[(n / 12 + 3) % 10]),
                        number: n,
                    });
                }
            }
        }
    }
    all
}

fn table_of_houses(code: &str, houses: &[House]) -> String {
    let mut table = String::from(
        "小区编码,楼栋号,单元,楼层,房号,建筑面积,套内面积,公摊面积,房屋用途,房屋性质,有无电梯,销售价格,合同编号,不动产单元号,业主姓名,证件类型,证件号码,手机,交存标准代码,备注\n",
    );
    for h in houses {
        table.push_str(&format!(
            "{code},{},{},{},{},{},,,住宅,商品房,有,,,,{},居民身份证,{},1390000{:04},A-LIFT,\n",
            h.building,
            h.unit,
            h.floor,
            h.room,
            h.area,
            h.owner,
            id_number(h.number),
            h.number
        ));
    }
    table
}

/// Two of three have paid, each what is due: area × 120.00.
fn table_of_deposits(houses: &[House]) -> String {
    let mut table = String::from("楼栋号,单元,楼层,房号,交存金额,到账日期,银行流水号,交款人,票据号,备注\n");
    for h in houses.iter().filter(|h| h.number < 4 || h.number % 3 != 2) {
        let hundredths: u64 = h.area.replace('.', "").parse().unwrap_or_default();
        let fen = hundredths * 120;
        table.push_str(&format!(
            "{},{},{},{},{}.{:02},2026-11-10,DEMO{:06},{},,\n",
            h.building,
            h.unit,
            h.floor,
            h.room,
            fen / 100,
            fen % 100,
            h.number,
            h.owner
        ));
    }
    table
}

fn id_number(number: usize) -> String {
    let body = format!("37990119800101{number:03}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(weights).map(|(c, w)| c.to_digit(10).unwrap_or(0) * w).sum();
    format!("{body}{}", ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][(sum % 11) as usize])
}

/// A made-up code whose check characters are right, from its first eight.
fn uscc(head: &str) -> String {
    let signs = ('0'..='9').chain('A'..='Z').collect::<Vec<char>>();
    let organisation = signs[..10]
        .iter()
        .chain(&signs[33..])
        .map(|c| format!("{head}12345678{c}"))
        .find(|c| linli_kernel::check::organisation_code_holds(&format!("{c}0")));
    let body = organisation.unwrap_or_else(|| format!("{head}123456788"));
    let found = signs.iter().map(|c| format!("{body}{c}")).find(|code| linli_kernel::check::uscc(code).is_ok());
    found.unwrap_or(body)
}
