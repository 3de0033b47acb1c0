"""A whole hall on one machine: starts every process on real wires, watches, breaks them on request, and reports from the wires."""
