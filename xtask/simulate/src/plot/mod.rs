//! The plots, in SVG, drawn from the same runs as the tables.

mod arrivals;
mod completion;
mod fleet;
mod growth;
mod refusals;

use std::path::Path;

use anyhow::{Result, anyhow};
use intercom_pace::Pacing;
use plotters::chart::ChartContext;
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    DrawingArea, IntoDrawingArea as _, IntoFont as _, RGBColor, SVGBackend, SeriesLabelPosition,
    WHITE,
};
use plotters::style::{Color as _, TextStyle};

pub(super) use self::arrivals::arrivals;
pub(super) use self::completion::completion;
pub(super) use self::fleet::{Line, fleet};
pub use self::growth::{Panel, growth};
pub(super) use self::refusals::{Group, refusals};
use super::policy::Policy;

const INK: RGBColor = RGBColor(0x33, 0x33, 0x33);
const GRID: RGBColor = RGBColor(0xDD, 0xDD, 0xDD);
const LINE: RGBColor = RGBColor(0x00, 0x5A, 0x9C);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// The colour of a policy in every plot. Colour-blind readers can tell them apart.
const fn colour(policy: Policy) -> RGBColor {
    match policy {
        Policy::Ours(Pacing::Fast) => RGBColor(0x56, 0xB4, 0xE9),
        Policy::Ours(_) => LINE,
        Policy::WaitForReset(u32::MAX) => RGBColor(0xF0, 0xB4, 0x29),
        Policy::WaitForReset(_) => RGBColor(0xD9, 0x5F, 0x02),
        Policy::NodeSdk => RGBColor(0xA8, 0x2A, 0x5A),
        Policy::FullJitter => RGBColor(0x8A, 0x8A, 0x8A),
        Policy::Bucket => RGBColor(0x1B, 0x9E, 0x77),
    }
}

fn text(size: i32) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", size).into_font()).color(&INK)
}

/// Draws axes with names and whole numbers, without labels on x if the caller writes them.
fn axes(chart: &mut Chart<'_, '_>, x: &str, y: &str, labels: (usize, usize)) -> Result<()> {
    let mut mesh = chart.configure_mesh();
    if labels.0 == 0 {
        mesh.disable_x_mesh();
    }
    mesh.light_line_style(WHITE)
        .bold_line_style(GRID)
        .axis_style(INK)
        .x_labels(labels.0)
        .y_labels(labels.1)
        .x_desc(x)
        .y_desc(y)
        .x_label_formatter(&|value| format!("{value:.0}"))
        .y_label_formatter(&|value| format!("{value:.0}"))
        .axis_desc_style(text(14))
        .label_style(text(13))
        .draw()
        .map_err(broken)
}

fn legend<'a, 'b: 'a>(chart: &mut Chart<'a, 'b>, position: SeriesLabelPosition) -> Result<()> {
    chart
        .configure_series_labels()
        .position(position)
        .background_style(WHITE.mix(0.9))
        .border_style(GRID)
        .label_font(text(13))
        .draw()
        .map_err(broken)
}

fn draw(path: &Path, size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Result<()>) -> Result<()> {
    let root = SVGBackend::new(path, size).into_drawing_area();
    root.fill(&WHITE).map_err(broken)?;
    draw(&root)?;
    root.present().map_err(broken)
}

/// Converts an error of plotters, which borrows from the drawing and cannot be returned.
fn broken(error: impl std::fmt::Display) -> anyhow::Error {
    anyhow!("drawing failed: {error}")
}
