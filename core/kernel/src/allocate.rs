//! 分摊: splitting a sum by weights so that not a fen is lost (maintenance-fund §2.6.4).

/// What one weight got: `share = floor + fen_added`, all in fen; `remainder` = total × weight mod Σ weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Portion {
    pub floor: i64,
    pub remainder: i64,
    /// 0 or 1.
    pub fen_added: i64,
    pub share: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllocateError {
    #[error("there is nothing to split over")]
    Empty,
    #[error("a weight is negative, or all are zero")]
    Weights,
    #[error("total × weight is out of range")]
    Overflow,
}

/// Split `total` (≥ 0 fen) over `weights` (key, weight ≥ 0), largest remainder first; one portion a weight, in the order given.
///
/// Ties: larger weight, then smaller key (byte order), so the order of the input has no effect. Σ share = total, always.
pub fn largest_remainder<K: Ord>(total: i64, weights: &[(K, i64)]) -> Result<Vec<Portion>, AllocateError> {
    if weights.is_empty() {
        return Err(AllocateError::Empty);
    }
    if total < 0 || weights.iter().any(|(_, w)| *w < 0) {
        return Err(AllocateError::Weights);
    }
    let sum: i128 = weights.iter().map(|(_, w)| i128::from(*w)).sum();
    if sum == 0 {
        return Err(AllocateError::Weights);
    }
    if sum > i128::from(i64::MAX) {
        return Err(AllocateError::Overflow); // remainders are reported as 64-bit integers
    }
    let mut portions = Vec::with_capacity(weights.len());
    let mut left = total;
    for (_, weight) in weights {
        let product = i128::from(total) * i128::from(*weight);
        // quotient ≤ total and remainder < sum ≤ i64::MAX, so both fit
        let (floor, remainder) = ((product / sum) as i64, (product % sum) as i64);
        left -= floor;
        portions.push(Portion { floor, remainder, fen_added: 0, share: floor });
    }
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_unstable_by(|&a, &b| {
        (portions[b].remainder, weights[b].1).cmp(&(portions[a].remainder, weights[a].1)).then_with(|| weights[a].0.cmp(&weights[b].0))
    });
    for &i in order.iter().take(left as usize) {
        portions[i].fen_added = 1;
        portions[i].share += 1;
    }
    Ok(portions)
}

#[cfg(test)]
mod tests;
