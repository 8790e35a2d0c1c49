from pages.shared import components

components.title_row("Models")
components.empty("Nothing to show yet.", "This page is being built.")
