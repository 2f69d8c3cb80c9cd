//! How a fleet grows: refused sends and trips to Redis over the number of processes.

use std::path::Path;

use anyhow::Result;
use plotters::prelude::{
    ChartBuilder, Circle, IntoLogRange as _, LineSeries, PathElement, RGBColor, SeriesLabelPosition,
};
use plotters::style::Color as _;

use super::{Area, GRID, INK, broken, draw, text};

/// One line: its name, and its points of processes and value.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// The smallest value that the axes show; smaller ones are drawn there.
const LEAST: f64 = 0.001;

const COLOURS: [RGBColor; 4] = [
    RGBColor(0xD9, 0x5F, 0x02),
    RGBColor(0xF0, 0xB4, 0x29),
    RGBColor(0x00, 0x5A, 0x9C),
    RGBColor(0x56, 0xB4, 0xE9),
];

/// Draws refused sends above, and trips below.
pub(crate) fn fleet(path: &Path, refused: &[Line], trips: &[Line]) -> Result<()> {
    draw(path, (960, 760), |root| {
        let (above, below) = root.split_vertically(390);
        panel(&above, "percent of sends refused", 100.0, refused, &COLOURS)?;
        let fleet = COLOURS.get(2..).unwrap_or_default();
        panel(&below, "trips to Redis for each request", 3.0, trips, fleet)
    })
}

fn panel(root: &Area<'_>, y: &str, most: f64, lines: &[Line], colours: &[RGBColor]) -> Result<()> {
    let mut chart = ChartBuilder::on(root)
        .margin(12)
        .margin_right(18)
        .x_label_area_size(42)
        .y_label_area_size(64)
        .build_cartesian_2d((0.9..230.0).log_scale(), (LEAST..most).log_scale())
        .map_err(broken)?;
    chart
        .configure_mesh()
        .light_line_style(plotters::style::WHITE)
        .bold_line_style(GRID)
        .axis_style(INK)
        .x_desc("processes")
        .y_desc(y)
        .x_label_formatter(&|value| format!("{value:.0}"))
        .y_label_formatter(&|value| {
            if *value <= LEAST {
                format!("≤ {LEAST}")
            } else {
                format!("{value}")
            }
        })
        .axis_desc_style(text(14))
        .label_style(text(13))
        .draw()
        .map_err(broken)?;
    for (line, colour) in lines.iter().zip(colours.iter().copied()) {
        let points: Vec<_> = line
            .points
            .iter()
            .map(|(x, y)| (*x, y.max(LEAST)))
            .collect();
        let style = colour.stroke_width(2);
        chart
            .draw_series(LineSeries::new(points.clone(), style))
            .map_err(broken)?
            .label(line.name.clone())
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 14, y)], style));
        let dots = points
            .into_iter()
            .map(|point| Circle::new(point, 4, colour.filled()));
        chart.draw_series(dots).map_err(broken)?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(plotters::style::WHITE.mix(0.9))
        .border_style(GRID)
        .label_font(text(13))
        .draw()
        .map_err(broken)
}
