"""Model bundles: the files of `models/<name>/`, and the networks in them."""
