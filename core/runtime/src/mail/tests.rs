use super::*;
use crate::testing;

fn mail(to: &str) -> Mail {
    Mail { to: to.into(), subject: "邀请".into(), body: "请在七日内设置密码。".into(), id: "notice-1".into() }
}

#[tokio::test]
async fn a_mail_lies_in_the_folder_with_its_message_id() {
    let folder = testing::temp_dir("mail");
    let mailer = FolderMailer::new(folder.join("mail"), "邻里监管 <no-reply@linli.example>").unwrap();
    mailer.send(&mail("clerk@example.org")).await.unwrap();
    let file = std::fs::read_dir(folder.join("mail")).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("Message-ID: <notice-1@linli.example>") && text.contains("To: clerk@example.org"));
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_and_injects_no_header() {
    let mailer = FolderMailer::new(testing::temp_dir("mail-bad"), "a@b.example").unwrap();
    for to in ["nobody", "", "a@b.example\r\nBcc: all@example.org"] {
        assert_eq!(mailer.send(&mail(to)).await.unwrap_err().code(), "mail.address");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_a_503() {
    let settings =
        SmtpSettings { host: "127.0.0.1".into(), port: 9, tls: MailTls::Off, ca_pem: None, login: None, from: "a@b.example".into() };
    let mailer = SmtpMailer::new(settings).unwrap();
    assert_eq!(mailer.send(&mail("clerk@example.org")).await.unwrap_err().status(), 503);
}
