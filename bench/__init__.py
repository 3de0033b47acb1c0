"""Speed as ratios to limits measured in the same run; figures in milliseconds mean nothing alone."""
