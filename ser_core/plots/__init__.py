"""Figures as pure functions: data and a theme in, a Plotly figure out."""
