//! How figures of several rounds spread.

use serde::Serialize;

/// Median, the tenth and ninetieth part, and the greatest.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Spread {
    /// A tenth of the rounds had less.
    pub p10: f64,
    /// The median.
    pub p50: f64,
    /// A tenth of the rounds had more.
    pub p90: f64,
    /// The greatest.
    pub max: f64,
}

impl Spread {
    /// `None` for no figures.
    pub fn of(mut figures: Vec<f64>) -> Option<Self> {
        figures.sort_by(f64::total_cmp);
        let last = figures.len().checked_sub(1)?;
        let at = |tenths: usize| figures[last * tenths / 10];
        Some(Self { p10: at(1), p50: at(5), p90: at(9), max: figures[last] })
    }

    /// In another unit.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { p10: self.p10 * factor, p50: self.p50 * factor, p90: self.p90 * factor, max: self.max * factor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spread_takes_the_figures_in_order() {
        let spread = Spread::of((0..=100).rev().map(f64::from).collect()).unwrap();
        assert_eq!((spread.p10, spread.p50, spread.p90, spread.max), (10.0, 50.0, 90.0, 100.0));
        assert!(Spread::of(Vec::new()).is_none());
    }
}
