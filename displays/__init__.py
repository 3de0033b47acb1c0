"""What visitors look at while they wait: the hall's board and the small displays over the windows."""
