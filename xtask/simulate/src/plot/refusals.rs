//! The share of refused sends, by policy, in several scenarios.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::{ChartBuilder, Rectangle, SeriesLabelPosition};
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::{Area, Chart, axes, broken, colour, draw, legend, text};
use crate::policy::Policy;
use crate::record::Figures;
use crate::report;

/// A group of bars, and the lines written below it.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) label: [&'static str; 2],
    pub(crate) bars: Vec<(Policy, Figures)>,
}

/// The space on each side of a group, as a fraction of its width.
const GAP: f64 = 0.07;

/// Draws a bar for each policy in every group, with its value above, because a bar of 0 is invisible.
pub(crate) fn refusals(path: &Path, groups: &[Group]) -> Result<()> {
    draw(path, (1120, 470), |root| {
        let mut chart = ChartBuilder::on(root)
            .margin(12)
            .margin_right(18)
            .caption(
                "Share of all sends that the server refused with 429",
                text(19),
            )
            .x_label_area_size(58)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..groups.len() as f64, 0.0..100.0)
            .map_err(broken)?;
        axes(&mut chart, "", "percent of sends", (0, 11))?;
        let policies = groups.first().map_or(0, |group| group.bars.len());
        for nth in 0..policies {
            policy(&mut chart, groups, nth)?;
        }
        for (number, group) in groups.iter().enumerate() {
            labels(root, &chart, number as f64, group)?;
        }
        legend(&mut chart, SeriesLabelPosition::UpperRight)
    })
}

/// Draws the bars of one policy in all groups.
fn policy(chart: &mut Chart<'_, '_>, groups: &[Group], nth: usize) -> Result<()> {
    let Some((policy, _)) = groups.first().and_then(|group| group.bars.get(nth)) else {
        return Ok(());
    };
    let shade = colour(*policy);
    let bars = groups.iter().enumerate().filter_map(|(number, group)| {
        let (_, figures) = group.bars.get(nth)?;
        let width = width(group);
        let left = number as f64 + GAP + nth as f64 * width;
        let corners = [(left, 0.0), (left + width * 0.9, figures.refused)];
        Some(Rectangle::new(corners, shade.filled()))
    });
    chart
        .draw_series(bars)
        .map_err(broken)?
        .label(policy.name())
        .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 14, y + 5)], shade.filled()));
    Ok(())
}

/// Writes the values above a group's bars and its name below.
fn labels(root: &Area<'_>, chart: &Chart<'_, '_>, number: f64, group: &Group) -> Result<()> {
    let centred = Pos::new(HPos::Center, VPos::Center);
    for (nth, (_, figures)) in group.bars.iter().enumerate() {
        let middle = number + GAP + (nth as f64 + 0.45) * width(group);
        let (x, y) = chart.backend_coord(&(middle, figures.refused));
        let value = report::brief(figures.refused);
        root.draw_text(&value, &text(11).pos(centred), (x, y - 8))
            .map_err(broken)?;
    }
    let (x, y) = chart.backend_coord(&(number + 0.5, 0.0));
    for (line, words) in (0..).zip(group.label) {
        root.draw_text(words, &text(13).pos(centred), (x, y + 16 + 17 * line))
            .map_err(broken)?;
    }
    Ok(())
}

fn width(group: &Group) -> f64 {
    (1.0 - 2.0 * GAP) / group.bars.len().max(1) as f64
}
