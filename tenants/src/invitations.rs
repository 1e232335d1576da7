//! 邀请: how an account gets its first password. The token is shown once and kept only as a digest.
use std::sync::Arc;

use linli_kernel::{AccountId, InvitationId, Problem, Timestamp};
use linli_macros::Problem as ProblemEnum;
use linli_runtime::{
    Change, Key, Sql, Tx,
    crypto::{random_token, sha256_hex},
    mail::Mail,
    values,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Actor, ActorKind, App, Ctx, Tenant, password, settings};

/// A new invitation; its token is shown this once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InvitationView {
    pub id: InvitationId,
    /// Absent when a request is repeated under its key: secrets are never kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "4kT0…")]
    pub token: Option<String>,
    pub expires_at: Timestamp,
}

/// Takes an invitation and sets the first password.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationAccept {
    /// As it stood in the invitation.
    #[schema(example = "4kT0…")]
    pub token: String,
    #[schema(example = "Tide-Crane-40")]
    pub password: String,
}

/// Whose account it is, for the sign-in that follows.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InvitationAccepted {
    #[schema(example = "wang.li")]
    pub login_name: String,
}

#[derive(Debug, ProblemEnum)]
pub enum InvitationError {
    #[problem(
        410,
        "invitation.used",
        zh = "这份邀请已使用过或已作废，请联系系统管理员",
        en = "This invitation was used or withdrawn; ask the administrator"
    )]
    Used,
    #[problem(
        410,
        "invitation.expired",
        zh = "这份邀请已过期，请联系系统管理员重新邀请",
        en = "This invitation has expired; ask the administrator for a new one"
    )]
    Expired,
}

const CLOSE: &str = "update invitation set state = 'expired' where account_id = $1 and state = 'sent'";
const SEND: &str =
    "insert into invitation (id, account_id, token_digest, state, expires_at, created_at) values ($1, $2, $3, 'sent', $4, $5)";

/// Makes an invitation; earlier ones of the account end. The caller takes the token out of the view before it is kept.
pub(crate) async fn send(tx: &Tx, account: AccountId, days: i64) -> Result<InvitationView, Problem> {
    let (id, token) = (InvitationId::new(), random_token());
    let expires_at = tx.now().plus_seconds(days * 86_400);
    tx.conn().exec(CLOSE, values![account]).await?;
    tx.conn().exec(SEND, values![id, account, sha256_hex(token.as_bytes()), expires_at, tx.now()]).await?;
    Ok(InvitationView { id, token: Some(token), expires_at })
}

/// Brings an invitation by mail, beside the request: the token stands nowhere but in the mail and in the answer.
pub(crate) fn mail(app: &Arc<App>, tenant: &Tenant, to: &str, token: &str) {
    let link = format!("{}/t/{}/invitation#{token}", app.config.base_url, tenant.slug);
    let mail = Mail {
        to: to.to_owned(),
        subject: format!("{}：账号邀请", tenant.name),
        body: format!(
            "您好：\n\n您在“{}”的账号已开通，请在有效期内打开下面的链接设置口令：\n{link}\n\n如果不是您本人申请，请忽略本邮件。\n",
            tenant.name
        ),
        id: sha256_hex(token.as_bytes()),
    };
    let app = app.clone();
    tokio::spawn(async move {
        if let Err(problem) = app.mail.send(&mail).await {
            tracing::warn!(%problem, "Could not mail an invitation; it must be handed over");
        }
    });
}

#[derive(sea_orm::FromQueryResult)]
struct Found {
    id: InvitationId,
    account_id: AccountId,
    state: String,
    expires_at: Timestamp,
    login_name: String,
    account_state: String,
}

const FIND: &str = "select i.id, i.account_id, i.state, i.expires_at, a.login_name, a.state as account_state
                    from invitation i join account a on a.id = i.account_id where i.token_digest = $1";
const TAKE: &str = "update invitation set state = 'accepted', accepted_at = $2 where id = $1 and state = 'sent'";
const OPEN: &str = "update account set state = 'active', password_hash = $2, failed = 0, locked_until = null, version = version + 1
                    where id = $1 and state in ('invited', 'active', 'locked')";

/// Anybody who holds the token sets the password; once.
pub async fn accept(ctx: &Ctx, cmd: InvitationAccept) -> Result<InvitationAccepted, Problem> {
    let found: Option<Found> = ctx.conn().row(FIND, values![sha256_hex(cmd.token.as_bytes())]).await?;
    let found = found.ok_or_else(Problem::not_found)?;
    if found.state != "sent" || !matches!(found.account_state.as_str(), "invited" | "active" | "locked") {
        return Err(InvitationError::Used.into());
    }
    if found.expires_at < ctx.now() {
        return Err(InvitationError::Expired.into());
    }
    let policy = settings::text(ctx, ctx.conn(), "password.policy").await?;
    password::check(&policy, &cmd.password, &found.login_name)?;
    let turn = ctx.app.hasher.turn().await?;
    let hash = ctx.app.hasher.hash(&turn, &cmd.password).await?;
    drop(turn);
    // whoever holds the token acts as the account
    let actor = Actor { kind: ActorKind::Person, account_id: Some(found.account_id), role: "none".into(), ..ctx.actor.clone() };
    let ctx = Ctx { actor, ..ctx.clone() };
    ctx.tx("invitation.accept", &Key::default(), async |tx| {
        if tx.conn().exec(TAKE, values![found.id, tx.now()]).await? == 0 {
            return Err(InvitationError::Used.into());
        }
        tx.conn().exec(OPEN, values![found.account_id, hash.as_str()]).await?;
        let change = Change::new("invitation.accepted", "invitation", found.id).state("sent", "accepted");
        tx.event(change.data("account", found.account_id)).await?;
        Ok(InvitationAccepted { login_name: found.login_name.clone() })
    })
    .await
}
