"""Tests that need a wire: a pty, a socket, a broker."""
