//! Lists that people page through (api.md "Requests").
use serde::{Deserialize, Serialize};

/// One page of a list: at most `page_size` items and how many there are in all.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// Rows that match; 10000 when there are more, then `total_is_lower_bound` is true.
    #[schema(example = 23)]
    pub total: i64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub total_is_lower_bound: bool,
}

impl<T> Page<T> {
    /// Counting is bounded: pass the count of at most 10,001 rows.
    pub fn new(items: Vec<T>, counted: i64) -> Page<T> {
        Page { items, total: counted.min(10_000), total_is_lower_bound: counted > 10_000 }
    }
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(f).collect(), total: self.total, total_is_lower_bound: self.total_is_lower_bound }
    }
}

/// `?page=` from 1, `?page_size=` 1–200, default 20.
#[derive(Clone, Copy, Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Page number, from 1.
    #[param(minimum = 1, example = 1)]
    pub page: Option<u64>,
    /// Rows a page, at most 200.
    #[param(minimum = 1, maximum = 200, example = 20)]
    pub page_size: Option<u64>,
}

impl PageQuery {
    pub fn limit(&self) -> u64 {
        self.page_size.unwrap_or(20).clamp(1, 200)
    }
    pub fn offset(&self) -> u64 {
        self.page.unwrap_or(1).clamp(1, 1_000_000).saturating_sub(1) * self.limit()
    }
}
