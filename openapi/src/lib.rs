//! Assembly: the routes of every system under one document, the limits at the door, the pages.
//!
//! A request passes, from the outside in: request id and language → size → tenant from path or host → rate → routes.
mod doc;
mod http;
mod pages;
mod site;

pub use doc::document;
pub use http::service;
