//! A third city is files alone: a pack with a flow of other nodes, a rule with other parameters and another cap takes a case to
//! `filed`, and not a line of Rust knows its name.
use std::{fs, path::Path};

use serde_json::json;

use crate::{
    city::{City, Plan},
    server::{Server, Store},
    whole_case::{BUDGET, contracted, publicised, reviewed, scheme_ready},
};

const NAMED: Plan<'static> = Plan { pack: "linhu", area4: "3799", slug: "linhu" };

const FLOW: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:linli="https://linli.cn/bpmn" targetNamespace="https://linli.cn/packs">
  <process id="fund-use" name="维修资金使用" isExecutable="true">
    <startEvent id="start"/>
    <serviceTask id="accept" name="受理" linli:topic="fund.use.accept"/>
    <userTask id="one_desk" name="一窗办理" linli:poolRole="fund_reviewer" linli:poolOrg="city" linli:policy="single"/>
    <serviceTask id="hold" name="冻结" linli:topic="fund.use.hold"/>
    <endEvent id="end"/>
    <sequenceFlow id="f1" sourceRef="start" targetRef="accept"/>
    <sequenceFlow id="f2" sourceRef="accept" targetRef="one_desk"/>
    <sequenceFlow id="f3" sourceRef="one_desk" targetRef="hold"/>
    <sequenceFlow id="f4" sourceRef="hold" targetRef="end"/>
  </process>
</definitions>
"#;

/// City one's files with another name, flow and cap.
fn write_pack(data: &Path) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tenants/packs/binhai");
    let to = data.join("packs/linhu");
    copy(&from, &to);
    for file in ["pack.toml", "settings.toml"] {
        if let Ok(text) = fs::read_to_string(to.join(file)) {
            let text = text.replace("binhai", "linhu").replace("滨海市", "临湖市");
            let text = text.replace("\"fund.advance_cap_percent\" = 50", "\"fund.advance_cap_percent\" = 40");
            fs::write(to.join(file), text).expect("our own folder");
        }
    }
    fs::write(to.join("flows/fund-use.bpmn"), FLOW).expect("our own folder");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("our own folder");
    for entry in fs::read_dir(from).expect("a pack").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() { copy(&entry.path(), &target) } else { fs::copy(entry.path(), target).map(|_| ()).expect("a file") }
    }
}

#[tokio::test]
async fn a_pack_of_files_takes_a_case_to_filed_by_its_own_flow_and_cap() {
    let server = Server::start_with(Store::Sqlite, write_pack).await;
    let city = City::with_houses(&server, NAMED).await;
    let path = scheme_ready(&city, "roof", BUDGET).await;
    city.as_("chair").post(&format!("{path}/allocation"), json!({})).await.is(200);
    publicised(&city, &path).await;
    reviewed(&city, &path, &[("fund_reviewer", "one_desk")]).await;
    contracted(&city, &path, BUDGET).await;
    let paper = city.paper("chair", "progress_proof").await;
    let over = json!({ "kind": "advance", "amount": "49382.72", "document_ids": [paper] });
    city.as_("chair").post(&format!("{path}/payments"), over).await.refused(422, "fund.use.over_advance_cap");
}
