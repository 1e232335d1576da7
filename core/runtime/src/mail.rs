//! 邮件: to a folder as `.eml` files, or by SMTP. Only jobs send: never inside a business transaction.
use std::path::PathBuf;

use async_trait::async_trait;
use lettre::{
    AsyncFileTransport, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};
use linli_kernel::Problem;

/// One mail in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub body: String,
    /// Unique part of the Message-ID: the same id is the same mail, so that a retry is no second one for the reader.
    pub id: String,
}

/// Hands a mail over.
#[async_trait]
pub trait Mailer: Send + Sync {
    async fn send(&self, mail: &Mail) -> Result<(), Problem>;
}

fn message(from: &Mailbox, mail: &Mail) -> Result<Message, Problem> {
    let to: Mailbox = mail.to.parse().map_err(|_| Problem::new(422, "mail.address", "邮箱地址无效", "The mail address is invalid"))?;
    Message::builder()
        .from(from.clone())
        .to(to)
        .subject(mail.subject.as_str())
        .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.clone())
        .map_err(Problem::internal)
}

fn sender(from: &str) -> Result<Mailbox, Problem> {
    from.parse().map_err(|e| Problem::internal(format!("sender's address {from}: {e}")))
}

/// Writes each mail as a file into a folder, which is made when the first one comes.
pub struct FolderMailer {
    folder: PathBuf,
    from: Mailbox,
}

impl FolderMailer {
    /// `from`: `邻里监管 <no-reply@example.org>`.
    pub fn new(folder: impl Into<PathBuf>, from: &str) -> Result<FolderMailer, Problem> {
        Ok(FolderMailer { folder: folder.into(), from: sender(from)? })
    }
}

#[async_trait]
impl Mailer for FolderMailer {
    async fn send(&self, mail: &Mail) -> Result<(), Problem> {
        let message = message(&self.from, mail)?;
        let away = |e: String| Problem::unavailable("邮件", e);
        tokio::fs::create_dir_all(&self.folder).await.map_err(|e| away(e.to_string()))?;
        let transport = AsyncFileTransport::<Tokio1Executor>::new(&self.folder);
        transport.send(message).await.map_err(|e| away(e.to_string()))?;
        Ok(())
    }
}

/// How the connection to the mail server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// Only for a server on the same machine.
    Off,
    StartTls,
    /// From the first byte (port 465).
    Tls,
}

/// How to reach a mail server.
#[derive(Clone)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    /// PEM of a city's own certificate authority; then no other is trusted.
    pub ca_pem: Option<Vec<u8>>,
    pub login: Option<(String, String)>,
    /// `邻里监管 <no-reply@example.org>`.
    pub from: String,
}

/// Sends by SMTP with a small pool.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl SmtpMailer {
    pub fn new(settings: SmtpSettings) -> Result<SmtpMailer, Problem> {
        let mut tls = TlsParameters::builder(settings.host.clone());
        if let Some(pem) = &settings.ca_pem {
            let ca = Certificate::from_pem(pem).map_err(|e| Problem::internal(format!("mail server's CA: {e}")))?;
            tls = tls.certificate_store(CertificateStore::None).add_root_certificate(ca);
        }
        let tls = match settings.tls {
            MailTls::Off => Tls::None,
            MailTls::StartTls => Tls::Required(tls.build().map_err(Problem::internal)?),
            MailTls::Tls => Tls::Wrapper(tls.build().map_err(Problem::internal)?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&settings.host).port(settings.port).tls(tls);
        if let Some((user, password)) = settings.login {
            builder = builder.credentials(Credentials::new(user, password));
        }
        Ok(SmtpMailer { transport: builder.build(), from: sender(&settings.from)? })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &Mail) -> Result<(), Problem> {
        let message = message(&self.from, mail)?;
        self.transport.send(message).await.map_err(|e| Problem::unavailable("邮件", e))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
