from pages.shared import components

components.title_row("Live demo")
components.empty(
    "The live demo is not built yet.",
    "Score a file on the command line instead.",
    command="python -m ser_core predict FILE",
)
