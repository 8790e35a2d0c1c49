"""The HTTP service: sound in, the command line's answers out; nothing is kept on a disk."""
