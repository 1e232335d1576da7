//! What an owner waits for his balance: eight callers at once, first in quiet, then while deposits are posted.
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    city::City,
    report::{line, percentile},
};

const CALLERS: usize = 8;
const EACH: usize = 50;

pub async fn run(city: &Arc<City>) {
    let mut quiet = asked(city).await;
    let (over, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let writers: Vec<_> = ["0102", "0201"]
        .map(|room| {
            let (city, over, written) = (city.clone(), over.clone(), written.clone());
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    city.deposit(room, "1.00", "supplement", None).await;
                    written.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .into();
    let mut busy = asked(city).await;
    over.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("a deposit is recorded and confirmed");
    }
    let posted = written.load(Ordering::Relaxed);
    for (name, part) in [("p50", 0.5), ("p99", 0.99)] {
        let what = format!("GET /me/houses {name}, 8 callers, {posted} deposits posted meanwhile");
        line(&what, percentile(&mut busy, part), "ms", "the same in quiet", percentile(&mut quiet, part));
    }
}

async fn asked(city: &Arc<City>) -> Vec<Duration> {
    let callers: Vec<_> = (0..CALLERS)
        .map(|_| {
            let owner = city.as_("owner").clone();
            tokio::spawn(async move {
                let mut times = Vec::with_capacity(EACH);
                for _ in 0..EACH {
                    let started = Instant::now();
                    owner.get("/me/houses").await.is(200);
                    times.push(started.elapsed());
                }
                times
            })
        })
        .collect();
    let mut times = Vec::new();
    for caller in callers {
        times.extend(caller.await.expect("every answer is 200"));
    }
    times
}
