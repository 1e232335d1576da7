//! For the measurements in `tests/`: posting without a request around it.
use linli_kernel::Problem;
use linli_runtime::Tx;

use crate::{
    Posted, Posting,
    post::{Draft, write},
};

/// As [`crate::post_all`], with the city's area path instead of its context.
pub async fn post_all(tx: &Tx, home: &str, postings: Vec<Posting>) -> Result<Vec<Posted>, Problem> {
    write(tx, home, postings.into_iter().map(Draft::of).collect()).await
}
