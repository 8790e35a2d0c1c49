"""Results as records, tables and pages to take along."""
