"""One function per screen: state and hall in, a `Face` out. Pure."""
