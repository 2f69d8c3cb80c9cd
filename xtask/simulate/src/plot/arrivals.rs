//! Arrivals at the server over time, with a panel for each policy.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::{ChartBuilder, PathElement, RGBColor, Rectangle, SeriesLabelPosition};
use plotters::style::Color as _;

use super::{Area, Chart, INK, axes, broken, draw, legend, text};
use crate::policy::Policy;
use crate::record::Record;

const ACCEPTED: RGBColor = RGBColor(0x2A, 0x6F, 0xBB);
const REFUSED: RGBColor = RGBColor(0xD9, 0x5F, 0x02);

/// The time at which the plot ends.
const SECONDS: f64 = 45.0;

/// Accepted and refused arrivals in a tenth of a second.
type Bin = (u32, u32);

/// Draws the arrivals in each tenth of a second; all panels have the same scale.
pub(crate) fn arrivals(path: &Path, runs: &[(Policy, Record)], turns: &[f64]) -> Result<()> {
    let bins: Vec<_> = runs.iter().map(|(_, record)| tenths(record)).collect();
    let most = bins
        .iter()
        .flatten()
        .map(|(accepted, refused)| accepted + refused)
        .max();
    let top = f64::from(most.unwrap_or(0)) * 1.12;
    draw(path, (960, 210 * runs.len() as u32 + 50), |root| {
        let (title, rest) = root.split_vertically(44);
        let line = "Arrivals at the server in each 100 ms: 100 workers, 167 requests in each window of 10 s";
        title.draw_text(line, &text(19), (14, 14)).map_err(broken)?;
        let panels = rest.split_evenly((runs.len(), 1));
        for (nth, ((policy, record), bins)) in runs.iter().zip(&bins).enumerate() {
            let Some(area) = panels.get(nth) else {
                continue;
            };
            let caption = format!(
                "{}: {:.0} of {} requests refused in the whole job",
                policy.name(),
                record.figures.refusals,
                record.arrivals.len()
            );
            panel(area, &caption, top, turns, bins, nth == 0)?;
        }
        Ok(())
    })
}

fn panel(
    area: &Area<'_>,
    caption: &str,
    top: f64,
    turns: &[f64],
    bins: &[Bin],
    with_legend: bool,
) -> Result<()> {
    let mut chart = ChartBuilder::on(area)
        .margin_left(10)
        .margin_right(18)
        .caption(caption, text(15))
        .x_label_area_size(38)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..SECONDS, 0.0..top)
        .map_err(broken)?;
    axes(&mut chart, "seconds since the start", "requests", (12, 4))?;
    let shade = INK.mix(0.4);
    let turns = turns.iter().filter(|turn| **turn < SECONDS);
    chart
        .draw_series(turns.map(|turn| PathElement::new([(*turn, 0.0), (*turn, top)], shade)))
        .map_err(broken)?
        .label("a window turns")
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 14, y)], shade));
    bars(&mut chart, "accepted", ACCEPTED, bins, |(accepted, _)| {
        (0, accepted)
    })?;
    bars(
        &mut chart,
        "refused with 429",
        REFUSED,
        bins,
        |(accepted, refused)| (accepted, accepted + refused),
    )?;
    if with_legend {
        legend(&mut chart, SeriesLabelPosition::UpperRight)?;
    }
    Ok(())
}

/// Draws a bar for each tenth of a second; `span` returns its ends.
fn bars(
    chart: &mut Chart<'_, '_>,
    label: &str,
    shade: RGBColor,
    bins: &[Bin],
    span: impl Fn(Bin) -> (u32, u32),
) -> Result<()> {
    let bars = (0_u32..).zip(bins).filter_map(|(nth, bin)| {
        let (from, to) = span(*bin);
        let left = f64::from(nth) * 0.1;
        let corners = [(left, f64::from(from)), (left + 0.1, f64::from(to))];
        (to > from).then(|| Rectangle::new(corners, shade.filled()))
    });
    chart
        .draw_series(bars)
        .map_err(broken)?
        .label(label)
        .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 14, y + 5)], shade.filled()));
    Ok(())
}

fn tenths(record: &Record) -> Vec<Bin> {
    let mut bins = vec![(0, 0); (SECONDS * 10.0) as usize];
    for (time, was_refused) in &record.arrivals {
        if let Some((accepted, refused)) = bins.get_mut((time * 10.0) as usize) {
            *if *was_refused { refused } else { accepted } += 1;
        }
    }
    bins
}
