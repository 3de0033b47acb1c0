"""The process that keeps the serial displays over the windows true."""
