"""Download, unpacking and verification of official archives."""
