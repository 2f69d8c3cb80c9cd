//! The share of a job that is done, over time.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::{ChartBuilder, LineSeries, PathElement, SeriesLabelPosition};
use plotters::style::{Color as _, ShapeStyle};

use super::{Chart, INK, axes, broken, colour, draw, legend, text};
use crate::fluid::Curve;
use crate::policy::Policy;
use crate::record::Record;
use crate::report;
use crate::scenario::Scenario;

/// Draws a line for each policy, above that of the ideal.
pub(crate) fn completion(
    path: &Path,
    scenario: &Scenario,
    runs: &[(Policy, Record)],
    ideal: &Curve,
) -> Result<()> {
    let end = 1.18 * ideal.end();
    let caption = format!(
        "{} calls by {} workers, {} in a window of 10 s: share done",
        scenario.calls,
        scenario.workers,
        scenario.limit(0.0)
    );
    draw(path, (960, 500), |root| {
        let mut chart = ChartBuilder::on(root)
            .margin(12)
            .margin_right(18)
            .caption(caption, text(19))
            .x_label_area_size(42)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..end, 0.0..104.0)
            .map_err(broken)?;
        axes(
            &mut chart,
            "seconds since the start",
            "percent of the calls",
            (12, 11),
        )?;
        let ideal = ideal.points(scenario.calls).chain([(end, 100.0)]).collect();
        line(
            &mut chart,
            "ideal fluid".to_owned(),
            INK.mix(0.2).stroke_width(7),
            ideal,
        )?;
        for (policy, record) in runs {
            let done = share_done(record, scenario.calls, end);
            let style = colour(*policy).stroke_width(2);
            line(&mut chart, label(*policy, record), style, done)?;
        }
        legend(&mut chart, SeriesLabelPosition::LowerRight)
    })
}

fn line(
    chart: &mut Chart<'_, '_>,
    label: String,
    style: ShapeStyle,
    points: Vec<(f64, f64)>,
) -> Result<()> {
    chart
        .draw_series(LineSeries::new(points, style))
        .map_err(broken)?
        .label(label)
        .legend(move |(x, y)| PathElement::new([(x, y), (x + 14, y)], style));
    Ok(())
}

fn label(policy: Policy, record: &Record) -> String {
    match report::brief(record.figures.lost).as_str() {
        "0" => policy.name().to_owned(),
        lost => format!("{} (gives up {lost} %)", policy.name()),
    }
}

/// Percent of the calls that are done, every fifth of a second, to the end of the plot.
fn share_done(record: &Record, calls: usize, end: f64) -> Vec<(f64, f64)> {
    let steps = (end * 5.0) as usize;
    let share = |step: usize| {
        let time = step as f64 / 5.0;
        let done = record.done.partition_point(|(done, _)| *done <= time);
        (time, 100.0 * done as f64 / calls as f64)
    };
    (0..=steps).map(share).collect()
}
