"""Many files: judged on all cores or a cluster, a row each, and nothing done twice after a stop."""
