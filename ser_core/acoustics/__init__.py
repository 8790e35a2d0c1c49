"""What people see of a sound: descriptors and tracks that no model is fed with."""
