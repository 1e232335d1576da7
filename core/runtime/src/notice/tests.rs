use super::*;
use crate::testing;

fn notice(to: AccountId, key: &str) -> NewNotice {
    NewNotice {
        template: "fund.paid",
        account_id: Some(to),
        person_id: None,
        title: "维修资金已支付".into(),
        body: "1号楼电梯大修".into(),
        subject_kind: "fund.use",
        subject_id: Uuid::now_v7(),
        dedupe_key: key.into(),
    }
}

#[tokio::test]
async fn a_notice_reaches_its_recipient_once_and_orders_one_mail() {
    for (db, env) in testing::stores("notice").await {
        let (a, b) = (AccountId::new(), AccountId::new());
        testing::write(&db, &env, async |tx| send_all(tx, vec![notice(a, "x"), notice(b, "x")]).await).await.unwrap();
        testing::write(&db, &env, async |tx| send(tx, notice(a, "x")).await).await.unwrap();
        let (items, total) = inbox(db.reader(), a, None, 20, 0).await.unwrap();
        assert_eq!((items.len(), total, items[0].template.as_str()), (1, 1, "fund.paid"));
        let jobs: Option<i64> = db.reader().scalar("select count(*) as v from job where kind = 'notice.mail'", values![]).await.unwrap();
        assert_eq!(jobs, Some(1));
        assert!(to_mail(db.reader(), items[0].id).await.unwrap().is_some());
        let id = items[0].id;
        testing::write(&db, &env, async |tx| mail_attempted(tx.conn(), id, tx.now(), true, "sent").await).await.unwrap();
        assert!(to_mail(db.reader(), id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_notice_is_read_by_its_recipient_only_and_a_person_finds_his_after_he_got_an_account() {
    for (db, env) in testing::stores("notice-read").await {
        let (a, stranger, person) = (AccountId::new(), AccountId::new(), PersonId::new());
        let early = NewNotice { account_id: None, person_id: Some(person), ..notice(a, "y") };
        testing::write(&db, &env, async |tx| send(tx, early).await).await.unwrap();
        let (items, _) = inbox(db.reader(), a, Some(person), 20, 0).await.unwrap();
        let id = items[0].id;
        assert_eq!(unread(db.reader(), a, Some(person)).await.unwrap(), 1);
        assert!(!testing::write(&db, &env, async |tx| read(tx, id, stranger, None).await).await.unwrap());
        assert!(testing::write(&db, &env, async |tx| read(tx, id, a, Some(person)).await).await.unwrap());
        assert_eq!(unread(db.reader(), a, Some(person)).await.unwrap(), 0);
    }
}
