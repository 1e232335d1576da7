//! What the actor may do to a thing now, and why not (api.md "Answers").
use linli_kernel::{Locale, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Ctx;

/// One verb that this role has at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AllowedAction {
    /// The verb, as in the operation's name.
    #[schema(example = "approve")]
    pub action: String,
    pub ok: bool,
    /// Why not: a stable code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "duty.same_person")]
    pub reason_code: Option<String>,
    /// Why not, in the language of the caller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "经办与复核不能是同一人，请由他人办理")]
    pub reason: Option<String>,
}

impl AllowedAction {
    pub fn yes(action: &str) -> AllowedAction {
        AllowedAction { action: action.to_owned(), ok: true, reason_code: None, reason: None }
    }
    pub fn no(action: &str, why: &Problem, locale: Locale) -> AllowedAction {
        AllowedAction {
            action: action.to_owned(),
            ok: false,
            reason_code: Some(why.code().to_owned()),
            reason: Some(why.message(locale).to_owned()),
        }
    }
    /// From the check that the verb itself makes.
    pub fn of(ctx: &Ctx, action: &str, check: Result<(), Problem>) -> AllowedAction {
        match check {
            Ok(()) => AllowedAction::yes(action),
            Err(why) => AllowedAction::no(action, &why, ctx.locale),
        }
    }
}

/// Collects the verbs of a thing in the order of its page: `Actions::of(ctx).add(perm::FILE, "file", || check()).done()`.
pub struct Actions<'a> {
    ctx: &'a Ctx,
    all: Vec<AllowedAction>,
}

impl<'a> Actions<'a> {
    pub fn of(ctx: &'a Ctx) -> Actions<'a> {
        Actions { ctx, all: Vec::new() }
    }
    /// Left out where the role has not the permission at all.
    pub fn add(mut self, permission: &str, action: &str, check: impl FnOnce() -> Result<(), Problem>) -> Actions<'a> {
        if self.ctx.may(permission) {
            self.all.push(AllowedAction::of(self.ctx, action, check()));
        }
        self
    }
    pub fn done(self) -> Vec<AllowedAction> {
        self.all
    }
}
