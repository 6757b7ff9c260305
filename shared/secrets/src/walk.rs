//! Reads everything under a prefix: page after page, and several parts at once if there are many pages.
//!
//! A page takes about 0.3 s and gives the token of the next one, so one walk reads 10,000 secrets in the 150 seconds that a sweep
//! lists for. Only a longer prefix gives another place to begin, and how the names begin is known only from the names.

use std::future::Future;

use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt as _, StreamExt as _};

/// Pages of a prefix after which it is read in parts. The parts bring the content of these pages again: with fewer pages, more
/// is read twice; with more, the parts begin later. 60 pages take 18 seconds, and a sweep lists as many in one pass.
const BEFORE_PARTS: usize = 60;

/// Parts at once.
const AT_ONCE: usize = 8;

/// The characters that a name may have after a prefix: those of apps and grants, and what separates them.
const FOLLOWING: &str = "-/0123456789abcdefghijklmnopqrstuvwxyz";

/// Secrets, a page of those with one prefix at a time.
pub trait PagesByPrefix: Sync {
    /// Why a page cannot be read. It ends the walk.
    type Error: Send;

    /// Reads the page of `prefix` that `next` leads to, the first one without it.
    fn page(&self, prefix: &str, next: Option<String>)
    -> impl Future<Output = Result<PageOfNames, Self::Error>> + Send;

    /// Reads the secrets of these names, as far as there are any.
    fn named(&self, names: &[String]) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// The part of a page's answer that decides how its walk goes on.
#[derive(Debug, Default)]
pub struct PageOfNames {
    /// The token of the next page; `None` on the last one.
    pub next: Option<String>,
    /// The common beginning of the names on the page.
    pub beginning: Beginning,
}

/// The longest beginning that some names have in common; none if there are no names.
#[derive(Debug, Default, Clone)]
pub struct Beginning(Option<String>);

impl Beginning {
    /// Adds a name.
    pub fn add(&mut self, name: &str) {
        match &mut self.0 {
            None => self.0 = Some(name.to_owned()),
            Some(shared) => {
                let difference = shared.char_indices().zip(name.chars()).find(|((_, one), other)| one != other);
                match difference {
                    Some(((at, _), _)) => shared.truncate(at),
                    None => shared.truncate(name.len()),
                }
            }
        }
    }
}

/// Reads each secret under `prefix`, some of them twice.
pub async fn walk<P: PagesByPrefix>(pages: &P, prefix: &str) -> Result<(), P::Error> {
    let mut waiting = vec![prefix.to_owned()];
    let mut running = FuturesUnordered::new();
    loop {
        while running.len() < AT_ONCE
            && let Some(prefix) = waiting.pop()
        {
            // Boxed: what waits for a walk would otherwise have a type too deep for the compiler.
            running.push(async move { walk_alone(pages, &prefix).await }.boxed());
        }
        match running.next().await {
            None => return Ok(()),
            Some(parts) => waiting.extend(parts?),
        }
    }
}

/// Reads the pages of one prefix; of a long one the first pages, and the secrets that belong to no part. Returns the parts that
/// are left to read.
async fn walk_alone<P: PagesByPrefix>(pages: &P, prefix: &str) -> Result<Vec<String>, P::Error> {
    let mut next = None;
    let mut beginning = Beginning::default();
    for _ in 0..BEFORE_PARTS {
        let page = pages.page(prefix, next).await?;
        if page.next.is_none() {
            return Ok(Vec::new());
        }
        next = page.next;
        if let Some(shared) = &page.beginning.0 {
            beginning.add(shared);
        }
    }
    // A service may return other names as well.
    let beginning = beginning.0.filter(|shared| shared.starts_with(prefix)).unwrap_or_else(|| prefix.to_owned());
    pages.named(&stems(prefix, &beginning).map(str::to_owned).collect::<Vec<_>>()).await?;
    Ok(parts(prefix, &beginning))
}

/// From `prefix` on to `beginning`, each a character longer than the one before.
fn stems<'a>(prefix: &'a str, beginning: &'a str) -> impl Iterator<Item = &'a str> {
    (prefix.len()..=beginning.len()).filter_map(|end| beginning.get(..end))
}

/// The parts of `prefix`: one for each character that may follow after `beginning`, and those that leave it earlier.
fn parts(prefix: &str, beginning: &str) -> Vec<String> {
    let following = |stem: &str| FOLLOWING.chars().map(|next| format!("{stem}{next}")).collect::<Vec<_>>();
    let parts = stems(prefix, beginning).flat_map(following);
    parts.filter(|part| !beginning.starts_with(part)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::convert::Infallible;
    use std::sync::Mutex;

    use proptest::collection::btree_set;
    use proptest::prelude::*;

    use super::*;

    /// Names in no order that a caller could use, as Secrets Manager lists them.
    struct FakePages {
        names: Vec<String>,
        page: usize,
        read: Mutex<BTreeSet<String>>,
        asked: Mutex<Vec<String>>,
    }

    impl FakePages {
        fn of(names: impl IntoIterator<Item = String>, page: usize) -> Self {
            let names = names.into_iter().collect();
            Self { names, page, read: Mutex::default(), asked: Mutex::default() }
        }

        fn asked(&self) -> usize {
            self.asked.lock().unwrap().len()
        }

        async fn walk(&self, prefix: &str) -> BTreeSet<String> {
            let Ok(()) = walk(self, prefix).await;
            self.read.lock().unwrap().clone()
        }
    }

    impl PagesByPrefix for FakePages {
        type Error = Infallible;

        async fn page(&self, prefix: &str, next: Option<String>) -> Result<PageOfNames, Infallible> {
            self.asked.lock().unwrap().push(prefix.to_owned());
            let start: usize = next.map_or(0, |next| next.parse().unwrap());
            let under: Vec<&String> = self.names.iter().filter(|name| name.starts_with(prefix)).collect();
            let end = under.len().min(start + self.page);
            let mut page = PageOfNames { next: (end < under.len()).then(|| end.to_string()), ..PageOfNames::default() };
            for name in &under[start..end] {
                page.beginning.add(name);
                self.read.lock().unwrap().insert((*name).clone());
            }
            Ok(page)
        }

        async fn named(&self, names: &[String]) -> Result<(), Infallible> {
            self.read.lock().unwrap().extend(self.names.iter().filter(|known| names.contains(known)).cloned());
            Ok(())
        }
    }

    fn names(count: usize) -> impl Iterator<Item = String> {
        (0..count).map(|n| format!("grants/reports/user-{n:05}"))
    }

    #[tokio::test]
    async fn few_pages_are_read_once() {
        let pages = FakePages::of(names(BEFORE_PARTS * 20), 20);
        assert_eq!(pages.walk("grants/").await.len(), BEFORE_PARTS * 20);
        assert_eq!(pages.asked(), BEFORE_PARTS);
    }

    #[tokio::test]
    async fn long_beginning_that_all_names_share_is_walked_in_parts_behind_it() {
        let pages = FakePages::of(names(20_000), 20);
        assert_eq!(pages.walk("grants/reports/").await.len(), 20_000);
        // 1,000 pages; the whole and `user-1` are long, and 38 parts follow after each character of `user-0` and `user-1`.
        assert!(pages.asked() < 1_000 + BEFORE_PARTS * 2 + 38 * 8, "{}", pages.asked());
    }

    proptest! {
        #[test]
        fn every_name_under_the_prefix_is_read_and_no_other(
            names in btree_set("[ab]{1,9}", 0..700).prop_map(Vec::from_iter).prop_shuffle(),
            prefix in "[ab]{0,2}",
        ) {
            let pages = FakePages::of(names.clone(), 1);
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let read = runtime.block_on(pages.walk(&prefix));
            let expected: BTreeSet<String> = names.into_iter().filter(|name| name.starts_with(&prefix)).collect();
            prop_assert_eq!(read, expected);
        }
    }
}
