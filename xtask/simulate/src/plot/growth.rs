//! Values over time, with a panel for each.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::{ChartBuilder, LineSeries};
use plotters::style::Color as _;

use super::{Area, LINE, axes, broken, draw, text};

/// A value over time.
#[derive(Clone, Debug)]
pub struct Panel {
    /// The name of the value, with its unit.
    name: String,
    /// Seconds since the start, and the value.
    points: Vec<(f64, f64)>,
}

impl Panel {
    /// A panel with this name, and these points of seconds since the start and value.
    #[must_use]
    pub fn new(name: impl Into<String>, points: Vec<(f64, f64)>) -> Self {
        let name = name.into();
        Self { name, points }
    }
}

/// Draws the panels below each other, each with an axis of its own that begins at zero. Writes an SVG file.
///
/// # Errors
///
/// If the file cannot be written.
pub fn growth(path: &Path, title: &str, panels: &[Panel]) -> Result<()> {
    draw(path, (960, 210 * panels.len() as u32 + 50), |root| {
        let (head, rest) = root.split_vertically(44);
        head.draw_text(title, &text(19), (14, 14)).map_err(broken)?;
        let areas = rest.split_evenly((panels.len(), 1));
        areas
            .iter()
            .zip(panels)
            .try_for_each(|(area, panel)| draw_panel(area, panel))
    })
}

fn draw_panel(area: &Area<'_>, panel: &Panel) -> Result<()> {
    let most = |value: fn(&(f64, f64)) -> f64| panel.points.iter().map(value).fold(1.0, f64::max);
    let (end, top) = (most(|(x, _)| *x), most(|(_, y)| *y) * 1.15);
    let mut chart = ChartBuilder::on(area)
        .margin_left(10)
        .margin_right(18)
        .x_label_area_size(38)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..end, 0.0..top)
        .map_err(broken)?;
    axes(&mut chart, "seconds since the start", &panel.name, (12, 5))?;
    let line = LineSeries::new(panel.points.clone(), LINE.stroke_width(2));
    chart.draw_series(line).map(drop).map_err(broken)
}
