"""Identity cards at the other end of the reader's wire: chips, the states that issue them, and the slots they are laid on."""
